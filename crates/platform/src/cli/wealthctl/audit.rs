use super::output::{self, Format};
use crate::PlatformError;
use clap::Subcommand;
use runtime::Settings;

/// What can be done about the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Walks the audit log and the journal entries of every firm and names the first row or entry that is not as it was
    /// written. Servers may go on meanwhile.
    Verify,
}

/// Runs one of them.
pub(super) async fn run(
    settings: Settings,
    command: AuditCommand,
    format: Format,
) -> Result<(), PlatformError> {
    let AuditCommand::Verify = command;
    let platform = super::platform(settings).await?;
    let verified = platform.verify_audit_log().await;
    platform.stop().await;
    let chains = verified?;
    output::print(
        format,
        &chains,
        &["CHAIN", "FIRM", "WHOLE ROWS", "STATE"],
        |chain| {
            let state = match (chain.broken_row, chain.reason) {
                (Some(row), Some(reason)) => format!("broken at row {row}: {reason}"),
                _ => "whole".to_owned(),
            };
            vec![
                chain.chain.to_owned(),
                chain.firm.to_string(),
                chain.rows.to_string(),
                state,
            ]
        },
    )?;
    let broken = chains.iter().find_map(|chain| {
        let row = chain.broken_row?;
        let id = chain.broken_id.map(|id| format!(" ({id})")).unwrap_or_default();
        Some(format!(
            "the {} of firm {} {} broken at row {row}{id}: {}",
            match chain.chain {
                "entries" => "journal entries",
                other => other,
            },
            chain.firm,
            if chain.chain == "entries" { "are" } else { "is" },
            chain.reason.unwrap_or_default()
        ))
    });
    broken.map_or(Ok(()), |sentence| Err(PlatformError::Command(sentence)))
}

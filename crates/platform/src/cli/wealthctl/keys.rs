use super::output::{self, Format};
use crate::PlatformError;
use clap::Subcommand;
use runtime::Settings;

/// What can be done about keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Encrypts sensitive fields anew under ENCRYPTION_KEY, where they are under one of
    /// security.encryption_previous_keys. Servers may go on meanwhile; running it again changes nothing. Run it once more
    /// after the previous keys were taken out: look-ups by encrypted fields then follow the new key.
    Reencrypt,
}

/// Runs one of them.
pub(super) async fn run(
    settings: Settings,
    command: KeysCommand,
    format: Format,
) -> Result<(), PlatformError> {
    let KeysCommand::Reencrypt = command;
    let platform = super::platform(settings).await?;
    let done = platform.reencrypt().await;
    platform.stop().await;
    output::print(
        format,
        &done?,
        &["GROUP", "COLLECTION", "DOCUMENTS", "CHANGED"],
        |done| {
            vec![
                done.group.to_owned(),
                done.collection.collection.to_owned(),
                done.collection.documents.to_string(),
                done.collection.changed.to_string(),
            ]
        },
    )
}

use super::output::{self, Format};
use crate::PlatformError;
use runtime::Settings;

/// Brings every store up to date and lists what stands in it. Running it again does nothing.
pub(super) async fn run(settings: Settings, format: Format) -> Result<(), PlatformError> {
    let platform = super::platform(settings).await?;
    let applied = platform.migrations().await?;
    platform.stop().await;
    output::print(
        format,
        &applied,
        &["GROUP", "VERSION", "NAME", "APPLIED AT"],
        |migration| {
            vec![
                migration.group.to_owned(),
                migration.version.to_string(),
                migration.name.clone(),
                migration.applied_at.to_rfc3339(),
            ]
        },
    )
}

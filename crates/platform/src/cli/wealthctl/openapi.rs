use crate::{Platform, PlatformError, cli::say};
use runtime::Settings;

/// Prints the OpenAPI document that a server with these settings serves.
pub(super) async fn print(settings: Settings) -> Result<(), PlatformError> {
    let platform: Platform = super::platform(settings).await?;
    let document = platform.openapi();
    platform.stop().await;
    let text = serde_json::to_string_pretty(&document?)
        .map_err(|error| PlatformError::Command(error.to_string()))?;
    say(&text);
    Ok(())
}

//! The keys of access tokens.

use super::output::{self, Format};
use crate::{PlatformError, assembly::TokenKeyState};
use runtime::{Settings, settings::TokenAlgorithm};
use secrecy::SecretString;
use serde_json::json;
use trust::{SecretFile, TokenKeys};

/// Shows the keys.
pub(super) async fn list(settings: Settings, format: Format) -> Result<(), PlatformError> {
    match settings.auth.algorithm {
        TokenAlgorithm::Eddsa => pairs(settings, false, format).await,
        TokenAlgorithm::Hs256 => list_secrets(&settings, format),
    }
}

/// Changes the key that signs.
pub(super) async fn rotate(settings: Settings, format: Format) -> Result<(), PlatformError> {
    if settings.auth.algorithm == TokenAlgorithm::Eddsa {
        return pairs(settings, true, format).await;
    }
    let secret: [u8; 32] = kernel::Sources::system().random();
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    output::print(format, &steps(&secret), &["STEP", "DO"], |step| {
        vec![text(&step["step"]), text(&step["do"])]
    })
}

async fn pairs(settings: Settings, rotate: bool, format: Format) -> Result<(), PlatformError> {
    let platform = super::platform(settings).await?;
    let keys = platform.token_keys(rotate).await;
    platform.stop().await;
    show(format, &keys?)
}

fn show(format: Format, keys: &[TokenKeyState]) -> Result<(), PlatformError> {
    output::print(format, keys, &["KEY", "STATE", "SIGNS FROM"], |key| {
        vec![key.kid.clone(), key.state.clone(), key.signs_from.to_rfc3339()]
    })
}

/// The ids of the secrets; the secrets themselves are never shown.
fn list_secrets(settings: &Settings, format: Format) -> Result<(), PlatformError> {
    let auth = &settings.auth;
    let newest: SecretString = SecretFile::JWT.resolve(
        auth.jwt_secret.as_ref(),
        &settings.server.data_dir,
        settings.is_production(),
        &**kernel::Sources::system().entropy(),
    )?;
    let ids = TokenKeys::ids_of_secrets(&newest, &auth.jwt_previous_secrets);
    let rows: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| {
            let state = if index == 0 { "signs" } else { "verifies" };
            json!({ "kid": id, "state": state })
        })
        .collect();
    output::print(format, &rows, &["KEY", "STATE"], |row| {
        vec![text(&row["kid"]), text(&row["state"])]
    })
}

/// A secret that is only half known refuses users: first everybody verifies with it, then everybody signs.
fn steps(secret: &str) -> [serde_json::Value; 3] {
    [
        json!({ "step": "1", "do": format!(
            "set WEALTHOS__AUTH__JWT_PREVIOUS_SECRETS={secret} (beside those that stand there) and restart every process"
        )}),
        json!({ "step": "2", "do": format!(
            "set JWT_SECRET={secret}, put the old one into WEALTHOS__AUTH__JWT_PREVIOUS_SECRETS, and restart every \
             process; without JWT_SECRET until now, the old one stands in jwt.secret in the data directory"
        )}),
        json!({ "step": "3", "do": "after five minutes take the old one out of WEALTHOS__AUTH__JWT_PREVIOUS_SECRETS" }),
    ]
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

//! The keys of access tokens.

use super::output::{self, Format};
use crate::{PlatformError, assembly::TokenKeyState, shared_secrets};
use kernel::Sources;
use runtime::{Settings, settings::TokenAlgorithm};
use serde_json::json;
use trust::{SecretFile, SecretState, TokenKeys};

/// Shows the keys.
pub(super) async fn list(settings: Settings, format: Format) -> Result<(), PlatformError> {
    match settings.auth.algorithm {
        TokenAlgorithm::Eddsa => pairs(settings, false, format).await,
        TokenAlgorithm::Hs256 => list_secrets(&settings, format),
    }
}

/// Changes the key that signs: pairs of keys and a secret in the data directory at once, beside running servers; for a
/// secret in the environment it says what is to be done there.
pub(super) async fn rotate(settings: Settings, format: Format) -> Result<(), PlatformError> {
    if settings.auth.algorithm == TokenAlgorithm::Eddsa {
        return pairs(settings, true, format).await;
    }
    let sources = Sources::system();
    if shared_secrets::is_kept(&settings) {
        // In production there is no secret in the data directory, and this says so.
        shared_secrets::jwt_series(&settings, &sources)?;
        let (data_dir, now) = (&settings.server.data_dir, sources.now());
        SecretFile::JWT.rotate(data_dir, now, &**sources.entropy())?;
        return list_secrets(&settings, format);
    }
    let secret: [u8; 32] = sources.random();
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = settings.auth.jwt_previous_secrets.len();
    output::print(format, &steps(&secret, kept), &["STEP", "DO"], |step| {
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
    let sources = Sources::system();
    let series = shared_secrets::jwt_series(settings, &sources)?;
    let mut rows = Vec::new();
    for (kid, state, from) in series.states(sources.now()) {
        let state = match state {
            SecretState::Next => "next",
            SecretState::Signs => "signs",
            SecretState::Verifies => "verifies",
            SecretState::Over => continue,
        };
        let from = from.map_or_else(|| "the beginning".to_owned(), |time| time.to_rfc3339());
        rows.push(json!({ "kid": kid, "state": state, "signs_from": from }));
    }
    for secret in &settings.auth.jwt_previous_secrets {
        let kid = TokenKeys::id_of_secret(secret);
        rows.push(json!({ "kid": kid, "state": "verifies", "signs_from": "" }));
    }
    output::print(format, &rows, &["KEY", "STATE", "SIGNS FROM"], |row| {
        vec![text(&row["kid"]), text(&row["state"]), text(&row["signs_from"])]
    })
}

/// A secret that is only half known refuses users: first everybody verifies with it, then everybody signs.
fn steps(secret: &str, kept: usize) -> [serde_json::Value; 3] {
    const OTHERS: &str = "WEALTHOS__AUTH__JWT_PREVIOUS_SECRETS";
    let beside = match kept {
        0 => String::new(),
        kept => format!(" behind the {kept} that it holds, with a comma between"),
    };
    [
        json!({ "step": "1", "do": format!(
            "put the new secret into {OTHERS}{beside} for every process, and restart them one after the other: \
             {OTHERS}={secret}"
        )}),
        json!({ "step": "2", "do": format!(
            "move what JWT_SECRET holds now into {OTHERS} in place of the new one, and restart every process with the \
             new one: JWT_SECRET={secret}"
        )}),
        json!({ "step": "3", "do": format!(
            "six minutes after the last of them is back, take the old secret out of {OTHERS} and restart once more: \
             nothing that it signed is good any longer, and nobody was logged out"
        )}),
    ]
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

use super::{Problems, mask_secret};
use kernel::Role;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use trust::OnStale;

/// Log-in and tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// Signs access tokens (HS256): at least 32 bytes. In development one is made when it is missing.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub jwt_secret: Option<SecretString>,
    /// Secrets that signed before this one: they still verify, they never sign.
    #[serde(serialize_with = "mask_secrets")]
    pub jwt_previous_secrets: Vec<SecretString>,
    /// The `iss` of tokens.
    pub issuer: String,
    /// The `aud` of tokens.
    pub audience: String,
    /// Minutes that an access token lives: 1 to 5.
    pub access_token_minutes: u32,
    /// Days that a refresh token lives: 1 to 365.
    pub refresh_token_days: u32,
    /// Who may register openly; see [`crate::Settings::open_registration`] for what unset means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_registration: Option<Vec<Role>>,
    /// What happens to tokens while the news of revocations is cut off.
    pub on_stale: OnStale,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            jwt_previous_secrets: Vec::new(),
            issuer: "wealthos".to_owned(),
            audience: "wealthos".to_owned(),
            access_token_minutes: 5,
            refresh_token_days: 30,
            open_registration: None,
            on_stale: OnStale::Accept,
        }
    }
}

impl AuthSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1..=5).contains(&self.access_token_minutes),
            "auth.access_token_minutes",
            "must be 1 to 5: a revoked log-in is remembered no longer than that",
        );
        problems.require(
            (1..=365).contains(&self.refresh_token_days),
            "auth.refresh_token_days",
            "must be 1 to 365",
        );
        problems.require(!self.issuer.is_empty(), "auth.issuer", "must not be empty");
        problems.require(!self.audience.is_empty(), "auth.audience", "must not be empty");
        let open = self.open_registration.iter().flatten();
        problems.require(
            open.copied()
                .all(|role| matches!(role, Role::Advisor | Role::Client)),
            "auth.open_registration",
            "may hold advisor and client only: other roles are given by an admin",
        );
    }
}

fn mask_secrets<S: Serializer>(secrets: &[SecretString], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|_| "********"))
}

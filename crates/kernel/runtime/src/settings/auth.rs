use super::{Problems, mask_secret, mask_secrets};
use kernel::Role;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{collections::BTreeMap, path::PathBuf};
use trust::{OnStale, PublicKey};

/// What users may do who have not confirmed their e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unverified {
    /// Everything that their role allows.
    Full,
    /// Read, and keep their own account.
    Limited,
    /// Nothing: their log-in is answered like one that does not exist, so that registering tells nobody whether an
    /// address has an account.
    Refused,
}

/// What signs access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenAlgorithm {
    /// A secret that every process has: `jwt_secret`.
    #[default]
    Hs256,
    /// Pairs of keys that auth makes and keeps: only auth can mint.
    Eddsa,
}

/// Log-in and tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// What signs access tokens.
    pub algorithm: TokenAlgorithm,
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
    /// Days that a session lives at most, however often it is used: 1 to 365.
    pub session_days: u32,
    /// Who may register openly; see [`crate::Settings::open_registration`] for what unset means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_registration: Option<Vec<Role>>,
    /// What users may do who have not confirmed their e-mail; see [`crate::Settings::limits_unverified`] for what unset
    /// means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unverified: Option<Unverified>,
    /// The roles that reach nothing but their own account until they have a second factor.
    pub mfa_required: Vec<Role>,
    /// A list of passwords that nobody may choose: one a line, or SHA-1 in hex as haveibeenpwned.com has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breached_passwords_file: Option<PathBuf>,
    /// Who administers a fresh installation: made at the first start, together with `admin_password`. Unset prints a
    /// set-up link instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_email: Option<String>,
    /// The password of that administrator: 8 to 128 characters. Not looked at once somebody administers the
    /// installation.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub admin_password: Option<SecretString>,
    /// What happens to tokens while the news of revocations is cut off.
    pub on_stale: OnStale,
    /// What processes prove themselves to each other with: at least 32 bytes, the same in all of them. Unset derives it
    /// from `jwt_secret`.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub service_secret: Option<SecretString>,
    /// Service secrets before this one: what they signed is still believed.
    #[serde(serialize_with = "mask_secrets")]
    pub service_previous_secrets: Vec<SecretString>,
    /// This process's own key (Ed25519, PKCS#8 in PEM). With one, service tokens are signed with it instead of the
    /// shared secret, and no process can speak as another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_key_file: Option<PathBuf>,
    /// The public keys of the other processes by the group that they run, or `gateway`.
    pub service_peers: BTreeMap<String, PeerKeys>,
}

/// The public keys of one peer, in base64 and separated by commas: more than one while a key is changed, or where two
/// processes run the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerKeys(pub Vec<PublicKey>);

impl Serialize for PeerKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = self.0.iter().map(PublicKey::to_string).collect();
        serializer.serialize_str(&texts.join(","))
    }
}

impl<'de> Deserialize<'de> for PeerKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let keys = text.split(',').map(str::parse).collect::<Result<_, _>>();
        keys.map(Self).map_err(de::Error::custom)
    }
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            algorithm: TokenAlgorithm::Hs256,
            jwt_secret: None,
            jwt_previous_secrets: Vec::new(),
            issuer: "wealthos".to_owned(),
            audience: "wealthos".to_owned(),
            access_token_minutes: 5,
            refresh_token_days: 30,
            session_days: 90,
            open_registration: None,
            unverified: None,
            mfa_required: Vec::new(),
            breached_passwords_file: None,
            admin_email: None,
            admin_password: None,
            on_stale: OnStale::Accept,
            service_secret: None,
            service_previous_secrets: Vec::new(),
            service_key_file: None,
            service_peers: BTreeMap::new(),
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
        problems.require(
            (1..=365).contains(&self.session_days),
            "auth.session_days",
            "must be 1 to 365",
        );
        problems.require(
            self.admin_email.is_some() == self.admin_password.is_some(),
            "auth.admin_email",
            "needs auth.admin_password (WEALTHOS_ADMIN_PASSWORD), and the other way round",
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
        problems.require(
            !self.mfa_required.contains(&Role::Service),
            "auth.mfa_required",
            "cannot hold service: service accounts have keys and no second factor",
        );
        problems.require(
            self.service_peers.is_empty() || self.service_key_file.is_some(),
            "auth.service_peers",
            "needs auth.service_key_file: a process that knows its peers by their keys must have one of its own",
        );
        problems.require(
            self.service_previous_secrets.is_empty() || self.service_secret.is_some(),
            "auth.service_previous_secrets",
            "needs auth.service_secret (SERVICE_SECRET): without one, service tokens follow jwt_secret and \
             jwt_previous_secrets",
        );
    }
}

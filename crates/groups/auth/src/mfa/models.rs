use crate::SecretText;
use chrono::{DateTime, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping};
use utoipa::ToSchema;

/// The second factor of a user, under the user's own id.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MfaFactor {
    pub(crate) user_id: UserId,
    /// The secret that counts, in hex; none before the first confirmation.
    pub(crate) secret: Option<String>,
    /// A secret that is enrolled and not confirmed yet, in hex.
    pub(crate) pending: Option<String>,
    /// Since when it counts.
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    /// The step of the last code that was used: none is used twice.
    pub(crate) last_step: i64,
    /// SHA-256 of the recovery codes that are left.
    pub(crate) recovery_codes: Vec<String>,
}

impl MfaFactor {
    /// Nothing is enrolled yet.
    pub(crate) fn none(user_id: UserId) -> Self {
        Self {
            user_id,
            secret: None,
            pending: None,
            confirmed_at: None,
            last_step: 0,
            recovery_codes: Vec::new(),
        }
    }
}

impl Document for MfaFactor {
    fn collection() -> &'static Collection {
        static FACTORS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("mfa_factors", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
                .encrypted("secret")
                .encrypted("pending")
        });
        &FACTORS
    }
}

/// A code of an authenticator app, or a recovery code.
pub(crate) type TypedCode = SecretText<6, 40>;

/// What proves the second factor.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SecondFactor<'a> {
    /// Six digits of the app.
    Code(&'a str),
    /// One of the recovery codes.
    Recovery(&'a str),
}

impl<'a> SecondFactor<'a> {
    /// What was sent: a recovery code where both were.
    pub(crate) fn of(code: Option<&'a TypedCode>, recovery: Option<&'a TypedCode>) -> Option<Self> {
        recovery
            .map(|code| Self::Recovery(code.expose()))
            .or(code.map(|code| Self::Code(code.expose())))
    }
}

/// Whether log-ins ask for a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MfaStatus)]
pub(crate) struct StatusView {
    /// Whether they do.
    pub(crate) enabled: bool,
    /// Since when, UTC.
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    /// Whether a secret waits for its first code.
    pub(crate) pending: bool,
    /// How many recovery codes are left.
    pub(crate) recovery_codes_left: usize,
}

impl StatusView {
    pub(crate) fn of(factor: Option<&MfaFactor>) -> Self {
        Self {
            enabled: factor.is_some_and(|factor| factor.secret.is_some()),
            confirmed_at: factor.and_then(|factor| factor.confirmed_at),
            pending: factor.is_some_and(|factor| factor.pending.is_some()),
            recovery_codes_left: factor.map_or(0, |factor| factor.recovery_codes.len()),
        }
    }
}

/// A secret for an authenticator app. Shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = MfaEnrolment)]
pub(crate) struct EnrolmentView {
    /// The secret in base32, to be typed in.
    pub(crate) secret: String,
    /// The same as an address, to be shown as a QR code.
    pub(crate) otpauth_uri: String,
}

/// Recovery codes. Shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = MfaRecoveryCodes)]
pub(crate) struct RecoveryCodesView {
    /// Each is good once, in place of a code of the app.
    pub(crate) recovery_codes: Vec<String>,
}

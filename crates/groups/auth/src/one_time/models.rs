use crate::SecretText;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A code as somebody sends it in.
pub(crate) type GivenCode = SecretText<1, 200>;

/// What a code is good for, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Proves the log-in e-mail.
    VerifyEmail,
    /// Proves an e-mail that is to become the log-in e-mail.
    ChangeEmail,
    /// Sets a new password.
    ResetPassword,
    /// Sets the first password of somebody who was invited.
    AcceptInvitation,
    /// Takes the deletion of an account back.
    RestoreAccount,
    /// The first step of a log-in is done.
    SecondFactor,
}

impl Purpose {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Purpose::VerifyEmail => "verify_email",
            Purpose::ChangeEmail => "change_email",
            Purpose::ResetPassword => "reset_password",
            Purpose::AcceptInvitation => "accept_invitation",
            Purpose::RestoreAccount => "restore_account",
            Purpose::SecondFactor => "second_factor",
        }
    }

    /// How long a code is good.
    pub(crate) fn life(self) -> TimeDelta {
        match self {
            Purpose::VerifyEmail | Purpose::ChangeEmail => TimeDelta::hours(24),
            Purpose::ResetPassword => TimeDelta::minutes(30),
            Purpose::AcceptInvitation => TimeDelta::days(7),
            Purpose::RestoreAccount => TimeDelta::days(30),
            Purpose::SecondFactor => TimeDelta::minutes(5),
        }
    }
}

/// A code as it is stored: its SHA-256, under an id that is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OneTimeToken {
    pub(crate) user_id: UserId,
    pub(crate) purpose: Purpose,
    /// SHA-256, lower-case hex.
    pub(crate) token_hash: String,
    /// The address that it proves.
    pub(crate) email: Option<String>,
    pub(crate) expires_at: DateTime<Utc>,
    /// How often what goes with it was wrong.
    pub(crate) failures: u32,
    /// Which password of the user the first step of a log-in was done with.
    pub(crate) generation: Option<u32>,
    /// What the browser or program calls itself that has done the first step of a log-in.
    pub(crate) device: Option<String>,
    /// The address that it came from.
    pub(crate) address: Option<String>,
}

impl Document for OneTimeToken {
    fn collection() -> &'static Collection {
        static TOKENS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("one_time_tokens", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
                .field("purpose", FieldKind::Text)
                .field("expires_at", FieldKind::Time)
                .serves(&["purpose"], &["created_at"])
                .serves(&[], &["expires_at"])
                .encrypted("email")
                .encrypted("device")
                .encrypted("address")
        });
        &TOKENS
    }
}

use kernel::{Email, UserId};
use serde::{Deserialize, Serialize};

/// A mail that somebody is to get. Codes are not in it: they are made when it is sent, and stand in the mail alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub(crate) enum Letter {
    /// A code that proves the log-in e-mail.
    VerifyEmail { user_id: UserId },
    /// A code that proves another e-mail, sent there.
    ChangeEmail { user_id: UserId, email: Email },
    /// A code for a new password, if there is an account with this e-mail.
    ResetPassword { email: Email },
    /// A code for the first password.
    Invitation { user_id: UserId, email: Email },
    /// A code that takes the deletion back.
    AccountDeleted { user_id: UserId, email: Email },
    /// Somebody did something with this address that its owner need not know of: told if there is an account with it.
    Unasked { email: Email, notice: Notice },
    /// Something about the account changed: without a code.
    Notice { email: Email, notice: Notice },
}

/// What a user is told after it happened, so that they notice if it was not they.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    PasswordChanged,
    EmailChanged,
    MfaTurnedOn,
    MfaTurnedOff,
    RecoveryCodeUsed,
    AccountRestored,
    MfaReset,
    RegisteredAgain,
    InvitedAgain,
}

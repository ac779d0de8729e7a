//! Every text that this group mails, in one place. Nothing that a user wrote stands in them: whoever registers with
//! somebody else's address must not be able to write to it.

use super::letter::Notice;
use crate::one_time::Purpose;
use url::Url;

/// A subject and a text.
pub(super) struct Text {
    pub(super) subject: &'static str,
    pub(super) body: String,
}

/// What is mailed together with a code.
pub(super) fn with_code(purpose: Purpose, code: &str, link_base: Option<&Url>) -> Text {
    let (subject, wish, page, route, good) = match purpose {
        Purpose::VerifyEmail | Purpose::SecondFactor => (
            "Confirm your e-mail address",
            "confirm that this address is yours with this code:",
            "verify-email",
            "/api/auth/email/verify with {\"token\": \"...\"}",
            "24 hours",
        ),
        Purpose::ChangeEmail => (
            "Confirm your new e-mail address",
            "confirm that you want to log in with this address from now on with this code:",
            "verify-email",
            "/api/auth/email/verify with {\"token\": \"...\"}",
            "24 hours",
        ),
        Purpose::ResetPassword => (
            "Set a new password",
            "somebody asked for a new password for your account. Set it with this code:",
            "reset-password",
            "/api/auth/password/reset with {\"token\": \"...\", \"new_password\": \"...\"}",
            "30 minutes",
        ),
        Purpose::AcceptInvitation => (
            "You are invited to WealthOS",
            "an account was prepared for you. Choose your password with this code:",
            "accept-invitation",
            "/api/auth/invitations/accept with {\"token\": \"...\", \"password\": \"...\"}",
            "7 days",
        ),
        Purpose::RestoreAccount => (
            "Your account was deleted",
            "your account was deleted and all your log-ins were ended. If that was a mistake, take it back with this code:",
            "restore-account",
            "/api/auth/account/restore with {\"token\": \"...\"}",
            "30 days",
        ),
    };
    let how = match link_base {
        Some(base) => format!(
            "Open this page, or enter the code there:\n\n{}/{page}#token={code}\n",
            base.as_str().trim_end_matches('/')
        ),
        None => format!("Send it in a POST to {route}\n"),
    };
    Text {
        subject,
        body: format!(
            "Hello,\n\n{wish}\n\n{code}\n\n{how}\nThe code is good once and for {good}. \
             If you did not expect this mail, you need not do anything.\n\nWealthOS\n"
        ),
    }
}

/// What is mailed after something happened.
pub(super) fn of_notice(notice: Notice) -> Text {
    let (subject, happened) = match notice {
        Notice::PasswordChanged => (
            "Your password was changed",
            "the password of your account was changed, and your other log-ins were ended.",
        ),
        Notice::EmailChanged => (
            "Your e-mail address was changed",
            "the e-mail address that you log in with was changed to another one. This address is no longer in use.",
        ),
        Notice::MfaTurnedOn => (
            "Two-step log-in is on",
            "your account now asks for a code of your authenticator app when you log in.",
        ),
        Notice::MfaTurnedOff => (
            "Two-step log-in is off",
            "your account no longer asks for a code of your authenticator app when you log in.",
        ),
        Notice::RecoveryCodeUsed => (
            "A recovery code was used",
            "one of the recovery codes of your account was used in place of a code of your authenticator app.",
        ),
        Notice::AccountRestored => (
            "Your account is back",
            "the deletion of your account was taken back. Log in with your password as before.",
        ),
    };
    Text {
        subject,
        body: format!(
            "Hello,\n\n{happened}\n\nIf that was not you, set a new password at once and tell your administrator.\n\n\
             WealthOS\n"
        ),
    }
}

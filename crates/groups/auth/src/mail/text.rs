//! Every text that this group mails, in one place. Nothing that a user wrote stands in them: whoever registers with
//! somebody else's address must not be able to write to it.

use super::letter::Notice;
use crate::one_time::Purpose;
use url::Url;

/// The longest line of a text, unless a single word is longer.
const WIDTH: usize = 72;

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
            "/api/auth/email/verify\n\n{\"token\": \"...\"}",
            "24 hours",
        ),
        Purpose::ChangeEmail => (
            "Confirm your new e-mail address",
            "confirm that you want to log in with this address from now on with this code:",
            "verify-email",
            "/api/auth/email/verify\n\n{\"token\": \"...\"}",
            "24 hours",
        ),
        Purpose::ResetPassword => (
            "Set a new password",
            "somebody asked for a new password for your account. Set it with this code:",
            "reset-password",
            "/api/auth/password/reset\n\n{\"token\": \"...\", \"new_password\": \"...\"}",
            "30 minutes",
        ),
        Purpose::AcceptInvitation => (
            "You are invited to WealthOS",
            "an account was prepared for you. Choose your password with this code:",
            "accept-invitation",
            "/api/auth/invitations/accept\n\n{\"token\": \"...\", \"password\": \"...\"}",
            "7 days",
        ),
        Purpose::RestoreAccount => (
            "Your account was deleted",
            "your account was deleted and all your log-ins were ended. If that was a mistake, take it back with this code:",
            "restore-account",
            "/api/auth/account/restore\n\n{\"token\": \"...\"}",
            "30 days",
        ),
    };
    let how = match link_base {
        Some(base) => format!(
            "Open this page, or enter the code there:\n\n{}/{page}#token={code}\n",
            base.as_str().trim_end_matches('/')
        ),
        None => format!("Send it in a POST to\n\n{route}\n"),
    };
    Text {
        subject,
        body: wrapped(&format!(
            "Hello,\n\n{wish}\n\n{code}\n\n{how}\nThe code is good once and for {good}. \
             If you did not expect this mail, you need not do anything.\n\nWealthOS\n"
        )),
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
        Notice::MfaReset => (
            "Your two-step log-in was reset",
            "an administrator took the authenticator app and the recovery codes off your account, and ended your \
             log-ins. Log in with your password, and enroll an app anew.",
        ),
        Notice::RegisteredAgain => (
            "You have an account already",
            "somebody wanted to register with this address, which has an account already. Nothing was changed. If \
             that was you: log in, or ask for a new password.",
        ),
        Notice::InvitedAgain => (
            "You have an account already",
            "somebody wanted to invite you at this address, which has an account already. Nothing was changed. To \
             take the invitation, give them another address of yours.",
        ),
    };
    let else_do = match notice {
        Notice::RegisteredAgain | Notice::InvitedAgain => "If that was not you, you need not do anything.",
        _ => "If that was not you, set a new password at once and tell your administrator.",
    };
    Text {
        subject,
        body: wrapped(&format!("Hello,\n\n{happened}\n\n{else_do}\n\nWealthOS\n")),
    }
}

/// The text with lines so short that it is sent as it is: in a mail that is read from its file, nothing is encoded.
fn wrapped(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut short = String::new();
        for word in line.split(' ') {
            if !short.is_empty() && short.len() + word.len() >= WIDTH {
                lines.push(std::mem::take(&mut short));
            }
            if !short.is_empty() {
                short.push(' ');
            }
            short.push_str(word);
        }
        lines.push(short);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_mail_has_to_be_encoded() {
        for purpose in [
            Purpose::VerifyEmail,
            Purpose::ChangeEmail,
            Purpose::ResetPassword,
            Purpose::AcceptInvitation,
            Purpose::RestoreAccount,
        ] {
            let text = with_code(purpose, &"x".repeat(43), None).body;
            assert!(
                text.is_ascii() && text.lines().all(|line| line.len() < 76),
                "{text}"
            );
            assert!(
                text.lines().any(|line| line.len() == 43),
                "the code has its own line: {text}"
            );
            assert!(text.contains("\n\n{\"token\": "), "{text}");
        }
        let text = of_notice(Notice::MfaReset).body;
        assert!(text.lines().all(|line| line.len() < 76), "{text}");
    }
}

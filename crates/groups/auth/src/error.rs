use auth_contract::AuthError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What a route of this group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthFailure {
    /// Wrong e-mail or wrong password: which of the two is not said.
    #[error("the e-mail or the password is wrong")]
    WrongCredentials,
    /// The refresh token is unknown, used up, expired, or its log-in has been ended.
    #[error("this refresh token is no longer good: log in again")]
    BadRefreshToken,
    /// The cookie came without the header that only our pages send.
    #[error("a refresh token in a cookie counts only together with the header X-CSRF")]
    CsrfHeaderMissing,
    /// Neither a refresh token nor a cookie was sent.
    #[error("no refresh token was sent: send it as refresh_token")]
    NoRefreshToken,
    /// The same refresh token was exchanged a moment ago.
    #[error("this refresh token was exchanged a moment ago: use the tokens of that answer")]
    RefreshInProgress,
    /// Another user has this e-mail.
    #[error("a user with this e-mail exists already: log in instead")]
    EmailTaken,
    /// The installation does not let anybody register in this role.
    #[error("nobody can register in this role here: ask an administrator for an account")]
    RegistrationClosed,
    /// The password is right, but the user must not log in.
    #[error("this account is suspended: ask an administrator")]
    Suspended,
    /// Nobody takes a role from themselves: a firm must not lose its last administrator that way.
    #[error("you cannot change your own role: ask another administrator")]
    OwnRole,
    /// No such firm, or the caller may not know of it.
    #[error("there is no such firm")]
    FirmNotFound,
    /// The firm has its first administrator already.
    #[error("this firm has an administrator: ask them for an account")]
    FirmHasAdmin,
    /// No such version of a legal document.
    #[error("there is no such document")]
    LegalNotFound,
    /// Somebody else published in the same moment, or a newer version counts by now.
    #[error("this is not the version that counts: read the current one")]
    LegalOutdated,
    /// Nobody keeps themselves out.
    #[error("you cannot do this to your own account: ask another administrator")]
    OwnAccount,
    /// Nobody acts as another administrator, nor as somebody who cannot log in.
    #[error("nobody can act as an administrator, or as somebody who cannot log in")]
    NotToImpersonate,
    /// The API key is unknown, expired or revoked: which of them is not said.
    #[error("this API key is not good, or no longer")]
    BadApiKey,
    /// No such API key, or one of somebody else.
    #[error("there is no such API key")]
    ApiKeyNotFound,
    /// The set-up token is unknown, used up or expired.
    #[error(
        "this set-up link is not good, or no longer: while nobody administers the installation, `wealthctl admin setup-link` \
         prints another"
    )]
    BadSetupToken,
    /// No such user, or one of another firm.
    #[error("there is no such user")]
    UserNotFound,
    /// No such session, or one of somebody else.
    #[error("there is no such session")]
    SessionNotFound,
    /// The code is unknown, used up, expired or for something else.
    #[error("this code is not good, or no longer: ask for a new one")]
    BadCode,
    /// The password that was to prove the user is not theirs.
    #[error("the password is wrong")]
    WrongProof,
    /// The user has a second factor, and none was sent.
    #[error(
        "a code of your authenticator app is needed: send it as code, or a recovery code as recovery_code"
    )]
    MfaNeeded,
    /// The code of the app or the recovery code is not right, or was used already.
    #[error(
        "this code is not right, or was used already: wait for the app's next one, or use another recovery code"
    )]
    MfaWrong,
    /// The first step of the log-in is not known, or too long ago.
    #[error("this log-in was not finished in time: log in again")]
    BadMfaToken,
    /// Too many wrong codes.
    #[error("too many wrong codes: wait before you try again")]
    MfaWait {
        /// How long.
        seconds: u64,
    },
    /// There is no second factor to be confirmed, renewed or turned off.
    #[error("no second factor is enrolled for this account: /api/auth/mfa/enroll begins with one")]
    MfaNotEnrolled,
    /// The role demands a second factor, and the user has none yet.
    #[error("your role needs a second factor: log in and enroll one at /api/auth/mfa/enroll")]
    MfaEnrolmentNeeded,
    /// The role demands a second factor.
    #[error("your role needs a second factor: enroll another one instead of turning this one off")]
    MfaMandatory,
    /// Too many wrong passwords, for this account or from this address.
    #[error("too many wrong passwords: wait before you try again")]
    LoginWait {
        /// How long.
        seconds: u64,
    },
    /// Too many mails of a kind to one user.
    #[error("a mail was sent a moment ago: look for it, or wait before you ask again")]
    TooManyMails {
        /// How long.
        seconds: u64,
    },
    /// The e-mail is the user's already.
    #[error("this e-mail is confirmed already")]
    AlreadyVerified,
    /// The password stands in the list of known ones.
    #[error("this password is known from a breach elsewhere: choose another")]
    BreachedPassword,
    /// A firm must keep an administrator.
    #[error("you are the last administrator of the firm: make somebody else one first")]
    LastAdmin,
    /// Only who was invited and has not accepted yet can be sent an invitation.
    #[error("this user can log in already")]
    NotInvited,
    /// The profile changed since it was read.
    #[error("the profile was changed in the meantime: read it again and repeat the change")]
    Stale,
    /// Too many passwords are being checked.
    #[error("too many log-ins at once: try again soon")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What can go wrong with any call.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl AuthFailure {
    /// A failure on our side, with its cause for the log.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        CallError::internal(cause).into()
    }
}

impl Fault for AuthFailure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::WrongCredentials | Self::BadRefreshToken | Self::BadMfaToken => ErrorKind::Unauthenticated,
            Self::BadApiKey | Self::BadSetupToken => ErrorKind::Unauthenticated,
            Self::OwnAccount | Self::NotToImpersonate | Self::FirmHasAdmin | Self::LegalOutdated => {
                ErrorKind::Conflict
            }
            Self::FirmNotFound | Self::LegalNotFound => ErrorKind::NotFound,
            Self::RefreshInProgress | Self::EmailTaken | Self::OwnRole => ErrorKind::Conflict,
            Self::MfaNotEnrolled | Self::AlreadyVerified | Self::LastAdmin | Self::NotInvited => {
                ErrorKind::Conflict
            }
            Self::MfaMandatory => ErrorKind::Conflict,
            Self::RegistrationClosed | Self::Suspended | Self::MfaEnrolmentNeeded => ErrorKind::Forbidden,
            Self::CsrfHeaderMissing | Self::WrongProof | Self::MfaNeeded | Self::MfaWrong => {
                ErrorKind::Forbidden
            }
            Self::BadCode | Self::BreachedPassword | Self::NoRefreshToken => ErrorKind::Invalid,
            Self::MfaWait { .. } | Self::TooManyMails { .. } | Self::LoginWait { .. } => {
                ErrorKind::TooManyRequests
            }
            Self::Stale => ErrorKind::PreconditionFailed,
            Self::UserNotFound | Self::SessionNotFound | Self::ApiKeyNotFound => ErrorKind::NotFound,
            Self::Busy => ErrorKind::Unavailable,
            Self::Store(error) => error.kind(),
            Self::Call(error) => error.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::WrongCredentials => "invalid_credentials",
            Self::BadRefreshToken => "invalid_refresh_token",
            Self::RefreshInProgress => "refresh_in_progress",
            Self::EmailTaken => "email_taken",
            Self::RegistrationClosed => "registration_closed",
            Self::Suspended => "account_suspended",
            Self::OwnRole => "own_role",
            Self::BadCode => "invalid_token",
            Self::CsrfHeaderMissing => "csrf_header_missing",
            Self::NoRefreshToken => "validation_error",
            Self::WrongProof => "wrong_proof",
            Self::MfaNeeded => "mfa_required",
            Self::MfaWrong => "invalid_mfa_code",
            Self::BadMfaToken => "invalid_mfa_token",
            Self::MfaNotEnrolled => "mfa_not_enrolled",
            Self::MfaEnrolmentNeeded => "mfa_enrolment_required",
            Self::MfaMandatory => "mfa_mandatory",
            Self::AlreadyVerified => "already_verified",
            Self::BreachedPassword => "breached_password",
            Self::LastAdmin => "last_admin",
            Self::NotInvited => "not_invited",
            Self::MfaWait { .. } | Self::TooManyMails { .. } | Self::LoginWait { .. } | Self::Stale => {
                return Cow::Borrowed(self.kind().code());
            }
            Self::UserNotFound | Self::SessionNotFound | Self::ApiKeyNotFound => "not_found",
            Self::FirmNotFound | Self::LegalNotFound => "not_found",
            Self::FirmHasAdmin => "firm_has_admin",
            Self::LegalOutdated => "not_the_current_version",
            Self::OwnAccount => "own_account",
            Self::NotToImpersonate => "not_to_impersonate",
            Self::BadApiKey => "invalid_api_key",
            Self::BadSetupToken => "invalid_setup_token",
            Self::Busy => "overloaded",
            Self::Store(error) => return error.code(),
            Self::Call(error) => return error.code(),
        })
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Self::EmailTaken => vec![FieldError::new("email", "is already taken")],
            Self::BadCode => vec![FieldError::new("token", "is not good, or no longer")],
            Self::BreachedPassword => vec![FieldError::new("password", "is known from a breach elsewhere")],
            Self::NoRefreshToken => vec![FieldError::new("refresh_token", "is missing")],
            Self::WrongProof => vec![FieldError::new("proof.password", "is wrong")],
            Self::RegistrationClosed => vec![FieldError::new("role", "is not open for registration")],
            Self::Store(error) => error.details(),
            Self::Call(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(1),
            Self::MfaWait { seconds } | Self::TooManyMails { seconds } | Self::LoginWait { seconds } => {
                Some(*seconds)
            }
            Self::Store(error) => error.retry_after(),
            Self::Call(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<AuthFailure> for AuthError {
    fn from(failure: AuthFailure) -> Self {
        match failure {
            AuthFailure::UserNotFound => AuthError::UserNotFound,
            AuthFailure::Store(error) => CallError::from(error).into(),
            AuthFailure::Call(error) => error.into(),
            other => CallError::internal(other).into(),
        }
    }
}

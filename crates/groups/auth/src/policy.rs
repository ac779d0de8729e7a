use crate::{BreachedPasswords, PasswordCost};
use chrono::TimeDelta;
use kernel::Role;
use url::Url;

/// What the installation allows. Made of the settings by whoever starts the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthPolicy {
    /// The roles that anybody may register in; empty closes registration.
    pub open_registration: Vec<Role>,
    /// How long an access token lives: at most [`trust::MAX_LIFE`].
    pub access_token_life: TimeDelta,
    /// How long a refresh token lives; each exchange begins a new life.
    pub refresh_token_life: TimeDelta,
    /// How long a session lives at most, however often it is used: then the user logs in anew.
    pub session_life: TimeDelta,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// Passwords that nobody may choose.
    pub breached_passwords: BreachedPasswords,
    /// The pages that take the codes of mails; none names the API route in the mail.
    pub link_base: Option<Url>,
    /// Whether who sends wrong passwords has to wait.
    pub slow_down_guessing: bool,
    /// Whether cookies are sent over HTTPS only, however a request came.
    pub secure_cookies: bool,
    /// What a user reaches who has not confirmed their e-mail, as in `finance.read`; none reaches everything.
    pub unverified_scopes: Option<Vec<String>>,
    /// Whether a user may log in who has not confirmed their e-mail. If not, such a log-in is answered like one that
    /// does not exist.
    pub unverified_log_in: bool,
    /// What an administrator reaches who acts as a user; none reaches everything that the user does.
    pub impersonation_scopes: Option<Vec<String>>,
    /// The roles that reach nothing but their own account until they have a second factor.
    pub mfa_required: Vec<Role>,
}

impl Default for AuthPolicy {
    /// What development gets: registration open to advisors and clients, 5 minutes, 30 days.
    fn default() -> Self {
        Self {
            open_registration: vec![Role::Advisor, Role::Client],
            access_token_life: TimeDelta::minutes(5),
            refresh_token_life: TimeDelta::days(30),
            session_life: TimeDelta::days(90),
            password_cost: PasswordCost::default(),
            breached_passwords: BreachedPasswords::default(),
            link_base: None,
            slow_down_guessing: true,
            secure_cookies: false,
            unverified_scopes: None,
            unverified_log_in: true,
            impersonation_scopes: None,
            mfa_required: Vec::new(),
        }
    }
}

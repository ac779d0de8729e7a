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
}

impl Default for AuthPolicy {
    /// What development gets: registration open to advisors and clients, 5 minutes, 30 days.
    fn default() -> Self {
        Self {
            open_registration: vec![Role::Advisor, Role::Client],
            access_token_life: TimeDelta::minutes(5),
            refresh_token_life: TimeDelta::days(30),
            password_cost: PasswordCost::default(),
            breached_passwords: BreachedPasswords::default(),
            link_base: None,
            slow_down_guessing: true,
            secure_cookies: false,
            unverified_scopes: None,
        }
    }
}

use crate::{Platform, PlatformError, switchboard::Whereabouts};
use chrono::{DateTime, SecondsFormat, Utc};
use kernel::Role;
use secrecy::ExposeSecret;

/// How a fresh installation comes by its first administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstAdmin {
    /// Nothing is to be done: there is one, or the auth group is elsewhere.
    NotNeeded,
    /// The settings named one, who was made.
    Made {
        /// The log-in e-mail.
        email: String,
    },
    /// By this token, which is good once.
    Link {
        /// The token.
        token: String,
        /// Until when it is good, UTC.
        expires_at: DateTime<Utc>,
    },
}

impl Platform {
    /// Looks whether anybody administers this installation; if nobody does, makes the administrator whom the settings
    /// name, or else a set-up link that takes the place of every earlier one.
    pub async fn first_admin(&self) -> Result<FirstAdmin, PlatformError> {
        if self.board.whereabouts().get("auth") != Some(&Whereabouts::Here) {
            return Ok(FirstAdmin::NotNeeded);
        }
        let accounts = self.groups.iter().find_map(|group| group.accounts.clone());
        let accounts = accounts.ok_or(PlatformError::GroupAbsent("auth"))?;
        if !accounts.is_admin_needed().await? {
            return Ok(FirstAdmin::NotNeeded);
        }
        let auth = &self.settings().auth;
        if let (Some(email), Some(password)) = (&auth.admin_email, &auth.admin_password) {
            let password = password.expose_secret();
            self.ensure_user(email, password, "Administrator", Role::Admin)
                .await?;
            return Ok(FirstAdmin::Made { email: email.clone() });
        }
        accounts.setup_link().await
    }
}

impl FirstAdmin {
    /// What a newcomer at this address is told, in lines for the banner.
    pub(crate) fn lines(&self, address: &str) -> Vec<String> {
        match self {
            FirstAdmin::NotNeeded => Vec::new(),
            FirstAdmin::Made { email } => vec![format!("  admin     {email}, as the settings say")],
            FirstAdmin::Link { token, expires_at } => vec![
                format!("  set up    {address}/api/auth/setup?token={token}"),
                format!(
                    "            nobody administers this installation yet: the link says how, until {}",
                    expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)
                ),
            ],
        }
    }
}

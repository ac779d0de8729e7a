use super::{Problems, mask_secret};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// What becomes of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Each mail is written into a file, and goes nowhere.
    #[default]
    File,
    /// Mail is handed to an SMTP server.
    Smtp,
}

/// How the connection to the SMTP server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS after `STARTTLS`; a server without it is refused.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: for a relay on the same machine or a trusted network.
    None,
}

/// Mail to users.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// What becomes of it.
    pub transport: MailTransport,
    /// Where files are written; unset is `mail` in the data directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// The sender, as in `WealthOS <no-reply@example.com>`.
    pub from: String,
    /// The SMTP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: MailSecurity,
    /// The authorities, in PEM, that may have issued the server's certificate; unset are those that the system trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The name to log in with; unset sends without a log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password to log in with.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretString>,
    /// How long the server may take for one mail.
    pub timeout_seconds: u64,
    /// The pages that take the codes of mails; unset names the API route instead of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_base: Option<Url>,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            transport: MailTransport::File,
            directory: None,
            from: "WealthOS <no-reply@wealthos.invalid>".to_owned(),
            host: "localhost".to_owned(),
            port: 587,
            security: MailSecurity::Starttls,
            ca_file: None,
            username: None,
            password: None,
            timeout_seconds: 20,
            link_base: None,
        }
    }
}

impl MailSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.from.parse::<lettre::message::Mailbox>().is_ok(),
            "mail.from",
            "must be a sender such as WealthOS <no-reply@example.com>",
        );
        problems.require(!self.host.trim().is_empty(), "mail.host", "must not be empty");
        problems.require(self.port > 0, "mail.port", "must not be 0");
        problems.require(
            (1..=120).contains(&self.timeout_seconds),
            "mail.timeout_seconds",
            "must be 1 to 120 seconds",
        );
        problems.require(
            self.username.is_some() == self.password.is_some(),
            "mail.username",
            "needs mail.password (SMTP_PASSWORD), and the other way round",
        );
        problems.require(
            self.username.is_none() || self.security != MailSecurity::None,
            "mail.security",
            "must be starttls or tls where a password is sent",
        );
        problems.require(
            self.ca_file.is_none() || self.security != MailSecurity::None,
            "mail.ca_file",
            "needs mail.security = \"starttls\" or \"tls\": without TLS there is no certificate to check",
        );
        let link = self.link_base.as_ref();
        problems.require(
            link.is_none_or(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some()),
            "mail.link_base",
            "must be an http or https address such as https://app.example.com",
        );
    }
}

use super::{Problems, mask_secret, mask_secrets};
use kernel::Currency;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For a person at a terminal.
    Pretty,
}

impl LogFormat {
    /// The name in settings and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            LogFormat::Json => "json",
            LogFormat::Pretty => "pretty",
        }
    }
}

/// Log lines. They go to standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// How they are written.
    pub format: LogFormat,
    /// Which are written: `error`, `warn`, `info`, `debug`, `trace`, or per logger as in `info,store=debug`.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            level: "info".to_owned(),
        }
    }
}

impl LogSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            tracing_subscriber::EnvFilter::try_new(&self.level).is_ok(),
            "log.level",
            "must be error, warn, info, debug or trace, or per logger as in info,store=debug",
        );
    }
}

/// Traces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// The OTLP collector (HTTP), as in `http://localhost:4318`; unset sends no traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
}

impl TelemetrySettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        if let Some(endpoint) = &self.otlp_endpoint {
            let fine = url::Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            problems.require(
                fine,
                "telemetry.otlp_endpoint",
                "must be an http or https address such as http://localhost:4318",
            );
        }
    }
}

/// Outside platforms that users connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntegrationSettings {
    /// The address of the API of Triple Whale. Nothing but this address, and databases on the hosts below, is ever
    /// contacted on behalf of a user.
    pub triplewhale_url: url::Url,
    /// How long a platform may take to answer.
    pub timeout_seconds: u64,
    /// The hosts with databases that users may sync with: `host` with any port, or `host:port`. Unset: those of this
    /// machine in development, none in production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_hosts: Option<Vec<String>>,
}

impl Default for IntegrationSettings {
    #[expect(
        clippy::expect_used,
        reason = "a constant, read by every test of the settings"
    )]
    fn default() -> Self {
        Self {
            triplewhale_url: "https://api.triplewhale.com/api/v2/"
                .parse()
                .expect("a constant address"),
            timeout_seconds: 8,
            database_hosts: None,
        }
    }
}

impl IntegrationSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            matches!(self.triplewhale_url.scheme(), "http" | "https"),
            "integrations.triplewhale_url",
            "must be an http or https address",
        );
        problems.require(
            (1..=60).contains(&self.timeout_seconds),
            "integrations.timeout_seconds",
            "must be 1 to 60 seconds",
        );
    }
}

/// Currency and time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegionalSettings {
    /// The currency where none is said: ISO 4217.
    pub currency: Currency,
    /// The time zone in which days begin: IANA, as in `Asia/Kolkata`.
    pub timezone: chrono_tz::Tz,
}

impl Default for RegionalSettings {
    fn default() -> Self {
        Self {
            currency: Currency::INR,
            timezone: chrono_tz::Asia::Kolkata,
        }
    }
}

impl RegionalSettings {
    #[expect(clippy::unused_self, reason = "both fields are checked as they are read")]
    pub(super) fn validate(&self, _problems: &mut Problems) {}
}

/// Whether it is run for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// On somebody's machine: missing secrets are made.
    #[default]
    Development,
    /// For real: missing or weak secrets are refused.
    Production,
}

/// Secrets and strictness.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecuritySettings {
    /// Whether it is run for real.
    pub environment: Environment,
    /// Encrypts sensitive fields: at least 32 bytes. In development one is made when it is missing.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<SecretString>,
    /// Keys that encrypted before this one, the newest first: they open, and encrypt nothing. To be taken out once
    /// `wealthctl keys reencrypt` has run.
    #[serde(serialize_with = "mask_secrets")]
    pub encryption_previous_keys: Vec<SecretString>,
    /// Names for whom no order passes without a compliance officer, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sanctions_file: Option<PathBuf>,
}

impl SecuritySettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.encryption_previous_keys.is_empty() || self.encryption_key.is_some(),
            "security.encryption_previous_keys",
            "needs security.encryption_key (ENCRYPTION_KEY): the one that encrypts from now on",
        );
    }
}

/// Keys of language-model providers. Reserved: nothing reads them yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// OpenAI or a compatible provider.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub openai_api_key: Option<SecretString>,
    /// Anthropic.
    #[serde(serialize_with = "mask_secret", skip_serializing_if = "Option::is_none")]
    pub anthropic_api_key: Option<SecretString>,
}

impl ProviderSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        let keys = [
            ("providers.openai_api_key", &self.openai_api_key),
            ("providers.anthropic_api_key", &self.anthropic_api_key),
        ];
        for (place, key) in keys {
            let plain = key.as_ref().is_none_or(|key| {
                let text = key.expose_secret();
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
            });
            problems.require(plain, place, "must be printable text without spaces");
        }
    }
}

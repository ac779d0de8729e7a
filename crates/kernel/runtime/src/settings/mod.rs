//! One settings object in sections. Layers: defaults < file < environment < flags; see [`Layers`].
//!
//! Every section is checked on its own and all complaints are collected, so that an operator mends a file in one go.

mod auth;
mod bridges;
mod http;
mod layers;
mod limits;
mod mail;
mod mask;
mod problem;
mod process;
mod server;
mod store;
mod topology;

pub use auth::{AuthSettings, PeerKeys, TokenAlgorithm, Unverified};
pub use bridges::{BridgeSettings, BrokerUrl, KafkaSettings, RabbitMqSettings, RedisSettings};
pub use http::HttpSettings;
pub use layers::{DEFAULT_FILE, DEFAULT_TOPOLOGY_FILE, Layers};
pub use limits::LimitSettings;
pub use mail::{MailSecurity, MailSettings, MailTransport};
pub use problem::{Problem, Problems, SettingsError};
pub use process::{
    Environment, IntegrationSettings, LogFormat, LogSettings, ProviderSettings, RegionalSettings,
    SecuritySettings, TelemetrySettings,
};
pub use server::ServerSettings;
pub use store::{DatabaseUrl, StoreSettings};
pub use topology::TopologySettings;
pub use trust::OnStale;

pub(crate) use mask::{mask_secret, mask_secrets, masked_url};

use kernel::Role;
use serde::{Deserialize, Serialize};

/// What a deployment claims to be. An assertion: a topology that contradicts it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentMode {
    /// Every group in one process.
    Monolith,
    /// Every group in a process of its own.
    Microservices,
    /// Any mixture.
    Hybrid,
}

/// All settings of a process.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Settings {
    /// What the deployment claims to be; unset accepts any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_mode: Option<DeploymentMode>,
    /// Where it listens and what it serves.
    pub server: ServerSettings,
    /// Where groups run.
    pub topology: TopologySettings,
    /// Where data lies.
    pub store: StoreSettings,
    /// Log-in and tokens.
    pub auth: AuthSettings,
    /// The HTTP edge.
    pub http: HttpSettings,
    /// Rate limits.
    pub limits: LimitSettings,
    /// Mail to users.
    pub mail: MailSettings,
    /// Message brokers.
    pub bridges: BridgeSettings,
    /// Log lines.
    pub log: LogSettings,
    /// Traces.
    pub telemetry: TelemetrySettings,
    /// Outside platforms.
    pub integrations: IntegrationSettings,
    /// Currency and time zone.
    pub regional: RegionalSettings,
    /// Secrets and strictness.
    pub security: SecuritySettings,
    /// Keys of language-model providers.
    pub providers: ProviderSettings,
}

impl Settings {
    /// Checks every section and collects what is wrong.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let mut problems = Problems::default();
        self.server.validate(&mut problems);
        self.topology.validate(&mut problems);
        self.store.validate(&mut problems);
        self.auth.validate(&mut problems);
        self.http.validate(&mut problems);
        self.limits.validate(&mut problems);
        self.mail.validate(&mut problems);
        self.bridges.validate(&mut problems);
        self.log.validate(&mut problems);
        self.telemetry.validate(&mut problems);
        self.integrations.validate(&mut problems);
        self.regional.validate(&mut problems);
        self.security.validate(&mut problems);
        self.providers.validate(&mut problems);
        problems.into_result()
    }

    /// The settings as TOML with secrets and passwords masked: what `--print-config` shows.
    pub fn printable(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }

    /// Whether it is run for real: secrets must then be given, and HTTPS is demanded of browsers.
    pub fn is_production(&self) -> bool {
        self.security.environment == Environment::Production
    }

    /// The hosts with databases that users may sync with: as set; otherwise this machine in development, none in production.
    pub fn database_hosts(&self) -> Vec<String> {
        let set = self.integrations.database_hosts.clone();
        set.unwrap_or_else(|| match self.is_production() {
            true => Vec::new(),
            false => ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
        })
    }

    /// The roles that anybody may register as: as set; otherwise advisor and client in development, none in
    /// production.
    pub fn open_registration(&self) -> Vec<Role> {
        match &self.auth.open_registration {
            Some(roles) => roles.clone(),
            None if self.is_production() => Vec::new(),
            None => vec![Role::Advisor, Role::Client],
        }
    }

    /// Whether users who have not confirmed their e-mail may only read and keep their own account: as set; otherwise
    /// in production, and not in development.
    pub fn limits_unverified(&self) -> bool {
        match self.auth.unverified {
            Some(unverified) => unverified != Unverified::Full,
            None => self.is_production(),
        }
    }
}

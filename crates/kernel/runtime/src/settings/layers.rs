use super::{Problems, Settings, SettingsError};
use crate::ServerArgs;
use config::{Config, File, FileFormat, Map, Value, ValueKind};
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "config/wealthos.toml";

/// The topology file that is read when none is named, if it is there.
pub const DEFAULT_TOPOLOGY_FILE: &str = "config/topology.toml";

const SECTIONS: [&str; 14] = [
    "server",
    "topology",
    "store",
    "auth",
    "http",
    "limits",
    "mail",
    "bridges",
    "log",
    "telemetry",
    "integrations",
    "regional",
    "security",
    "providers",
];

/// The variables that have a name of their own; every other setting is `WEALTHOS__SECTION__FIELD`.
const NAMED: [(&str, &str); 17] = [
    ("DATABASE_URL", "store.database_url"),
    ("JWT_SECRET", "auth.jwt_secret"),
    ("SERVICE_SECRET", "auth.service_secret"),
    ("SMTP_PASSWORD", "mail.password"),
    ("RABBITMQ_URL", "bridges.rabbitmq.url"),
    ("REDIS_URL", "bridges.redis.url"),
    ("KAFKA_BROKERS", "bridges.kafka.brokers"),
    ("CORS_ORIGINS", "http.cors_origins"),
    ("DEPLOYMENT_MODE", "deployment_mode"),
    ("METRICS_PORT", "server.metrics_port"),
    ("OPENAI_API_KEY", "providers.openai_api_key"),
    ("ANTHROPIC_API_KEY", "providers.anthropic_api_key"),
    ("ENCRYPTION_KEY", "security.encryption_key"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
    ("WEALTHOS_ADMIN_EMAIL", "auth.admin_email"),
    ("WEALTHOS_ADMIN_PASSWORD", "auth.admin_password"),
    ("WEALTHOS_CONFIG", ""),
];

/// The settings that are lists: a variable holds a JSON array or names separated by commas.
const LISTS: [&str; 9] = [
    "server.groups",
    "server.modules",
    "bridges.kafka.topics",
    "http.cors_origins",
    "http.trusted_proxies",
    "auth.open_registration",
    "auth.jwt_previous_secrets",
    "auth.service_previous_secrets",
    "security.encryption_previous_keys",
];

/// Before the name of a group: the addresses at which it is reached in another process.
const REMOTES: &str = "topology.remotes.";

/// The layers of which settings are made: defaults < file < environment < flags.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    file: Option<PathBuf>,
    topology: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    flags: Vec<(String, Value)>,
    groups: Vec<String>,
    modules: Vec<String>,
    default_port: Option<u16>,
}

impl Layers {
    /// Layers over this environment, without a file.
    pub fn new(environment: BTreeMap<String, String>) -> Self {
        Self {
            environment,
            ..Self::default()
        }
    }

    /// Layers over the environment of the process and, below it, the file `.env` in the working directory; with the
    /// file `config/wealthos.toml` if it is there (`WEALTHOS_CONFIG` names another) and the topology of
    /// `config/topology.toml` if that is there.
    pub fn of_process() -> Result<Self, SettingsError> {
        let mut environment = read_dotenv(Path::new(".env"))?;
        environment.extend(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        let named = environment.get("WEALTHOS_CONFIG").filter(|path| !path.is_empty());
        let file = match named {
            Some(path) => Some(PathBuf::from(path)),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        Ok(Self {
            file,
            topology: Some(PathBuf::from(DEFAULT_TOPOLOGY_FILE)).filter(|path| path.exists()),
            environment,
            ..Self::default()
        })
    }

    /// Reads this file, which must then be there.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The port of a program that is not on 8000 by itself.
    pub fn default_port(mut self, port: u16) -> Self {
        self.default_port = Some(port);
        self
    }

    /// Puts the flags on top; `--config` names the file.
    pub fn flags(mut self, args: &ServerArgs) -> Self {
        if let Some(path) = &args.config {
            self.file = Some(path.clone());
        }
        self.flags.extend(args.overrides());
        self
    }

    /// The groups for which `<GROUP>_DATABASE_URL` and `<GROUP>_SERVICE_URL` are read.
    pub fn groups<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.groups = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// The route modules for which `<MODULE>_SERVICE_URL` is read as well.
    pub fn modules(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.modules = names.into_iter().collect();
        self
    }

    /// Puts the layers together and checks every section. All that is wrong is told at once.
    pub fn load(self) -> Result<Settings, SettingsError> {
        let mut builder = Config::builder();
        if let Some(path) = &self.topology {
            builder = builder
                .set_default("topology.file", path.display().to_string())
                .map_err(|error| self.unusable(&error))?;
        }
        if let Some(port) = self.default_port {
            builder = builder
                .set_default("server.port", port)
                .map_err(|error| self.unusable(&error))?;
        }
        if let Some(path) = &self.file {
            builder = builder.add_source(File::from_str(&read_file(path)?, FileFormat::Toml));
        }
        let mut problems = Problems::default();
        self.check_flags(&mut problems);
        let set = self.set_by_environment(&mut problems);
        for (key, value) in set.into_iter().chain(self.flags.iter().cloned()) {
            builder = builder
                .set_override(&key, value)
                .map_err(|error| self.unusable(&error))?;
        }
        let merged = builder.build().map_err(|error| self.unusable(&error))?;
        let settings = sections(merged.cache, &mut problems);
        problems.into_result()?;
        settings.validate()?;
        Ok(settings)
    }

    fn unusable(&self, error: &config::ConfigError) -> SettingsError {
        SettingsError::Syntax {
            path: self.file.clone().unwrap_or_default(),
            reason: one_line(&error.to_string()),
        }
    }

    /// A group cannot be here by one flag and elsewhere by another.
    fn check_flags(&self, problems: &mut Problems) {
        let chosen = self.flags.iter().filter(|(key, _)| key == "server.groups");
        let chosen = chosen.filter_map(|(_, value)| value.clone().into_array().ok());
        for group in chosen.flatten().filter_map(|name| name.into_string().ok()) {
            let remote = format!("{REMOTES}{group}");
            if self.flags.iter().any(|(key, _)| *key == remote) {
                problems.add(
                    remote,
                    format!("{group} is named by --groups and by --remote: drop one of them"),
                );
            }
        }
    }

    fn set_by_environment(&self, problems: &mut Problems) -> Vec<(String, Value)> {
        let mut set = Vec::new();
        for (name, text) in self
            .environment
            .iter()
            .filter(|(_, text)| !text.trim().is_empty())
        {
            let Some(key) = self.key_of(name) else { continue };
            match value_of(&key, text) {
                Ok(value) => set.push((key, value)),
                Err(message) => problems.add(format!("{key} (from {name})"), message),
            }
        }
        set
    }

    /// The setting that a variable sets, if it sets one.
    fn key_of(&self, name: &str) -> Option<String> {
        if let Some(path) = name.strip_prefix("WEALTHOS__") {
            return Some(path.to_ascii_lowercase().replace("__", "."));
        }
        if let Some((_, key)) = NAMED.iter().find(|(known, _)| *known == name) {
            return (!key.is_empty()).then(|| (*key).to_owned());
        }
        let (group, setting) = match name.strip_suffix("_SERVICE_URL") {
            Some(group) => (group, REMOTES),
            None => (name.strip_suffix("_DATABASE_URL")?, "store.group_urls."),
        };
        let group = group.to_ascii_lowercase();
        let known = self.groups.contains(&group) || (setting == REMOTES && self.modules.contains(&group));
        known.then(|| format!("{setting}{group}"))
    }
}

const NO_LIST: &str = "must be a JSON array of texts such as [\"http://localhost:5173\"]";

fn value_of(key: &str, text: &str) -> Result<Value, &'static str> {
    if !LISTS.contains(&key) && !key.starts_with(REMOTES) {
        return Ok(Value::from(text));
    }
    let items = match serde_json::from_str::<Vec<String>>(text) {
        Ok(items) => items,
        Err(_) => listed(text)?,
    };
    Ok(Value::from(items))
}

/// Texts separated by commas, in brackets or not: a `.env` file loses the quotes of a JSON array.
fn listed(text: &str) -> Result<Vec<String>, &'static str> {
    let inside = match text.trim().strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or(NO_LIST)?,
        None => text,
    };
    let items = inside.split(',').map(|item| item.trim().trim_matches('"'));
    Ok(items.filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let unreadable = |error: dotenvy::Error| SettingsError::Unreadable {
        path: path.to_owned(),
        reason: one_line(&error.to_string()),
    };
    dotenvy::from_path_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)
}

fn read_file(path: &Path) -> Result<String, SettingsError> {
    let text = std::fs::read_to_string(path).map_err(|error| SettingsError::Unreadable {
        path: path.to_owned(),
        reason: match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
            _ => error.to_string(),
        },
    })?;
    text.parse::<toml::Table>()
        .map_err(|error| SettingsError::Syntax {
            path: path.to_owned(),
            reason: one_line(&error.to_string()),
        })?;
    Ok(text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sections(merged: Value, problems: &mut Problems) -> Settings {
    let mut table = merged.into_table().unwrap_or_default();
    let settings = Settings {
        deployment_mode: take(&mut table, "deployment_mode", problems),
        server: take(&mut table, "server", problems),
        topology: take(&mut table, "topology", problems),
        store: take(&mut table, "store", problems),
        auth: take(&mut table, "auth", problems),
        http: take(&mut table, "http", problems),
        limits: take(&mut table, "limits", problems),
        mail: take(&mut table, "mail", problems),
        bridges: take(&mut table, "bridges", problems),
        log: take(&mut table, "log", problems),
        telemetry: take(&mut table, "telemetry", problems),
        integrations: take(&mut table, "integrations", problems),
        regional: take(&mut table, "regional", problems),
        security: take(&mut table, "security", problems),
        providers: take(&mut table, "providers", problems),
    };
    for unknown in table.keys() {
        let known = SECTIONS.join(", ");
        problems.add(
            unknown,
            format!("is no setting; there are deployment_mode and the sections {known}"),
        );
    }
    settings
}

fn take<T: DeserializeOwned + Default>(
    table: &mut Map<String, Value>,
    section: &str,
    problems: &mut Problems,
) -> T {
    let value = match table.remove(section) {
        None => return T::default(),
        Some(value) if matches!(value.kind, ValueKind::Nil) => return T::default(),
        Some(value) => value,
    };
    serde_path_to_error::deserialize(value).unwrap_or_else(|error| {
        let path = error.path().to_string();
        let place = if path == "." {
            section.to_owned()
        } else {
            format!("{section}.{path}")
        };
        problems.add(place, complaint(error.inner()));
        T::default()
    })
}

/// What the settings that are one of several names may be.
const CHOICES: [(&str, &str); 9] = [
    ("DeploymentMode", "monolith, microservices or hybrid, or unset"),
    ("Environment", "development or production"),
    ("LogFormat", "json or pretty"),
    ("MailSecurity", "starttls, tls or none"),
    ("MailTransport", "file or smtp"),
    ("OnStale", "accept or refuse"),
    ("TokenAlgorithm", "hs256 or eddsa"),
    ("Unverified", "full, limited or refused, or unset"),
    ("Role", "a list of roles: advisor, client"),
];

/// What is wrong with a value, without repeating the value: it may be a secret.
fn complaint(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::At { error, .. } => complaint(error),
        config::ConfigError::Type { expected, .. } => format!("must be {expected}"),
        config::ConfigError::Message(message) => CHOICES
            .iter()
            .find(|(name, _)| message.starts_with(&format!("enum {name} ")))
            .map_or_else(|| message.clone(), |(_, choices)| format!("must be {choices}")),
        other => other.to_string(),
    }
}

use crate::switchboard::SwitchError;
use runtime::lifecycle::ExitStatus;
use store::StoreError;

/// Why a platform cannot be assembled or served: one clear line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] runtime::SettingsError),
    /// A group was named that this program does not have.
    #[error("there is no group '{name}' in this program: choose from {known}")]
    UnknownGroup {
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// A route module was named that no group has.
    #[error("there is no route module '{name}': choose from {known}")]
    UnknownModule {
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// A store cannot be opened.
    #[error("the store of '{group}' cannot be opened: {source}")]
    Store {
        /// Whose.
        group: &'static str,
        /// Why.
        source: StoreError,
    },
    /// A secret is missing, weak or cannot be kept.
    #[error(transparent)]
    Secret(#[from] trust::SecretError),
    /// A signing key is not usable.
    #[error(transparent)]
    Key(#[from] trust::KeyError),
    /// Telemetry cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] runtime::telemetry::TelemetryError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    HttpClient(#[from] runtime::http::ClientError),
    /// Mail cannot be set up.
    #[error(transparent)]
    Mail(#[from] runtime::mail::MailError),
    /// The address cannot be listened on.
    #[error(transparent)]
    Serve(#[from] web::ShellError),
    /// The placement cannot be acted on.
    #[error("{0}")]
    Placement(String),
    /// The operating system refuses.
    #[error("{0}: {1}")]
    System(&'static str, std::io::Error),
    /// The topology is wrong, or contradicts `DEPLOYMENT_MODE`.
    #[error(transparent)]
    Topology(#[from] crate::topology::TopologyError),
    /// A command of the operator was refused.
    #[error("{0}")]
    Command(String),
    /// Something that needs a group which is not there.
    #[error("this needs the group '{0}', which is not part of this process")]
    GroupAbsent(&'static str),
}

impl From<SwitchError> for PlatformError {
    fn from(error: SwitchError) -> Self {
        PlatformError::Placement(error.to_string())
    }
}

impl PlatformError {
    /// The exit status that tells a script what kind of failure it was.
    pub fn exit_status(&self) -> ExitStatus {
        match self {
            PlatformError::Settings(_)
            | PlatformError::UnknownGroup { .. }
            | PlatformError::UnknownModule { .. }
            | PlatformError::Secret(_)
            | PlatformError::Key(_)
            | PlatformError::Mail(_)
            | PlatformError::Telemetry(_)
            | PlatformError::Topology(_) => ExitStatus::Configuration,
            PlatformError::Store {
                source: StoreError::Refused { .. },
                ..
            } => ExitStatus::Configuration,
            PlatformError::Store { .. } | PlatformError::Serve(_) => ExitStatus::Unavailable,
            _ => ExitStatus::Failure,
        }
    }
}

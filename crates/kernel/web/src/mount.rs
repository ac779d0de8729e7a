use crate::ShellError;
use actix_web::web::ServiceConfig;
use kernel::GroupInfo;
use std::{fmt, sync::Arc};
use utoipa::openapi::OpenApi;

/// Adds routes and their services to a worker.
pub type Configure = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// Describes every route of a group. It is asked when a shell is made, and when somebody asks for the merged description for
/// the first time: a description takes megabytes that nobody needs while requests are served.
pub type Describe = Arc<dyn Fn() -> Result<OpenApi, ShellError> + Send + Sync>;

/// What a group hands over to be served: its routes and their description.
#[derive(Clone)]
pub struct Mount {
    /// What the group is.
    pub info: &'static GroupInfo,
    /// Adds the routes and their services (`actix_web::web::Data`); runs once per worker. None for a group that this
    /// process does not have.
    pub configure: Option<Configure>,
    /// Describes every route of the group.
    pub describe: Describe,
}

impl Mount {
    /// A mount of these routes.
    pub fn new(
        info: &'static GroupInfo,
        describe: impl Fn() -> OpenApi + Send + Sync + 'static,
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
    ) -> Self {
        Self {
            info,
            configure: Some(Arc::new(configure)),
            describe: Arc::new(move || Ok(describe())),
        }
    }

    /// A mount of a group that only other processes have: its routes as its contract describes them, to be forwarded
    /// ([`crate::ForwardTable`]) and shown in the merged description.
    pub fn remote(info: &'static GroupInfo) -> Self {
        Self {
            info,
            configure: None,
            describe: Arc::new(move || committed(info)),
        }
    }

    /// The description of every route of the group.
    pub fn openapi(&self) -> Result<OpenApi, ShellError> {
        (self.describe)()
    }

    pub(crate) fn described(&self) -> Result<Described, ShellError> {
        Ok(Described {
            info: self.info,
            is_here: self.configure.is_some(),
            openapi: self.openapi()?,
        })
    }
}

/// What a contract says of the routes of its group.
fn committed(info: &GroupInfo) -> Result<OpenApi, ShellError> {
    let unreadable = |source| ShellError::Fragment {
        group: info.name.to_owned(),
        source,
    };
    // By way of a value: numbers keep their exact digits in the text, which an untagged type cannot read.
    let fragment: serde_json::Value = serde_json::from_str(info.openapi).map_err(unreadable)?;
    serde_json::from_value(fragment).map_err(unreadable)
}

/// A mount and its description, while a shell is made.
pub(crate) struct Described {
    pub(crate) info: &'static GroupInfo,
    /// Whether this process has the group.
    pub(crate) is_here: bool,
    pub(crate) openapi: OpenApi,
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount({})", self.info.name)
    }
}

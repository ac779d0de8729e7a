use crate::ShellError;
use actix_web::web::ServiceConfig;
use kernel::GroupInfo;
use std::{fmt, sync::Arc};
use utoipa::openapi::OpenApi;

/// Adds routes and their services to a worker.
pub type Configure = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// What a group hands over to be served: its routes and their description.
#[derive(Clone)]
pub struct Mount {
    /// What the group is.
    pub info: &'static GroupInfo,
    /// Adds the routes and their services (`actix_web::web::Data`); runs once per worker. None for a group that this
    /// process does not have.
    pub configure: Option<Configure>,
    /// The description of every route of the group.
    pub openapi: OpenApi,
}

impl Mount {
    /// A mount of these routes.
    pub fn new(
        info: &'static GroupInfo,
        openapi: OpenApi,
        configure: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
    ) -> Self {
        Self {
            info,
            configure: Some(Arc::new(configure)),
            openapi,
        }
    }

    /// A mount of a group that only other processes have: its routes as its contract describes them, to be forwarded
    /// ([`crate::ForwardTable`]) and shown in the merged description.
    pub fn remote(info: &'static GroupInfo) -> Result<Self, ShellError> {
        let unreadable = |source| ShellError::Fragment {
            group: info.name.to_owned(),
            source,
        };
        // By way of a value: numbers keep their exact digits in the text, which an untagged type cannot read.
        let fragment: serde_json::Value = serde_json::from_str(info.openapi).map_err(unreadable)?;
        Ok(Self {
            info,
            configure: None,
            openapi: serde_json::from_value(fragment).map_err(unreadable)?,
        })
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount({})", self.info.name)
    }
}

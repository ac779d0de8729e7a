use actix_web::web::ServiceConfig;
use kernel::{GroupInfo, RateClass};
use std::{fmt, sync::Arc};
use utoipa::openapi::OpenApi;

/// What a group hands over to be served: its routes and their description.
#[derive(Clone)]
pub struct Mount {
    /// What the group is.
    pub info: &'static GroupInfo,
    /// Adds the routes and their services (`actix_web::web::Data`); runs once per worker.
    pub configure: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
    /// The description of every route that `configure` adds.
    pub openapi: OpenApi,
    /// The operations that are limited otherwise than by their method, by operation id.
    pub rates: Vec<(&'static str, RateClass)>,
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
            configure: Arc::new(configure),
            openapi,
            rates: Vec::new(),
        }
    }

    /// The same, with an operation put into another rate class.
    pub fn rate(mut self, operation_id: &'static str, class: RateClass) -> Self {
        self.rates.push((operation_id, class));
        self
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mount({})", self.info.name)
    }
}

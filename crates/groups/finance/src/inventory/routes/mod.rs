//! The routes of inventory.

pub(crate) mod items;
pub(crate) mod movements;

use actix_web::web::ServiceConfig;

/// Mounts all of them.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.configure(items::configure).configure(movements::configure);
}

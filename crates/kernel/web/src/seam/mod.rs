//! The mount of the seam: `/rpc`, which answers other processes of this installation and nobody else.
//!
//! Everything below `/rpc` is guarded at the edge: without a service token for the group in the path there is nothing to
//! be learnt, not even which paths there are.

mod calls;
mod door;
mod reply;
mod serve;

pub(crate) use calls::Calls;
pub use calls::ContractDocument;
pub(crate) use door::{Door, called_group};
pub(crate) use reply::mark_refused;
pub(crate) use serve::{PATIENCE, call, contract};

use crate::routes::RouteTable;
use actix_web::{http::Method, web::ServiceConfig};

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(contract).service(call);
}

/// Makes the routes known by their patterns.
pub(crate) fn add_routes(table: &mut RouteTable) {
    table.add("/rpc/{group}/{call}", vec![(Method::POST, None)]);
    table.add("/rpc/{group}/contract", vec![(Method::GET, None)]);
}

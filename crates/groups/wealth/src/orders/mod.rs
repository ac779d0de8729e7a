//! Orders: drafted, checked, placed with a broker, filled. Every step is an event and stands in the order's history.

mod automatic;
mod broker;
mod models;
mod requests;
pub(crate) mod routes;
mod service;
mod steps;

pub(crate) use automatic::ScheduledOrder;
pub(crate) use models::{OrderRecord, OrderState, OrderStep, OrderWay};
pub(crate) use service::Orders;

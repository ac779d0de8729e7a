//! Roles: what each allows, who has which, and giving one.

mod models;
mod permission;
pub(crate) mod routes;
mod service;

pub(crate) use permission::{Permission, must_enrol, scopes_until_enrolled};
pub(crate) use service::{Roles, role_changed};

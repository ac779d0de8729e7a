use super::permission::{Permission, granted, summary};
use crate::users::User;
use chrono::{DateTime, Utc};
use kernel::{Role, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;

/// What may be done, beyond one's own profile and sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Permission)]
pub(crate) struct PermissionView {
    /// The name, as in `roles.assign`.
    pub(crate) permission: &'static str,
    /// What it allows.
    pub(crate) description: &'static str,
}

impl From<Permission> for PermissionView {
    fn from(one: Permission) -> Self {
        Self {
            permission: one.as_str(),
            description: one.summary(),
        }
    }
}

/// A role and what it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RoleDescription)]
pub(crate) struct RoleView {
    /// Which.
    pub(crate) role: Role,
    /// What it is.
    pub(crate) description: &'static str,
    /// What it allows beyond one's own profile and sessions.
    pub(crate) permissions: Vec<&'static str>,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            role,
            description: summary(role),
            permissions: granted(role).iter().map(|one| one.as_str()).collect(),
        }
    }
}

/// Which role a user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RoleAssignment)]
pub(crate) struct Assignment {
    /// Whose.
    pub(crate) user_id: UserId,
    /// Which.
    pub(crate) role: Role,
    /// Counts changes of the role from 1; access tokens of older versions are refused.
    pub(crate) role_version: u32,
    /// Since when the user has it, UTC.
    pub(crate) since: DateTime<Utc>,
}

impl From<&Stored<User>> for Assignment {
    fn from(user: &Stored<User>) -> Self {
        Self {
            user_id: UserId(user.id),
            role: user.role,
            role_version: user.role_version,
            since: user.role_changed_at.unwrap_or(user.created_at),
        }
    }
}

/// The role that a user is to have.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(crate) struct NewAssignment {
    /// Which.
    pub(crate) role: Role,
}

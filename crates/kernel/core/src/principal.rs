use crate::{CallError, SessionId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a user may be. A client may own ventures: there is no extra role for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation of a firm; sees the whole tenant.
    Admin,
    /// Has a book of clients and sees only those.
    Advisor,
    /// Watches over the rules; sees the whole tenant.
    Compliance,
    /// Sees their own data.
    Client,
    /// A service account.
    Service,
}

impl Role {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Advisor => "advisor",
            Role::Compliance => "compliance",
            Role::Client => "client",
            Role::Service => "service",
        }
    }
}

/// An administrator who acts as a user, and the log-in that they do it with: when that ends, so does this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Impersonator {
    /// Who.
    pub user: UserId,
    /// Through which log-in of their own.
    pub session: SessionId,
    /// The version of their role at that log-in.
    pub role_version: u32,
}

/// A user who has proven who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct UserPrincipal {
    /// Who.
    pub user: UserId,
    /// In which role.
    pub role: Role,
    /// Of which firm.
    pub tenant: TenantId,
    /// Through which log-in.
    pub session: SessionId,
    /// The version of the role at log-in; a change of role makes older ones invalid.
    pub role_version: u32,
    /// The administrator who acts as this user, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impersonator: Option<Impersonator>,
    /// What an API key narrows its user to, as in `finance.read`; none for a log-in, which is not narrowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

impl UserPrincipal {
    /// Whether the proof reaches this part of the API, as in `finance.write`. What the role allows is another question.
    pub fn reaches(&self, scope: &str) -> bool {
        self.scopes
            .as_ref()
            .is_none_or(|scopes| scopes.iter().any(|known| known == scope))
    }
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Principal {
    /// Nobody has logged in.
    Anonymous,
    /// A user.
    User(UserPrincipal),
    /// A group acting for itself: a consumer of events, a job.
    System {
        /// Which group.
        group: String,
        /// On the data of which firm.
        tenant: TenantId,
    },
}

impl Principal {
    /// The user, if it is one.
    pub fn user(&self) -> Option<&UserPrincipal> {
        match self {
            Principal::User(user) => Some(user),
            _ => None,
        }
    }

    /// A stable text for keys and audit: `user/…`, `user/… by user/…` where an administrator acts as the user,
    /// `system/…` or `anonymous`.
    pub fn reference(&self) -> String {
        match self {
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::User(user) => match user.impersonator.map(|by| by.user) {
                Some(admin) => format!("user/{} by user/{admin}", user.user),
                None => format!("user/{}", user.user),
            },
            Principal::System { group, .. } => format!("system/{group}"),
        }
    }
}

/// Which documents a caller may see. Part of the type of every query on scoped data, so it cannot be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything of the firm: admin, compliance, and groups acting for themselves.
    Tenant {
        /// The firm.
        tenant: TenantId,
    },
    /// What belongs to the advisor's book, and what is the advisor's own.
    Advisor {
        /// The firm.
        tenant: TenantId,
        /// The advisor.
        user: UserId,
    },
    /// What is the user's own.
    Own {
        /// The firm.
        tenant: TenantId,
        /// The user.
        user: UserId,
    },
}

impl Scope {
    /// The scope of a principal. Anonymous callers have none.
    pub fn of(principal: &Principal) -> Result<Scope, CallError> {
        match principal {
            Principal::Anonymous => Err(CallError::Unauthenticated),
            Principal::System { tenant, .. } => Ok(Scope::Tenant { tenant: *tenant }),
            Principal::User(user) => Ok(match user.role {
                Role::Admin | Role::Compliance => Scope::Tenant { tenant: user.tenant },
                Role::Advisor => Scope::Advisor {
                    tenant: user.tenant,
                    user: user.user,
                },
                Role::Client | Role::Service => Scope::Own {
                    tenant: user.tenant,
                    user: user.user,
                },
            }),
        }
    }

    /// The firm: the wall that no query crosses.
    pub fn tenant(&self) -> TenantId {
        match self {
            Scope::Tenant { tenant } | Scope::Advisor { tenant, .. } | Scope::Own { tenant, .. } => *tenant,
        }
    }
}

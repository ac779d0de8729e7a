use crate::{SecretText, roles::must_enrol};
use auth_contract::{UserStatus, UserSummary};
use chrono::{DateTime, Utc};
use kernel::{CallContext, Email, Role, TenantId, Text, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;

/// A password that is about to be set: 8 to 128 characters.
pub type NewPassword = SecretText<8, 128>;

/// The name of a person as they write it.
pub type PersonName = Text<1, 200>;

/// Somebody who can log in, about to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The log-in e-mail.
    pub email: Email,
    /// The password.
    pub password: NewPassword,
    /// The name.
    pub name: PersonName,
    /// The role.
    pub role: Role,
}

/// A user as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    /// The log-in e-mail as it was written; compared folded.
    pub(crate) email: Option<String>,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) status: UserStatus,
    /// Whether nobody has shown yet that mail to the address reaches the user. Never true of operators' users.
    #[serde(default)]
    pub(crate) email_unverified: bool,
    /// Who invited the user, if one did.
    #[serde(default)]
    pub(crate) invited_by: Option<UserId>,
    /// Counts changes of the role from 1; tokens of older versions are no good.
    pub(crate) role_version: u32,
    /// When the role last changed; none before the first change.
    pub(crate) role_changed_at: Option<DateTime<Utc>>,
}

impl User {
    /// A user in this role who can log in.
    pub(crate) fn active(email: &Email, name: &PersonName, role: Role) -> Self {
        Self {
            email: Some(email.as_str().to_owned()),
            status: UserStatus::Active,
            ..Self::invited(name, role)
        }
    }

    /// A user who is known, but cannot log in yet.
    pub(crate) fn invited(name: &PersonName, role: Role) -> Self {
        Self {
            email: None,
            name: name.as_str().to_owned(),
            role,
            status: UserStatus::Invited,
            email_unverified: false,
            invited_by: None,
            role_version: 1,
            role_changed_at: None,
        }
    }
}

impl Document for User {
    fn collection() -> &'static Collection {
        static USERS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("users", Scoping::Tenant)
                .describes_user()
                .personal(&["email"])
                .personal_text(&["name"])
                .field("email", FieldKind::Text)
                .field("role", FieldKind::Text)
                .field("status", FieldKind::Text)
                .field("role_changed_at", FieldKind::Time)
                .unique_in_installation(&["email"])
                .serves(&["email"], &["created_at"])
                .serves(&["role"], &["created_at"])
                .serves(&["status"], &["created_at"])
                .serves(&["role", "status"], &["created_at"])
                .serves(&[], &["role_changed_at"])
        });
        &USERS
    }
}

/// What proves a user: kept apart from the profile, under the user's own id.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credential {
    pub(crate) user_id: UserId,
    /// A PHC string: `$argon2id$…`.
    pub(crate) password_hash: String,
    /// Counts passwords: log-ins of an earlier one cannot be continued.
    #[serde(default)]
    pub(crate) generation: u32,
}

impl Document for Credential {
    fn collection() -> &'static Collection {
        static CREDENTIALS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("credentials", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
        });
        &CREDENTIALS
    }
}

/// A user as the API shows one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    /// Who.
    pub(crate) id: UserId,
    /// The log-in e-mail; null for a user who has not been given one yet.
    pub(crate) email: Option<String>,
    /// Whether the address was shown to be theirs.
    pub(crate) email_verified: bool,
    /// The name as they write it.
    pub(crate) name: String,
    /// The role.
    pub(crate) role: Role,
    /// Whether the user can log in.
    pub(crate) status: UserStatus,
    /// The firm.
    pub(crate) tenant_id: TenantId,
    /// Since when the user is known, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// When something about the user last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<&Stored<User>> for UserView {
    fn from(user: &Stored<User>) -> Self {
        Self {
            id: UserId(user.id),
            email: user.email.clone(),
            email_verified: user.email.is_some() && !user.email_unverified,
            name: user.name.clone(),
            role: user.role,
            status: user.status,
            tenant_id: user.tenant_id,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// A user as they see themselves, and through what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct MeView {
    /// The user.
    #[serde(flatten)]
    pub(crate) user: UserView,
    /// The administrator who acts as this user; null where the users themselves ask.
    pub(crate) impersonated_by: Option<UserId>,
    /// What the log-in is narrowed to, as in `finance.read`; null where it reaches all that the role allows.
    pub(crate) scopes: Option<Vec<String>>,
    /// Whether a second factor must be enrolled before the log-in reaches more than the user's own account.
    pub(crate) mfa_enrolment_required: bool,
}

impl MeView {
    pub(crate) fn of(user: &Stored<User>, cx: &CallContext) -> Self {
        let caller = cx.principal.user();
        Self {
            user: UserView::from(user),
            impersonated_by: caller.and_then(|caller| caller.impersonator).map(|by| by.user),
            scopes: caller.and_then(|caller| caller.scopes.clone()),
            mfa_enrolment_required: caller.is_some_and(must_enrol),
        }
    }
}

pub(crate) fn summary(user: &Stored<User>) -> UserSummary {
    UserSummary {
        id: UserId(user.id),
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role,
        status: user.status,
        tenant_id: user.tenant_id,
    }
}

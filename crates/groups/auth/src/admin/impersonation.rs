use super::{models::ImpersonationGrant, service::Administration};
use crate::{
    AuthFailure,
    roles::Permission,
    users::{User, UserView},
};
use auth_contract::UserStatus;
use chrono::{DateTime, Utc};
use kernel::{AuditRecord, CallContext, CallError, Impersonator, Role, SessionId, UserId, UserPrincipal};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping, Stored};

/// That an administrator acted as a user, under the id of the session that the token names. Kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Impersonation {
    /// As whom.
    pub(crate) user_id: UserId,
    pub(crate) by: UserId,
    pub(crate) reason: String,
    pub(crate) expires_at: DateTime<Utc>,
}

impl Document for Impersonation {
    fn collection() -> &'static Collection {
        static IMPERSONATIONS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("impersonations", Scoping::Owner).encrypted("reason"));
        &IMPERSONATIONS
    }
}

impl Administration {
    /// Lets an administrator see what a user sees: one access token, marked, without a refresh token. Not as another
    /// administrator, not out of another impersonation, and not by an API key.
    pub(crate) async fn impersonate(
        &self,
        cx: &CallContext,
        id: UserId,
        reason: &str,
    ) -> Result<ImpersonationGrant, AuthFailure> {
        Permission::UsersImpersonate.require(cx)?;
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        if caller.impersonator.is_some() || caller.scopes.is_some() {
            return Err(CallError::forbidden(Permission::UsersImpersonate.as_str()).into());
        }
        let user = self.of_firm(cx, id).await?;
        if user.role == Role::Admin || user.status != UserStatus::Active {
            return Err(AuthFailure::NotToImpersonate);
        }
        let session: SessionId = self.store.sources().ids().next();
        let now = self.record(cx, &user, caller.user, session, reason).await?;
        let principal = UserPrincipal {
            user: id,
            role: user.role,
            tenant: user.tenant_id,
            session,
            role_version: user.role_version,
            impersonator: Some(Impersonator {
                user: caller.user,
                session: caller.session,
                role_version: caller.role_version,
            }),
            scopes: self.policy.impersonation_scopes.clone(),
        };
        let access = self
            .issuer
            .issue(&principal, now, self.policy.access_token_life)
            .map_err(AuthFailure::internal)?;
        Ok(ImpersonationGrant {
            access_token: access.token.expose_secret().to_owned(),
            token_type: "bearer",
            expires_in: access.expires_in,
            user: UserView::from(&user),
            impersonated_by: caller.user,
        })
    }

    async fn record(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        by: UserId,
        session: SessionId,
        reason: &str,
    ) -> Result<DateTime<Utc>, AuthFailure> {
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        let impersonation = Impersonation {
            user_id: UserId(user.id),
            by,
            reason: reason.to_owned(),
            expires_at: now + self.policy.access_token_life,
        };
        batch.insert(session, impersonation);
        let record = AuditRecord::new("user.impersonated", format!("user/{}", user.id))
            .changing("session_id", None, Some(session))
            .naming(["reason"]);
        batch.event(record.into_event(cx));
        self.store.commit(batch).await?;
        Ok(now)
    }
}

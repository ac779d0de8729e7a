use super::{
    models::{ApiKey, ApiKeyGrant, GivenApiKey},
    service::{ApiKeys, hash_of, subject},
};
use crate::{AuthFailure, users::User};
use auth_contract::UserStatus;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{AuditRecord, CallContext, SessionId, UserId, UserPrincipal};
use secrecy::ExposeSecret;
use store::{Query, Stored};

/// How long the last use of a key is not written again.
const LAST_USE: TimeDelta = TimeDelta::minutes(1);

impl ApiKeys {
    /// Exchanges a key for an access token of its user, narrowed to the key's scopes. Why a key is not good is not told.
    pub(crate) async fn exchange(
        &self,
        cx: &CallContext,
        given: &GivenApiKey,
    ) -> Result<ApiKeyGrant, AuthFailure> {
        let key = self.known(given).await?.ok_or(AuthFailure::BadApiKey)?;
        let now = self.store.sources().now();
        let user = self.store.get_anywhere::<User>(key.user_id).await?;
        let user = user.filter(|user| user.status == UserStatus::Active && user.tenant_id == key.tenant_id);
        let Some(user) = user.filter(|_| !key.revoked && now < key.expires_at) else {
            self.record_refusal(cx, &key).await?;
            return Err(AuthFailure::BadApiKey);
        };
        if self.policy.mfa_required.contains(&user.role) && !self.factors.is_on(UserId(user.id)).await? {
            self.record_refusal(cx, &key).await?;
            return Err(AuthFailure::MfaEnrolmentNeeded);
        }
        self.remember_use(cx, &key, now).await;
        let principal = UserPrincipal {
            user: UserId(user.id),
            role: user.role,
            tenant: user.tenant_id,
            session: SessionId(key.id),
            role_version: user.role_version,
            impersonator: None,
            scopes: Some(key.scopes.clone()),
        };
        let life = self
            .policy
            .access_token_life
            .min(key.expires_at - now)
            .max(TimeDelta::seconds(1));
        let access = self
            .issuer
            .issue(&principal, now, life)
            .map_err(AuthFailure::internal)?;
        Ok(ApiKeyGrant {
            access_token: access.token.expose_secret().to_owned(),
            token_type: "bearer",
            expires_in: access.expires_in,
            scope: key.scopes.join(" "),
        })
    }

    async fn known(&self, given: &GivenApiKey) -> Result<Option<Stored<ApiKey>>, AuthFailure> {
        let Some((prefix, _)) = given.expose().split_once('.') else {
            return Ok(None);
        };
        let query = Query::all().equals("prefix", prefix).limit(1);
        let found = self
            .store
            .find_everywhere::<ApiKey>(query)
            .await?
            .items
            .into_iter()
            .next();
        let hash = hash_of(given.expose());
        Ok(found.filter(|key| verify_slices_are_equal(hash.as_bytes(), key.key_hash.as_bytes()).is_ok()))
    }

    /// Notes when a key was used, once a minute. That two processes note it at once, or the store is busy, is no reason
    /// to refuse the key.
    async fn remember_use(&self, cx: &CallContext, key: &Stored<ApiKey>, now: DateTime<Utc>) {
        if key.last_used_at.is_some_and(|last| now - last < LAST_USE) {
            return;
        }
        let mut batch = self.store.batch(cx).in_tenant(key.tenant_id);
        batch.replace(&key.changed(|key| key.last_used_at = Some(now)));
        if let Err(error) = self.store.commit(batch).await {
            tracing::debug!(%error, "the last use of a key was not noted");
        }
    }

    async fn record_refusal(&self, cx: &CallContext, key: &Stored<ApiKey>) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let record = AuditRecord::new("api_key.refused", subject(key.id)).refused();
        batch.event(record.into_event(cx).in_tenant(key.tenant_id));
        self.store.commit(batch).await?;
        Ok(())
    }
}

use super::models::{ApiKey, ApiKeyView, MadeApiKey, NewApiKey, NewServiceAccount};
use crate::{
    AuthFailure, AuthPolicy,
    anew::anew,
    mfa::Factors,
    roles::Permission,
    users::{User, audit, changed},
};
use auth_contract::{SESSION_REVOKED, SessionRevoked, USER_REGISTERED, UserStatus};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use kernel::{
    AuditRecord, CallContext, CallError, NewEvent, Page, PageRequest, Role, Scope, SessionId, UserId,
    UserPrincipal,
};
use std::sync::Arc;
use store::{Query, Sort, Store, Stored};
use trust::{RevocationEvent, Revocations, TokenIssuer};
use uuid::Uuid;

/// How every key begins, so that scanners of repositories know one.
const MARK: &str = "wealthos_";

/// The rules about API keys.
#[derive(Clone)]
pub(crate) struct ApiKeys {
    pub(super) store: Store,
    pub(super) factors: Factors,
    pub(super) issuer: TokenIssuer,
    pub(super) policy: Arc<AuthPolicy>,
    pub(super) revocations: Arc<Revocations>,
}

impl ApiKeys {
    pub(crate) fn new(
        store: Store,
        factors: Factors,
        issuer: TokenIssuer,
        policy: Arc<AuthPolicy>,
        revocations: Arc<Revocations>,
    ) -> Self {
        Self {
            store,
            factors,
            issuer,
            policy,
            revocations,
        }
    }

    /// The caller's own keys, newest first.
    pub(crate) async fn own(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Stored<ApiKey>>, AuthFailure> {
        let (_, own) = person(cx)?;
        Ok(self.store.find(&own, newest(page)).await?)
    }

    /// The keys of everybody in the firm, newest first.
    pub(crate) async fn of_firm(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Stored<ApiKey>>, AuthFailure> {
        Permission::ApiKeysManage.require(cx)?;
        Ok(self.store.find(&cx.scope()?, newest(page)).await?)
    }

    /// Makes a key of the caller's own.
    pub(crate) async fn make_own(&self, cx: &CallContext, new: NewApiKey) -> Result<MadeApiKey, AuthFailure> {
        let (caller, _) = person(cx)?;
        self.make(cx, caller.user, caller.user, new).await
    }

    /// Makes a key of a service account of the firm.
    pub(crate) async fn make_for(
        &self,
        cx: &CallContext,
        account: UserId,
        new: NewApiKey,
    ) -> Result<MadeApiKey, AuthFailure> {
        Permission::ApiKeysManage.require(cx)?;
        let (caller, _) = person(cx)?;
        let user = self.store.get::<User>(&cx.scope()?, account).await?;
        user.filter(|user| user.role == Role::Service)
            .ok_or(AuthFailure::UserNotFound)?;
        self.make(cx, account, caller.user, new).await
    }

    /// Makes a user who is a program: without e-mail and password, proven by keys alone.
    pub(crate) async fn make_service_account(
        &self,
        cx: &CallContext,
        new: &NewServiceAccount,
    ) -> Result<Stored<User>, AuthFailure> {
        Permission::ApiKeysManage.require(cx)?;
        person(cx)?;
        let mut account = User::invited(&new.name, Role::Service);
        account.status = UserStatus::Active;
        let mut batch = self.store.batch(cx);
        let id: UserId = self.store.sources().ids().next();
        let made = batch.insert(id, account);
        batch.event(changed(cx, USER_REGISTERED, &made)?);
        batch.event(audit(cx, "service_account.created", None, &made, &[]));
        self.store.commit(batch).await?;
        Ok(made)
    }

    /// Revokes a key of the caller's own.
    pub(crate) async fn revoke_own(&self, cx: &CallContext, id: Uuid) -> Result<(), AuthFailure> {
        let (_, own) = person(cx)?;
        self.revoke(cx, &own, id).await
    }

    /// Revokes a key of anybody in the firm.
    pub(crate) async fn revoke_of_firm(&self, cx: &CallContext, id: Uuid) -> Result<(), AuthFailure> {
        Permission::ApiKeysManage.require(cx)?;
        self.revoke(cx, &cx.scope()?, id).await
    }

    async fn make(
        &self,
        cx: &CallContext,
        user: UserId,
        by: UserId,
        new: NewApiKey,
    ) -> Result<MadeApiKey, AuthFailure> {
        if !(1..=20).contains(&new.scopes.len()) {
            return Err(CallError::invalid("scopes", "must be 1 to 20").into());
        }
        if !(1..=365).contains(&new.expires_in_days) {
            return Err(CallError::invalid("expires_in_days", "must be 1 to 365").into());
        }
        let sources = self.store.sources();
        let prefix = format!("{MARK}{}", hex::encode(sources.random::<5>()));
        let api_key = format!("{prefix}.{}", URL_SAFE_NO_PAD.encode(sources.random::<32>()));
        let mut scopes: Vec<String> = new.scopes.into_iter().map(|scope| scope.into_string()).collect();
        scopes.sort();
        scopes.dedup();
        let mut batch = self.store.batch(cx);
        let key = ApiKey {
            user_id: user,
            name: new.name.into_string(),
            prefix,
            key_hash: hash_of(&api_key),
            scopes,
            expires_at: batch.now() + TimeDelta::days(i64::from(new.expires_in_days)),
            last_used_at: None,
            created_by: by,
            revoked: false,
            revoked_at: None,
        };
        let stored = batch.insert(sources.ids().next::<Uuid>(), key);
        let record = AuditRecord::new("api_key.created", subject(stored.id))
            .changing("user_id", None, Some(user))
            .changing("scopes", None, Some(&stored.scopes))
            .changing("expires_at", None, Some(stored.expires_at));
        batch.event(record.into_event(cx));
        self.store.commit(batch).await?;
        Ok(MadeApiKey {
            api_key,
            key: ApiKeyView::from(&stored),
        })
    }

    /// Ends a key: tokens that it was exchanged for are refused at once in this process, and in every other as soon as
    /// it reads the feed. Revoking it twice changes nothing.
    async fn revoke(&self, cx: &CallContext, scope: &Scope, id: Uuid) -> Result<(), AuthFailure> {
        let revoked = anew(&self.store, cx, async || {
            let key = self.store.get::<ApiKey>(scope, id).await?;
            let key = key.ok_or(AuthFailure::ApiKeyNotFound)?;
            match key.revoked {
                true => Ok(()),
                false => self.commit_revocation(cx, &key).await,
            }
        });
        revoked.await
    }

    async fn commit_revocation(&self, cx: &CallContext, key: &Stored<ApiKey>) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let at = batch.now();
        let revoked = batch.replace(&key.changed(|key| {
            key.revoked = true;
            key.revoked_at = Some(at);
        }));
        let facts = SessionRevoked {
            session_id: SessionId(key.id),
            user_id: key.user_id,
        };
        let data = serde_json::to_value(facts).map_err(AuthFailure::internal)?;
        let event = NewEvent::new(cx, SESSION_REVOKED, format!("session/{}", key.id), data);
        batch.event(event.at_version(revoked.version).in_tenant(key.tenant_id));
        let record =
            AuditRecord::new("api_key.revoked", subject(key.id)).changing("revoked", Some(false), Some(true));
        batch.event(record.into_event(cx).in_tenant(key.tenant_id));
        self.store.commit(batch).await?;
        self.revocations.apply(RevocationEvent::SessionRevoked {
            session: SessionId(key.id),
            at,
        });
        Ok(())
    }
}

pub(super) fn subject(id: Uuid) -> String {
    format!("api_key/{id}")
}

pub(super) fn hash_of(key: &str) -> String {
    hex::encode(digest(&SHA256, key.as_bytes()).as_ref())
}

fn newest(page: PageRequest) -> Query {
    Query::sorted(Sort::descending("created_at")).page(page)
}

/// A person who is logged in as themselves, and the scope of what is their own: keys are made and revoked neither by keys
/// nor by somebody who only acts as a user.
fn person(cx: &CallContext) -> Result<(&UserPrincipal, Scope), AuthFailure> {
    let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
    if caller.scopes.is_some() || caller.impersonator.is_some() {
        return Err(CallError::forbidden("api_keys.own").into());
    }
    let own = Scope::Own {
        tenant: caller.tenant,
        user: caller.user,
    };
    Ok((caller, own))
}

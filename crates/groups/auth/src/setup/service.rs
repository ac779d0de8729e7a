use super::models::{SetupRequest, SetupState, SetupToken};
use crate::{
    AuthFailure,
    users::{Accounts, NewUser, User},
};
use auth_contract::UserSummary;
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{AuditRecord, CallContext, Role, TenantId};
use store::{Query, Store, Stored};
use uuid::Uuid;

/// How long a set-up link is good.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// What makes the first administrator of a firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// The token: told once, and stored as a hash only.
    pub token: String,
    /// Until when it is good, UTC.
    pub expires_at: DateTime<Utc>,
}

/// The rules about the first administrator of a firm.
#[derive(Clone)]
pub struct Setup {
    store: Store,
    accounts: Accounts,
}

impl Setup {
    pub(crate) fn new(store: Store, accounts: Accounts) -> Self {
        Self { store, accounts }
    }

    /// A link for an installation that nobody administers yet; none when somebody does. It takes the place of every
    /// earlier one.
    pub async fn first_link(&self) -> Result<Option<SetupLink>, AuthFailure> {
        match self.is_needed().await? {
            true => self.link_of(TenantId::DEFAULT).await.map(Some),
            false => Ok(None),
        }
    }

    /// Whether nobody administers the installation.
    pub async fn is_needed(&self) -> Result<bool, AuthFailure> {
        self.lacks_admin(TenantId::DEFAULT).await
    }

    /// Whether nobody administers a firm.
    pub(crate) async fn lacks_admin(&self, tenant: TenantId) -> Result<bool, AuthFailure> {
        let scope = kernel::Scope::Tenant { tenant };
        for status in ["active", "suspended"] {
            let query = Query::all()
                .equals("role", Role::Admin.as_str())
                .equals("status", status);
            if self.store.find_first::<User>(&scope, query).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A link for the first administrator of a firm.
    pub(crate) async fn link_of(&self, tenant: TenantId) -> Result<SetupLink, AuthFailure> {
        let secret = URL_SAFE_NO_PAD.encode(self.store.sources().random::<32>());
        let token = format!("{}.{secret}", tenant.0.simple());
        let cx = self.system(tenant);
        let mut batch = self.store.batch(&cx);
        let expires_at = batch.now() + LIFE;
        let fresh = SetupToken {
            token_hash: hash_of(&token),
            expires_at,
            used_at: None,
        };
        match self
            .store
            .get_anywhere::<SetupToken>(SetupToken::id(tenant))
            .await?
        {
            Some(old) => drop(batch.replace(&old.with(fresh))),
            None => drop(batch.insert(SetupToken::id(tenant), fresh)),
        }
        batch.event(AuditRecord::new("setup.link_made", format!("firm/{tenant}")).into_event(&cx));
        self.store.commit(batch).await?;
        Ok(SetupLink { token, expires_at })
    }

    /// What an installation says to who finds it.
    pub(crate) async fn state(&self) -> Result<SetupState, AuthFailure> {
        let needed = self.is_needed().await?;
        let how = match needed {
            true => {
                "nobody administers this installation yet. Send a POST to this path with the content type \
                 application/json and the body {'token': what stands behind token= in the set-up link that the server \
                 printed when it started, 'email': yours, 'password': 8 to 128 characters, 'name': yours}, in double \
                 quotes, and log in at /api/auth/login. A link that was lost is made anew by `wealthctl admin \
                 setup-link`. Instead of it: `wealthctl admin create`, or start the server with \
                 WEALTHOS_ADMIN_EMAIL and WEALTHOS_ADMIN_PASSWORD"
            }
            false => "this installation has an administrator: log in, or ask them for an account",
        };
        Ok(SetupState {
            needed,
            how: how.to_owned(),
        })
    }

    /// Makes the first administrator of the firm whose token it is, once.
    pub(crate) async fn take(&self, request: SetupRequest) -> Result<UserSummary, AuthFailure> {
        let given = request.token.expose().to_owned();
        let tenant = tenant_of(&given).ok_or(AuthFailure::BadSetupToken)?;
        let found = self
            .store
            .get_anywhere::<SetupToken>(SetupToken::id(tenant))
            .await?;
        let now = self.store.sources().now();
        let token = found
            .filter(|token| matches(&given, &token.token_hash))
            .filter(|token| token.used_at.is_none() && now < token.expires_at)
            .ok_or(AuthFailure::BadSetupToken)?;
        // Used up first: of two who try at once one wins. Given back when no user came of it.
        let used = self.mark(tenant, &token, Some(now)).await?;
        let user = NewUser {
            email: request.email,
            password: request.password,
            name: request.name,
            role: Role::Admin,
        };
        let made = self.accounts.create(&self.system(tenant), user).await;
        if made.is_err() {
            self.mark(tenant, &used, None).await?;
        }
        made
    }

    async fn mark(
        &self,
        tenant: TenantId,
        token: &Stored<SetupToken>,
        used_at: Option<DateTime<Utc>>,
    ) -> Result<Stored<SetupToken>, AuthFailure> {
        let mut batch = self.store.batch(&self.system(tenant));
        let next = batch.replace(&token.changed(|token| token.used_at = used_at));
        match self.store.commit(batch).await {
            Ok(_) => Ok(next),
            Err(error) if error.is_lost_race() => Err(AuthFailure::BadSetupToken),
            Err(error) => Err(error.into()),
        }
    }

    fn system(&self, tenant: TenantId) -> CallContext {
        CallContext::system("auth", tenant, self.store.sources().ids())
    }
}

fn tenant_of(token: &str) -> Option<TenantId> {
    let (tenant, _) = token.split_once('.')?;
    Uuid::try_parse(tenant).ok().map(TenantId)
}

fn hash_of(token: &str) -> String {
    hex::encode(digest(&SHA256, token.as_bytes()).as_ref())
}

fn matches(token: &str, hash: &str) -> bool {
    verify_slices_are_equal(hash_of(token).as_bytes(), hash.as_bytes()).is_ok()
}

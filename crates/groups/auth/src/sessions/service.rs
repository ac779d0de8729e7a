use super::models::{RefreshToken, Session, TokenGrant, TokenType};
use crate::{
    AuthFailure, AuthPolicy,
    mfa::Factors,
    one_time::OneTimeTokens,
    opaque_token::{self, Fingerprint},
    passwords::Passwords,
    roles::scopes_until_enrolled,
    users::{User, UserView},
};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kernel::{CallContext, Page, PageRequest, Principal, Scope, SessionId, UserId, UserPrincipal};
use secrecy::ExposeSecret;
use std::sync::Arc;
use store::{Batch, Query, Sort, Store, Stored};
use trust::{Revocations, TokenIssuer};

/// The rules about sessions.
#[derive(Clone)]
pub(crate) struct Sessions {
    pub(super) store: Store,
    pub(super) passwords: Passwords,
    pub(super) factors: Factors,
    pub(super) tokens: OneTimeTokens,
    pub(super) policy: Arc<AuthPolicy>,
    pub(super) issuer: TokenIssuer,
    pub(super) revocations: Arc<Revocations>,
}

impl Sessions {
    pub(crate) fn new(
        store: Store,
        passwords: Passwords,
        factors: Factors,
        policy: Arc<AuthPolicy>,
        issuer: TokenIssuer,
        revocations: Arc<Revocations>,
    ) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            store,
            passwords,
            factors,
            policy,
            issuer,
            revocations,
        }
    }

    /// The caller's sessions that can still be continued, in the order of their end.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        page: PageRequest,
        descending: bool,
    ) -> Result<Page<Stored<Session>>, AuthFailure> {
        let (caller, scope) = caller_of(cx)?;
        debug_assert_eq!(scope.tenant(), caller.tenant);
        let sort = match descending {
            true => Sort::descending("expires_at"),
            false => Sort::ascending("expires_at"),
        };
        // The day and not the moment: a cursor belongs to one list, and the next page is asked for a moment later.
        let now = self.store.sources().now();
        let today = now.duration_trunc(TimeDelta::days(1)).unwrap_or(now);
        let query = Query::sorted(sort)
            .equals("ended", false)
            .between(Some(today.into()), None)
            .page(page);
        let mut page = self.store.find(&scope, query).await?;
        page.items
            .retain(|session: &Stored<Session>| session.expires_at > now);
        Ok(page)
    }

    /// Adds a fresh refresh token of the session to a batch, and answers it.
    pub(super) fn add_refresh_token(
        &self,
        batch: &mut Batch,
        user_id: UserId,
        session_id: SessionId,
        expires_at: DateTime<Utc>,
    ) -> String {
        let token = opaque_token::generate(self.store.sources());
        let fingerprint = Fingerprint::of(&token);
        let stored = RefreshToken {
            user_id,
            session_id,
            token_hash: fingerprint.hash,
            expires_at,
            used_at: None,
        };
        batch.insert(fingerprint.id, stored);
        token
    }

    /// When a refresh token expires that is handed out now: no session outlives its longest life, however often it is
    /// used.
    pub(super) fn expiry(&self, now: DateTime<Utc>, begun: DateTime<Utc>) -> DateTime<Utc> {
        (now + self.policy.refresh_token_life).min(begun + self.policy.session_life)
    }

    /// How long a refresh token lives, and whether its cookie needs HTTPS.
    pub(super) fn cookie_policy(&self) -> (TimeDelta, bool) {
        (self.policy.refresh_token_life, self.policy.secure_cookies)
    }

    /// The answer that proves the user from now on.
    pub(super) async fn grant(
        &self,
        user: &Stored<User>,
        session: SessionId,
        refresh_token: String,
        now: DateTime<Utc>,
    ) -> Result<TokenGrant, AuthFailure> {
        let mut proven = principal(user, session);
        if user.email_unverified {
            proven.scopes.clone_from(&self.policy.unverified_scopes);
        }
        let must_enrol =
            self.policy.mfa_required.contains(&user.role) && !self.factors.is_on(UserId(user.id)).await?;
        if must_enrol {
            proven.scopes = Some(scopes_until_enrolled());
        }
        let access = self
            .issuer
            .issue(&proven, now, self.policy.access_token_life)
            .map_err(AuthFailure::internal)?;
        Ok(TokenGrant {
            access_token: access.token.expose_secret().to_owned(),
            refresh_token: Some(refresh_token),
            token_type: TokenType::Bearer,
            expires_in: access.expires_in,
            mfa_enrolment_required: must_enrol,
            user: UserView::from(user),
        })
    }
}

/// The user as a token names them.
pub(crate) fn principal(user: &Stored<User>, session: SessionId) -> UserPrincipal {
    UserPrincipal {
        user: UserId(user.id),
        role: user.role,
        tenant: user.tenant_id,
        session,
        role_version: user.role_version,
        impersonator: None,
        scopes: None,
    }
}

/// The same call, made by the user who has just proven themselves.
pub(super) fn as_user(cx: &CallContext, user: &Stored<User>, session: SessionId) -> CallContext {
    CallContext {
        principal: Principal::User(principal(user, session)),
        ..cx.clone()
    }
}

/// The user who calls, and the scope of what is their own whatever their role.
pub(super) fn caller_of(cx: &CallContext) -> Result<(UserPrincipal, Scope), AuthFailure> {
    let caller = cx.principal.user().cloned();
    let caller = caller.ok_or(kernel::CallError::Unauthenticated)?;
    let own = Scope::Own {
        tenant: caller.tenant,
        user: caller.user,
    };
    Ok((caller, own))
}

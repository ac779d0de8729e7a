use super::models::Session;
use crate::{AuthFailure, api_keys::ApiKey, users::User};
use auth_contract::{AuthError, LeastRoleVersion, RevocationSnapshot, Revocations, RevokedSession};
use chrono::{DateTime, Utc};
use kernel::{CallContext, CallError, Principal, SessionId, UserId};
use store::{Document, Query, Sort, Store, Stored};
use trust::{LEEWAY, MAX_LIFE};

/// What was taken back lately, of all firms.
#[derive(Clone)]
pub(crate) struct RevocationLog {
    store: Store,
}

impl RevocationLog {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn read(&self) -> Result<RevocationSnapshot, AuthFailure> {
        // First the place, then the documents: what is committed in between is read twice, and nothing is missed.
        let seq = self.store.last_seq().await?;
        let since = self.store.sources().now() - (MAX_LIFE + LEEWAY * 2);
        let ended = Query::sorted(Sort::ascending("ended_at"))
            .equals("ended", true)
            .between(Some(since.into()), None);
        let changed = Query::sorted(Sort::ascending("role_changed_at")).between(Some(since.into()), None);
        let revoked = Query::sorted(Sort::ascending("revoked_at"))
            .equals("revoked", true)
            .between(Some(since.into()), None);
        let sessions = self.all(ended, revoked_session).await?.into_iter();
        let keys = self.all(revoked, revoked_key).await?.into_iter();
        Ok(RevocationSnapshot {
            seq,
            sessions: sessions.chain(keys).collect(),
            roles: self.all(changed, least_role_version).await?,
        })
    }

    async fn all<T: Document, V>(
        &self,
        query: Query,
        view: fn(&Stored<T>) -> Option<V>,
    ) -> Result<Vec<V>, AuthFailure> {
        let found = self.store.find_all_everywhere::<T>(query).await?;
        Ok(found.iter().filter_map(view).collect())
    }
}

fn revoked_session(session: &Stored<Session>) -> Option<RevokedSession> {
    Some(RevokedSession {
        session_id: SessionId(session.id),
        at: session.ended_at?,
    })
}

/// A key is the session that its tokens name.
fn revoked_key(key: &Stored<ApiKey>) -> Option<RevokedSession> {
    Some(RevokedSession {
        session_id: SessionId(key.id),
        at: key.revoked_at?,
    })
}

fn least_role_version(user: &Stored<User>) -> Option<LeastRoleVersion> {
    let at: DateTime<Utc> = user.role_changed_at?;
    Some(LeastRoleVersion {
        user_id: UserId(user.id),
        role_version: user.role_version,
        at,
    })
}

#[rpc::async_trait]
impl Revocations for RevocationLog {
    async fn snapshot(&self, cx: &CallContext) -> Result<RevocationSnapshot, AuthError> {
        match cx.principal {
            Principal::System { .. } => Ok(self.read().await?),
            _ => Err(CallError::forbidden("auth.revocations").into()),
        }
    }
}

use super::{
    Sessions, events,
    models::{EndReason, Session},
    service::caller_of,
};
use crate::{AuthFailure, anew::anew, users::User};
use kernel::{CallContext, MAX_PAGE, Scope, SessionId, UserId};
use store::{Batch, Query, Sort, Stored};
use trust::RevocationEvent;

impl Sessions {
    /// Ends the session that asks.
    pub(crate) async fn log_out(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let (caller, own) = caller_of(cx)?;
        match self.alive(&own, caller.session).await {
            Ok(session) => self.end(cx, session, EndReason::LoggedOut).await,
            // Somebody was faster: it is over, which is what was asked for.
            Err(AuthFailure::SessionNotFound) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Ends one of the caller's sessions.
    pub(crate) async fn revoke(&self, cx: &CallContext, id: SessionId) -> Result<(), AuthFailure> {
        let (_, own) = caller_of(cx)?;
        let session = self.alive(&own, id).await?;
        self.end(cx, session, EndReason::Revoked).await
    }

    /// Ends all of the caller's sessions, the one that asks as well.
    pub(crate) async fn revoke_all(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let (_, own) = caller_of(cx)?;
        self.end_every(cx, &own, None, EndReason::Revoked).await
    }

    /// Ends all sessions of a user but this one.
    pub(crate) async fn end_all(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        except: Option<SessionId>,
        reason: EndReason,
    ) -> Result<(), AuthFailure> {
        let own = Scope::Own {
            tenant: user.tenant_id,
            user: UserId(user.id),
        };
        self.end_every(cx, &own, except, reason).await
    }

    /// Lets a session go on with the password that counts from now on.
    pub(crate) async fn carry_on(
        &self,
        batch: &mut Batch,
        id: SessionId,
        generation: u32,
    ) -> Result<(), AuthFailure> {
        if let Some(session) = self.store.get_anywhere::<Session>(id).await? {
            batch.replace(&session.changed(|session| session.generation = generation));
        }
        Ok(())
    }

    async fn end_every(
        &self,
        cx: &CallContext,
        own: &Scope,
        except: Option<SessionId>,
        reason: EndReason,
    ) -> Result<(), AuthFailure> {
        loop {
            let query = Query::sorted(Sort::ascending("expires_at"))
                .equals("ended", false)
                .limit(MAX_PAGE);
            let mut page = self.store.find::<Session>(own, query).await?;
            page.items
                .retain(|session| except.is_none_or(|except| session.id != except.0));
            if page.items.is_empty() {
                return Ok(());
            }
            for session in page.items {
                self.end(cx, session, reason).await?;
            }
        }
    }

    async fn alive(&self, scope: &Scope, id: SessionId) -> Result<Stored<Session>, AuthFailure> {
        let found = self.store.get::<Session>(scope, id).await?;
        let now = self.store.sources().now();
        found
            .filter(|session| session.is_alive(now))
            .ok_or(AuthFailure::SessionNotFound)
    }

    /// Ends a session: its tokens are refused at once in this process, and in every other as soon as it reads the
    /// feed. Ending it twice changes nothing.
    pub(super) async fn end(
        &self,
        cx: &CallContext,
        session: Stored<Session>,
        reason: EndReason,
    ) -> Result<(), AuthFailure> {
        let ended = anew(&self.store, cx, async || {
            match self.store.get_anywhere::<Session>(session.id).await? {
                Some(current) if !current.ended => self.commit_end(cx, &current, reason).await,
                _ => Ok(()),
            }
        });
        ended.await
    }

    async fn commit_end(
        &self,
        cx: &CallContext,
        session: &Stored<Session>,
        reason: EndReason,
    ) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let at = batch.now();
        let ended = batch.replace(&session.changed(|session| {
            session.ended = true;
            session.ended_at = Some(at);
            session.end_reason = Some(reason);
        }));
        for event in events::ended(cx, &ended, reason)? {
            batch.event(event);
        }
        self.store.commit(batch).await?;
        self.revocations.apply(RevocationEvent::SessionRevoked {
            session: SessionId(session.id),
            at,
        });
        Ok(())
    }
}

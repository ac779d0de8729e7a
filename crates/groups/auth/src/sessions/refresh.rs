use super::{
    Sessions,
    models::{EndReason, GivenRefreshToken, RefreshToken, Session, TokenGrant},
    service::as_user,
};
use crate::{
    AuthFailure,
    anew::anew,
    opaque_token::Fingerprint,
    users::{Credential, User},
};
use auth_contract::UserStatus;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, SessionId};
use store::Stored;

/// How long after its exchange a refresh token that comes again is taken for a second tab, not for a thief.
const RACE: TimeDelta = TimeDelta::seconds(10);

/// A refresh token that may be exchanged, and what it belongs to.
struct Exchange {
    token: Stored<RefreshToken>,
    session: Stored<Session>,
    user: Stored<User>,
}

impl Sessions {
    /// Exchanges a refresh token for the next pair of tokens. Of several that try at once one wins and the others are
    /// told so; a token that comes back later ends the session with all its tokens.
    pub(crate) async fn refresh(
        &self,
        cx: &CallContext,
        given: &GivenRefreshToken,
    ) -> Result<TokenGrant, AuthFailure> {
        let fingerprint = Fingerprint::of(given.expose());
        let exchanged = anew(&self.store, cx, async || {
            let now = self.store.sources().now();
            let exchange = self.exchange(cx, &fingerprint, now).await?;
            self.rotate(cx, &exchange).await
        });
        exchanged.await
    }

    async fn exchange(
        &self,
        cx: &CallContext,
        fingerprint: &Fingerprint,
        now: DateTime<Utc>,
    ) -> Result<Exchange, AuthFailure> {
        let bad = AuthFailure::BadRefreshToken;
        let found = self.store.get_anywhere::<RefreshToken>(fingerprint.id).await?;
        let token = found
            .filter(|token| fingerprint.matches(&token.token_hash))
            .ok_or(bad.clone())?;
        let session = self.store.get_anywhere::<Session>(token.session_id).await?;
        let session = session
            .filter(|session| session.is_alive(now) && now < session.created_at + self.policy.session_life)
            .ok_or(bad.clone())?;
        let user = self.store.get_anywhere::<User>(token.user_id).await?;
        let user = user
            .filter(|user| user.status == UserStatus::Active)
            .ok_or(bad.clone())?;
        // A session that began with an earlier password ends with it, whatever became of ending it.
        let credential = self.store.get_anywhere::<Credential>(token.user_id).await?;
        credential
            .filter(|credential| credential.generation == session.generation)
            .ok_or(bad.clone())?;
        match token.used_at {
            Some(used) if now - used <= RACE => Err(AuthFailure::RefreshInProgress),
            Some(_) => {
                let cx = &as_user(cx, &user, token.session_id);
                self.end(cx, session, EndReason::Reused).await?;
                Err(bad)
            }
            None if now >= token.expires_at => Err(bad),
            None => Ok(Exchange { token, session, user }),
        }
    }

    async fn rotate(&self, cx: &CallContext, exchange: &Exchange) -> Result<TokenGrant, AuthFailure> {
        let Exchange { token, session, user } = exchange;
        let session_id = SessionId(session.id);
        let mut batch = self.store.batch(&as_user(cx, user, session_id));
        let now = batch.now();
        let expires_at = self.expiry(now, session.created_at);
        batch.replace(&token.changed(|token| token.used_at = Some(now)));
        batch.replace(&session.changed(|session| {
            session.last_used_at = now;
            session.expires_at = expires_at;
        }));
        let next = self.add_refresh_token(&mut batch, token.user_id, session_id, expires_at);
        self.store.commit(batch).await?;
        self.grant(user, session_id, next, now).await
    }
}

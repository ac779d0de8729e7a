use super::{
    Sessions, events,
    models::{GivenPassword, Session, TokenGrant},
    service::as_user,
};
use crate::{
    AuthFailure,
    users::{Credential, User, store::by_email},
};
use auth_contract::UserStatus;
use kernel::{CallContext, Email, SessionId, UserId};
use store::Stored;
use uuid::Uuid;

impl Sessions {
    /// Proves a user by e-mail and password and begins a session. An unknown e-mail and a wrong password get the same
    /// answer after the same work: nobody learns which e-mails have an account.
    pub(crate) async fn log_in(
        &self,
        cx: &CallContext,
        email: &Email,
        password: &GivenPassword,
        device: Option<String>,
    ) -> Result<TokenGrant, AuthFailure> {
        let user = by_email(&self.store, email).await?;
        let id = user.as_ref().map_or(Uuid::nil(), |user| user.id);
        let credential = self.store.get_anywhere::<Credential>(id).await?;
        let stored = credential
            .as_ref()
            .map(|credential| credential.password_hash.as_str());
        let verdict = self.passwords.verify(password.expose(), stored).await?;
        match (user, credential) {
            (Some(user), Some(_)) if verdict.matches && user.status != UserStatus::Active => {
                self.record_refusal(cx, Some(&user)).await?;
                Err(AuthFailure::Suspended)
            }
            (Some(user), Some(credential)) if verdict.matches => {
                let outdated = verdict.outdated.then_some((&credential, password));
                self.begin(cx, &user, device, outdated).await
            }
            (user, _) => {
                self.record_refusal(cx, user.as_ref()).await?;
                Err(AuthFailure::WrongCredentials)
            }
        }
    }

    async fn begin(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        device: Option<String>,
        outdated: Option<(&Stored<Credential>, &GivenPassword)>,
    ) -> Result<TokenGrant, AuthFailure> {
        let session_id: SessionId = self.store.sources().ids().next();
        let cx = &as_user(cx, user, session_id);
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        let expires_at = now + self.policy.refresh_token_life;
        let session = Session {
            user_id: UserId(user.id),
            device,
            last_used_at: now,
            expires_at,
            ended: false,
            ended_at: None,
            end_reason: None,
        };
        let begun = batch.insert(session_id, session);
        let token = self.add_refresh_token(&mut batch, UserId(user.id), session_id, expires_at);
        if let Some((credential, password)) = outdated {
            let password_hash = self.passwords.hash(password.expose()).await?;
            batch.replace(&credential.changed(|old| old.password_hash.clone_from(&password_hash)));
        }
        batch.event(events::audit(cx, "session.started", &begun));
        self.store.commit(batch).await?;
        self.grant(user, session_id, token, now)
    }

    async fn record_refusal(&self, cx: &CallContext, user: Option<&Stored<User>>) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let known = user.map(|user| (UserId(user.id), user.tenant_id));
        batch.event(events::refused(cx, known));
        self.store.commit(batch).await?;
        Ok(())
    }
}

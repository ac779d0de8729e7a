use crate::{
    AuthFailure,
    anew::anew,
    mail::{self, Letter, Notice},
    one_time::{GivenCode, OneTimeTokens, Purpose, is_used_up},
    personal::{Erasures, GRACE, KEPT_AFTER_DELETION},
    sessions::{EndReason, Sessions},
    step_up::{Proof, StepUp},
    users::{PersonName, User, acting_as, audit, changed, store::is_email_taken},
};
use auth_contract::{USER_DELETED, USER_REGISTERED, USER_UPDATED, UserStatus};
use kernel::{CallContext, Email, Role, Scope, UserId};
use store::{Query, Store, Stored};

/// The rules about accounts as a whole.
#[derive(Clone)]
pub(crate) struct Lifecycle {
    store: Store,
    tokens: OneTimeTokens,
    step_up: StepUp,
    sessions: Sessions,
    erasures: Erasures,
}

/// How an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It can be taken back for a while.
    Deletion,
    /// For good.
    Erasure,
}

impl Lifecycle {
    pub(crate) fn new(store: Store, step_up: StepUp, sessions: Sessions) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            erasures: Erasures::new(store.clone()),
            store,
            step_up,
            sessions,
        }
    }

    /// Changes the caller's profile. `expected` is the version of `If-Match`.
    pub(crate) async fn rename(
        &self,
        cx: &CallContext,
        expected: Option<u64>,
        name: &PersonName,
    ) -> Result<Stored<User>, AuthFailure> {
        let renamed = anew(&self.store, cx, async || {
            let user = self.step_up.user(cx).await?;
            if expected.is_some_and(|version| version != user.version) {
                return Err(AuthFailure::Stale);
            }
            let mut batch = self.store.batch(cx);
            let next = batch.replace(&user.changed(|user| name.as_str().clone_into(&mut user.name)));
            batch.event(changed(cx, USER_UPDATED, &next)?);
            batch.event(audit(cx, "user.profile_changed", Some(&user), &next, &["name"]));
            self.store.commit(batch).await?;
            Ok(next)
        });
        renamed.await
    }

    /// Deletes the caller's account: nobody can log in with it any more, and every session ends. It can be taken back
    /// with a mailed code for thirty days; then it is erased.
    pub(crate) async fn delete(&self, cx: &CallContext, proof: &Proof) -> Result<(), AuthFailure> {
        self.end(cx, proof, End::Deletion).await
    }

    /// Deletes the caller's account and takes out what every group knows of them. Cannot be taken back. Done by a job,
    /// as soon as every group can be reached.
    pub(crate) async fn erase(&self, cx: &CallContext, proof: &Proof) -> Result<(), AuthFailure> {
        self.end(cx, proof, End::Erasure).await
    }

    async fn end(&self, cx: &CallContext, proof: &Proof, how: End) -> Result<(), AuthFailure> {
        let user = self.step_up.prove(cx, proof).await?.user;
        if user.role == Role::Admin && self.is_last_admin(&user).await? {
            return Err(AuthFailure::LastAdmin);
        }
        let user_id = UserId(user.id);
        let mut batch = self.store.batch(cx);
        let gone = batch.delete(&user);
        let void = [
            Purpose::VerifyEmail,
            Purpose::ChangeEmail,
            Purpose::ResetPassword,
            Purpose::SecondFactor,
        ];
        self.tokens
            .remove_all(&mut batch, user.tenant_id, user_id, &void)
            .await?;
        let now = batch.now();
        let email = user.email.as_deref().and_then(|email| Email::parse(email).ok());
        let due_at = match (how, email) {
            (End::Erasure, _) => now + GRACE,
            (End::Deletion, None) => now + KEPT_AFTER_DELETION,
            (End::Deletion, Some(email)) => {
                let letter = Letter::AccountDeleted { user_id, email };
                mail::enqueue(&self.store, cx, &mut batch, &letter)?;
                now + KEPT_AFTER_DELETION
            }
        };
        self.erasures.plan(&mut batch, user_id, due_at).await?;
        if how == End::Erasure {
            batch.event(audit(cx, "user.erasure_asked", Some(&user), &gone, &[]));
        }
        batch.event(changed(cx, USER_DELETED, &gone)?);
        batch.event(audit(cx, "user.deleted", Some(&user), &gone, &[]));
        self.store.commit(batch).await?;
        self.sessions
            .end_all(cx, &user, None, EndReason::AccountDeleted)
            .await?;
        match how {
            End::Deletion => Ok(()),
            End::Erasure => self.erasures.begin(user.tenant_id, user_id, due_at).await,
        }
    }

    /// Takes the deletion of an account back, with a mailed code.
    pub(crate) async fn restore(&self, cx: &CallContext, code: &GivenCode) -> Result<(), AuthFailure> {
        let token = self.tokens.find(code, &[Purpose::RestoreAccount]).await?;
        let own = Scope::Own {
            tenant: token.tenant_id,
            user: token.user_id,
        };
        let gone = self.store.get_deleted::<User>(&own, token.user_id).await?;
        let mut back = gone.ok_or(AuthFailure::BadCode)?;
        back.deleted_at = None;
        let cx = &acting_as(cx, &back);
        let mut batch = self.store.batch(cx);
        batch.remove(&token);
        if let Some(erasure) = self.erasures.of(token.user_id).await? {
            batch.remove(&erasure);
        }
        let back = batch.replace(&back);
        if let Some(email) = back.email.as_deref().and_then(|email| Email::parse(email).ok()) {
            let notice = Notice::AccountRestored;
            mail::enqueue(&self.store, cx, &mut batch, &Letter::Notice { email, notice })?;
        }
        batch.event(changed(cx, USER_REGISTERED, &back)?);
        batch.event(audit(cx, "user.restored", Some(&back), &back, &[]));
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(error) if is_used_up(&error) => Err(AuthFailure::BadCode),
            Err(error) if is_email_taken(&error) => Err(AuthFailure::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }

    async fn is_last_admin(&self, user: &Stored<User>) -> Result<bool, AuthFailure> {
        let firm = Scope::Tenant {
            tenant: user.tenant_id,
        };
        let admins = Query::all()
            .equals("role", Role::Admin.as_str())
            .equals("status", status_name(UserStatus::Active))
            .limit(2);
        Ok(self.store.find::<User>(&firm, admins).await?.items.len() < 2)
    }
}

fn status_name(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "active",
        UserStatus::Invited => "invited",
        UserStatus::Suspended => "suspended",
    }
}

use super::{
    allowance::allow,
    letter::{Letter, Notice},
    text::{self, Text},
};
use crate::{
    AuthFailure,
    one_time::{OneTimeTokens, Purpose},
    users::{User, store::by_email},
};
use auth_contract::UserStatus;
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun, NewJob},
};
use kernel::{CallContext, Email, UserId};
use runtime::mail::{Mail, MailError, Mailer};
use store::{Batch, Store, Stored};
use url::Url;

/// The kind of the job.
pub(crate) const KIND: &str = "auth.letter";

/// Puts a letter into a batch: it is sent once the batch is committed.
pub(crate) fn enqueue(
    store: &Store,
    cx: &CallContext,
    batch: &mut Batch,
    letter: &Letter,
) -> Result<(), AuthFailure> {
    NewJob::new(KIND, letter)?.enqueue(store, cx, batch);
    Ok(())
}

/// Sends letters. A code is made anew in every attempt, and the ones before it are taken back.
pub(crate) struct LetterJob {
    store: Store,
    tokens: OneTimeTokens,
    mailer: Mailer,
    link_base: Option<Url>,
}

/// A code that is to be made and mailed.
struct Order {
    user: Stored<User>,
    purpose: Purpose,
    /// Where it goes.
    to: Email,
    /// The address that it proves, where it proves one.
    proves: Option<String>,
    /// Whether mails of this kind are counted when they are sent, and not when they were asked for.
    counted: bool,
}

impl LetterJob {
    pub(crate) fn new(store: Store, mailer: Mailer, link_base: Option<Url>) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            store,
            mailer,
            link_base,
        }
    }

    /// What is to be sent; nothing when there is nobody (any more) whom it concerns.
    async fn order(&self, letter: Letter) -> Result<Option<Order>, Failure> {
        let (user_id, purpose, to) = match letter {
            Letter::VerifyEmail { user_id } => return self.verification(user_id).await,
            Letter::ResetPassword { email } => return self.reset(email).await,
            Letter::ChangeEmail { user_id, email } => (user_id, Purpose::ChangeEmail, email),
            Letter::Invitation { user_id, email } => (user_id, Purpose::AcceptInvitation, email),
            Letter::AccountDeleted { .. } | Letter::Notice { .. } | Letter::Unasked { .. } => {
                return Ok(None);
            }
        };
        // Somebody else's address is not written to: that it has an account is nobody's business.
        if by_email(&self.store, &to).await?.is_some() {
            return Ok(None);
        }
        let wanted = match purpose {
            Purpose::AcceptInvitation => UserStatus::Invited,
            _ => UserStatus::Active,
        };
        let user = self.store.get_anywhere::<User>(user_id).await?;
        Ok(user.filter(|user| user.status == wanted).map(|user| Order {
            user,
            purpose,
            proves: Some(to.as_str().to_owned()),
            to,
            counted: false,
        }))
    }

    async fn verification(&self, user_id: UserId) -> Result<Option<Order>, Failure> {
        let user = self.store.get_anywhere::<User>(user_id).await?;
        let user = user.filter(|user| user.email_unverified && user.status == UserStatus::Active);
        Ok(user.and_then(|user| {
            let to = Email::parse(user.email.as_deref()?).ok()?;
            Some(Order {
                purpose: Purpose::VerifyEmail,
                proves: user.email.clone(),
                user,
                to,
                counted: false,
            })
        }))
    }

    async fn reset(&self, email: Email) -> Result<Option<Order>, Failure> {
        let user = by_email(&self.store, &email).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        Ok(user.and_then(|user| {
            // To the address on file: what was typed may differ from it in what is folded.
            let to = Email::parse(user.email.as_deref()?).ok()?;
            Some(Order {
                purpose: Purpose::ResetPassword,
                proves: user.email.clone(),
                user,
                to,
                counted: true,
            })
        }))
    }

    /// Makes the code; nothing when there were too many of the kind lately.
    async fn fill(&self, job: &mut JobRun, order: &Order) -> Result<Option<String>, Failure> {
        let user_id = UserId(order.user.id);
        let mut batch = job.batch().in_tenant(order.user.tenant_id);
        if order.counted && job.attempt() == 1 {
            match allow(&self.store, &mut batch, user_id, order.purpose.as_str()).await {
                Err(AuthFailure::TooManyMails { .. }) => return Ok(None),
                allowed => allowed.map_err(Failure::from_fault)?,
            }
        }
        let code = self
            .code(&mut batch, &order.user, order.purpose, order.proves.clone())
            .await?;
        job.checkpoint(batch, &()).await?;
        Ok(Some(code))
    }

    async fn code(
        &self,
        batch: &mut Batch,
        user: &Stored<User>,
        purpose: Purpose,
        proves: Option<String>,
    ) -> Result<String, Failure> {
        let user_id = UserId(user.id);
        self.tokens
            .remove_all(batch, user.tenant_id, user_id, &[purpose])
            .await
            .map_err(Failure::from_fault)?;
        Ok(self
            .tokens
            .issue(batch, user_id, purpose, |token| token.email = proves))
    }

    async fn send(&self, job: &JobRun, to: Email, text: Text) -> Result<JobDone, Failure> {
        let mail = Mail {
            id: job.id().to_string(),
            to,
            subject: text.subject.to_owned(),
            text: text.body,
        };
        match self.mailer.send(&mail).await {
            Ok(()) => Ok(JobDone::empty()),
            Err(error @ (MailError::Later(_) | MailError::Unsure(_))) => Err(Failure::Transient {
                reason: error.to_string(),
                cause: Some(std::sync::Arc::new(error)),
            }),
            Err(error) => Err(Failure::Permanent {
                reason: error.to_string(),
                cause: Some(std::sync::Arc::new(error)),
            }),
        }
    }

    /// Tells the owner of an address, if it has an account, and not too often.
    async fn tell_owner(&self, job: &mut JobRun, email: &Email, notice: Notice) -> Result<JobDone, Failure> {
        let known = by_email(&self.store, email).await?;
        let known = known.filter(|user| user.status == UserStatus::Active);
        let on_file = known.as_ref().and_then(|user| user.email.as_deref());
        let to = on_file.and_then(|email| Email::parse(email).ok());
        let (Some(user), Some(to)) = (known, to) else {
            return Ok(JobDone::empty());
        };
        if job.attempt() == 1 {
            let mut batch = job.batch().in_tenant(user.tenant_id);
            match allow(&self.store, &mut batch, UserId(user.id), "unasked").await {
                Err(AuthFailure::TooManyMails { .. }) => return Ok(JobDone::empty()),
                allowed => allowed.map_err(Failure::from_fault)?,
            }
            job.checkpoint(batch, &()).await?;
        }
        self.send(job, to, text::of_notice(notice)).await
    }

    /// The code of a deleted account: the user is not among those who can be found any more.
    async fn restoring(&self, job: &mut JobRun, user_id: UserId, email: Email) -> Result<JobDone, Failure> {
        let tenant = job.cx().tenant();
        let mut batch = job.batch();
        let purposes = [Purpose::RestoreAccount];
        self.tokens
            .remove_all(&mut batch, tenant, user_id, &purposes)
            .await
            .map_err(Failure::from_fault)?;
        let code = self
            .tokens
            .issue(&mut batch, user_id, Purpose::RestoreAccount, |_| {});
        job.checkpoint(batch, &()).await?;
        let text = text::with_code(Purpose::RestoreAccount, &code, self.link_base.as_ref());
        self.send(job, email, text).await
    }
}

#[rpc::async_trait]
impl JobHandler for LetterJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        match job.payload::<Letter>()? {
            Letter::Notice { email, notice } => self.send(job, email, text::of_notice(notice)).await,
            Letter::AccountDeleted { user_id, email } => self.restoring(job, user_id, email).await,
            Letter::Unasked { email, notice } => self.tell_owner(job, &email, notice).await,
            Letter::Invitation { email, .. } if by_email(&self.store, &email).await?.is_some() => {
                self.tell_owner(job, &email, Notice::InvitedAgain).await
            }
            letter => {
                let Some(order) = self.order(letter).await? else {
                    return Ok(JobDone::empty());
                };
                let Some(code) = self.fill(job, &order).await? else {
                    return Ok(JobDone::empty());
                };
                let text = text::with_code(order.purpose, &code, self.link_base.as_ref());
                self.send(job, order.to, text).await
            }
        }
    }
}

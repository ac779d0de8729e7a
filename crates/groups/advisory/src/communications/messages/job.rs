use super::{
    models::{MessageRecord, MessageStatus},
    sending::{KIND, SendOrder},
    steps::step,
    waiting::SUPPRESSED,
};
use crate::{clients::ClientRecord, communications::suppressions::is_suppressed};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun},
};
use kernel::{Email, Scope};
use runtime::mail::{Mail, MailError, Mailer};
use std::sync::Arc;
use store::{Store, StoreError, Stored};
use uuid::Uuid;

/// How often a message is handed to a mail server that does not take it, before it is given up: with the pauses of jobs
/// about three hours.
const HAND_OVERS: u32 = 25;

/// How often a change that somebody else was faster with is made anew.
const ATTEMPTS: u32 = 16;

/// Sends messages, each once.
pub(crate) struct MessageJob {
    store: Store,
    mailer: Mailer,
}

/// What ends a message.
struct End {
    status: MessageStatus,
    reason: Option<&'static str>,
}

impl End {
    const SENT: Self = Self {
        status: MessageStatus::Sent,
        reason: None,
    };

    fn failed(reason: &'static str) -> Self {
        Self {
            status: MessageStatus::Failed,
            reason: Some(reason),
        }
    }

    fn cancelled(reason: &'static str) -> Self {
        Self {
            status: MessageStatus::Cancelled,
            reason: Some(reason),
        }
    }
}

impl MessageJob {
    pub(crate) fn new(store: Store, mailer: Mailer) -> Self {
        Self { store, mailer }
    }

    /// The mail, as the client is now; or why there is none.
    async fn mail(
        &self,
        job: &JobRun,
        message: &Stored<MessageRecord>,
    ) -> Result<Result<Mail, End>, Failure> {
        let scope = Scope::Tenant {
            tenant: message.tenant_id,
        };
        let client = self.store.get::<ClientRecord>(&scope, message.client_id).await?;
        let (Some(client), Some(subject), Some(text)) = (client, &message.subject, &message.body) else {
            return Ok(Err(End::cancelled("client_gone")));
        };
        let email = client.email.as_deref().and_then(|email| Email::parse(email).ok());
        let Some(to) = email else {
            return Ok(Err(End::failed("no_address")));
        };
        if is_suppressed(&self.store, job.cx().tenant(), &to).await? {
            return Ok(Err(End::cancelled(SUPPRESSED)));
        }
        Ok(Ok(Mail {
            id: message.id.to_string(),
            to,
            subject: subject.clone(),
            text: text.clone(),
        }))
    }

    /// Commits that the message is being handed over. Nothing when somebody else was faster: then it is theirs.
    async fn take_in_hand(
        &self,
        job: &JobRun,
        message: &Stored<MessageRecord>,
        mail: &Mail,
    ) -> Result<Option<Stored<MessageRecord>>, Failure> {
        let mut batch = job.batch();
        let taken = batch.replace(&message.changed(|record| {
            record.address = Some(mail.to.to_string());
            record.attempts = record.attempts.saturating_add(1);
            record.in_hand = true;
        }));
        match self.store.commit(batch).await {
            Ok(_) => Ok(Some(taken)),
            Err(StoreError::VersionConflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Hands the mail over: how the message ends, nothing when it is to be tried again.
    async fn hand_over(&self, message: &Stored<MessageRecord>, mail: &Mail) -> Result<End, Failure> {
        // Somebody may have put the address on the list since it was looked for.
        if is_suppressed(&self.store, message.tenant_id, &mail.to).await? {
            return Ok(End::cancelled(SUPPRESSED));
        }
        match self.mailer.send(mail).await {
            Ok(()) => Ok(End::SENT),
            Err(MailError::Unsure(_)) if !self.mailer.replaces() => Ok(End::failed("outcome_unknown")),
            Err(MailError::Later(_) | MailError::Unsure(_)) if message.attempts >= HAND_OVERS => {
                Ok(End::failed("undeliverable"))
            }
            Err(error @ (MailError::Later(_) | MailError::Unsure(_))) => Err(Failure::Transient {
                reason: error.to_string(),
                cause: Some(Arc::new(error)),
            }),
            Err(_) => Ok(End::failed("refused")),
        }
    }

    /// Writes down what came of a message, unless it is known already. Others may change the message meanwhile, as when
    /// the client moves to another advisor: what came of it is true all the same.
    async fn settle(&self, job: &JobRun, message: &Stored<MessageRecord>, end: &End) -> Result<(), Failure> {
        self.written(job, message, |job, current| {
            let mut batch = job.batch();
            let now = batch.now();
            step(&job.cx(), &mut batch, current, end.status, |record| {
                record.in_hand = false;
                record.reason = end.reason.map(str::to_owned);
                record.sent_at = (end.status == MessageStatus::Sent).then_some(now);
            });
            batch
        })
        .await
    }

    /// Writes down that the mail server did not take it.
    async fn put_back(&self, job: &JobRun, message: &Stored<MessageRecord>) -> Result<(), Failure> {
        self.written(job, message, |job, current| {
            let mut batch = job.batch();
            batch.replace(&current.changed(|record| record.in_hand = false));
            batch
        })
        .await
    }

    async fn written(
        &self,
        job: &JobRun,
        message: &Stored<MessageRecord>,
        write: impl Fn(&JobRun, &Stored<MessageRecord>) -> store::Batch,
    ) -> Result<(), Failure> {
        let mut current = message.clone();
        for _ in 0..ATTEMPTS {
            match self.store.commit(write(job, &current)).await {
                Err(StoreError::VersionConflict { .. }) => {
                    let fresh = self.store.get_anywhere::<MessageRecord>(message.id).await?;
                    match fresh {
                        Some(fresh)
                            if fresh.status == MessageStatus::Sending
                                && fresh.attempts == message.attempts =>
                        {
                            current = fresh;
                        }
                        _ => return Ok(()),
                    }
                }
                written => return Ok(written.map(drop)?),
            }
        }
        Err(Failure::transient("somebody else keeps changing the message"))
    }

    async fn waiting(&self, id: Uuid) -> Result<Option<Stored<MessageRecord>>, Failure> {
        let message = self.store.get_anywhere::<MessageRecord>(id).await?;
        Ok(message.filter(|message| message.status == MessageStatus::Sending))
    }
}

#[rpc::async_trait]
impl JobHandler for MessageJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    /// It ends by what the message says, never by how often a process ended in between.
    fn attempts(&self) -> u32 {
        u32::MAX
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let order: SendOrder = job.payload()?;
        let Some(message) = self.waiting(order.message_id).await? else {
            return Ok(JobDone::empty());
        };
        if message.in_hand && !self.mailer.replaces() {
            self.settle(job, &message, &End::failed("outcome_unknown"))
                .await?;
            return Ok(JobDone::empty());
        }
        let mail = match self.mail(job, &message).await? {
            Ok(mail) => mail,
            Err(end) => {
                self.settle(job, &message, &end).await?;
                return Ok(JobDone::empty());
            }
        };
        if job.is_stopping() {
            return Err(Failure::transient(
                "the process is stopping: the next one goes on",
            ));
        }
        let Some(message) = self.take_in_hand(job, &message, &mail).await? else {
            return Err(Failure::transient("somebody else has changed the message"));
        };
        match self.hand_over(&message, &mail).await {
            Ok(end) => self.settle(job, &message, &end).await?,
            Err(failure) => {
                self.put_back(job, &message).await?;
                return Err(failure);
            }
        }
        Ok(JobDone::empty())
    }
}

use super::{Projector, Registered};
use crate::{Failure, FeedError, ReplayRequest, dead_letter::DeadLetterRecord, feed::Reach};
use kernel::{AuditRecord, CallContext, CallError, IdempotencyKey, TenantId};
use store::Batch;
use uuid::Uuid;

impl Projector {
    /// Moves a consumer back. To the beginning of all its feeds, what it made is forgotten in the same commit.
    pub(crate) async fn rewind(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &ReplayRequest,
    ) -> Result<(), FeedError> {
        let registered = self.registered(&request.consumer)?;
        let feeds = match &request.feed {
            None => registered.feeds.clone(),
            Some(feed) if registered.feeds.contains(feed) => vec![feed.clone()],
            Some(_) => return Err(FeedError::UnknownConsumer),
        };
        let (registered, feeds) = (&registered, &feeds);
        self.store()
            .once(
                cx,
                "feed.rewind",
                key,
                request,
                move |mut batch: Batch| async move {
                    if request.to_seq == 0 && request.feed.is_none() {
                        batch.absorb(self.forgetting(registered, request).await?);
                    }
                    for feed in feeds {
                        self.move_back(&mut batch, request, feed).await?;
                    }
                    batch.event(
                        audit("consumer.rewound", format!("consumer/{}", request.consumer)).into_event(cx),
                    );
                    Ok((batch, ()))
                },
            )
            .await
    }

    async fn forgetting(&self, registered: &Registered, request: &ReplayRequest) -> Result<Batch, FeedError> {
        let cx = CallContext::system(
            self.store().group(),
            TenantId::DEFAULT,
            self.store().sources().ids(),
        );
        match registered.projection.reset(&cx).await {
            Ok(Some(batch)) => Ok(batch),
            Ok(None) => Err(FeedError::NotRebuildable {
                consumer: request.consumer.clone(),
            }),
            Err(failure @ Failure::Transient { .. }) => {
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "a consumer could not be reset"
                );
                Err(FeedError::StillFailing {
                    reason: failure.to_string(),
                })
            }
            Err(failure) => Err(CallError::internal(failure).into()),
        }
    }

    async fn move_back(
        &self,
        batch: &mut Batch,
        request: &ReplayRequest,
        feed: &str,
    ) -> Result<(), FeedError> {
        let cursor = self.store().consumer_cursor(&request.consumer, feed).await?;
        if request.to_seq > cursor.seq() {
            let place = cursor.seq();
            return Err(CallError::invalid(
                "to_seq",
                format!("must not be beyond the consumer's place in the feed of '{feed}', which is {place}"),
            )
            .into());
        }
        batch.advance(&cursor, request.to_seq);
        Ok(())
    }

    /// Gives a dead letter to its consumer once more.
    pub(crate) async fn retry(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        reach: Reach,
    ) -> Result<(), FeedError> {
        self.store()
            .once(
                cx,
                "feed.retry_dead_letter",
                key,
                &id,
                move |mut batch: Batch| async move {
                    let letter = self
                        .store()
                        .get_anywhere::<DeadLetterRecord>(id)
                        .await?
                        .filter(|letter| reach.covers(letter.tenant_id))
                        .ok_or(FeedError::UnknownDeadLetter)?;
                    let registered = self.registered(&letter.consumer)?;
                    match self.parts.apply(&*registered.projection, &letter.event).await {
                        Ok(made) => batch.absorb(made),
                        Err(failure) => {
                            return Err(FeedError::StillFailing {
                                reason: failure.to_string(),
                            });
                        }
                    }
                    batch.remove(&letter);
                    batch.event(audit("dead_letter.retried", format!("dead_letter/{id}")).into_event(cx));
                    Ok((batch, ()))
                },
            )
            .await
    }

    fn registered(&self, consumer: &str) -> Result<Registered, FeedError> {
        self.parts.registered(consumer).ok_or(FeedError::UnknownConsumer)
    }
}

pub(super) fn audit(action: &str, subject: String) -> AuditRecord {
    AuditRecord::new(action, subject)
}

use crate::{
    commands::CommandsService,
    transactions::{TransactionResponse, TransactionsService},
};
use finance_contract::{TRANSACTION_CREATED, TransactionCreated};
use futures::future::LocalBoxFuture;
use kernel::{CallError, Command, EventEnvelope, IdempotencyKey, Scope, UserPrincipal};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::Store;
use tokio::sync::watch;
use web::{Failure, Live, Talk};

/// How many events are read at once.
const PAGE: u32 = 100;

/// The socket of transactions: `create_transaction` comes in, `transaction_created` is the answer to it, and
/// `new_transaction` tells of every transaction that the user may see, in the order of the feed.
pub(super) struct TransactionSocket {
    pub(super) live: Live,
    pub(super) user: UserPrincipal,
    pub(super) commands: Arc<CommandsService>,
    pub(super) transactions: Arc<TransactionsService>,
    pub(super) store: Store,
    /// The place in the feed after which to go on; none for what happens from now on.
    pub(super) after: Option<u64>,
    pub(super) changes: watch::Receiver<u64>,
}

impl TransactionSocket {
    async fn place(&mut self) -> Result<u64, Failure> {
        if let Some(after) = self.after {
            return Ok(after);
        }
        let now = self.store.last_seq().await?;
        self.after = Some(now);
        Ok(now)
    }

    async fn answer(&self, text: &str) -> Value {
        let (id, done) = match read(text) {
            Err(error) => (Value::Null, Err(Failure::from(error))),
            Ok((id, command)) => (id, self.carry_out(command).await),
        };
        match done {
            Ok(data) => json!({ "event": "transaction_created", "id": id, "data": data }),
            Err(failure) => json!({ "event": "error", "id": id, "data": failure.to_value() }),
        }
    }

    async fn carry_out(&self, command: Command) -> Result<Value, Failure> {
        if self.user.scopes.is_some() && !self.user.reaches("finance.write") {
            return Err(CallError::forbidden("finance.write").into());
        }
        self.live.count_transaction(&self.user)?;
        let cx = self.live.context(&self.user);
        let fresh = || IdempotencyKey::fresh(self.store.sources().ids());
        let key = command.id.clone().unwrap_or_else(fresh);
        Ok(self.commands.run(&cx, &key, &command).await?.data)
    }

    /// What came after the place in the feed, as far as the user may see it. Moves the place.
    async fn look(&mut self) -> Result<Vec<String>, Failure> {
        let after = self.place().await?;
        let events = self.store.feed(after, PAGE).await?;
        let mut news = Vec::new();
        for event in &events {
            if let Some(transaction) = self.visible(event).await? {
                let told = json!({ "event": "new_transaction", "seq": event.seq, "data": transaction });
                news.push(told.to_string());
            }
        }
        if let Some(last) = events.last() {
            self.after = Some(last.seq);
        }
        Ok(news)
    }

    async fn visible(&self, event: &EventEnvelope) -> Result<Option<TransactionResponse>, Failure> {
        if event.event_type != TRANSACTION_CREATED || event.tenant != self.user.tenant {
            return Ok(None);
        }
        let created: TransactionCreated = event.data_as().map_err(CallError::internal)?;
        let cx = self.live.context(&self.user);
        if let Scope::Own { user, .. } = cx.scope()?
            && user != created.user_id
        {
            return Ok(None);
        }
        Ok(self.transactions.find(&cx, created.transaction_id).await?)
    }
}

impl Talk for TransactionSocket {
    fn begin(&mut self) -> LocalBoxFuture<'_, Vec<String>> {
        Box::pin(async {
            let first = match self.place().await {
                Ok(seq) => json!({ "event": "ready", "seq": seq }),
                Err(failure) => json!({ "event": "error", "id": null, "data": failure.to_value() }),
            };
            vec![first.to_string()]
        })
    }

    fn hear(&mut self, text: String) -> LocalBoxFuture<'_, Vec<String>> {
        Box::pin(async move { vec![self.answer(&text).await.to_string()] })
    }

    fn news(&mut self) -> LocalBoxFuture<'_, Vec<String>> {
        Box::pin(async {
            loop {
                self.changes.mark_unchanged();
                let before = self.after;
                match self.look().await {
                    Ok(news) if !news.is_empty() => return news,
                    // A page without news: perhaps the next one has some.
                    Ok(_) if self.after != before => continue,
                    Ok(_) => {}
                    Err(failure) => {
                        let error = json!({ "event": "error", "id": null, "data": failure.to_value() });
                        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                        return vec![error.to_string()];
                    }
                }
                if self.changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        })
    }
}

/// A message: `{"event": "create_transaction", "data": {…}, "id"?}`, or a command as on every other way in.
fn read(text: &str) -> Result<(Value, Command), CallError> {
    let mut members = Command::members(text.as_bytes(), "must be an object with 'event' and 'data'")?;
    rename(&mut members, "event", "command");
    rename(&mut members, "data", "params");
    let id = members.get("id").cloned().unwrap_or(Value::Null);
    Ok((id, Command::from_members(members)?))
}

fn rename(members: &mut Map<String, Value>, from: &str, to: &str) {
    if !members.contains_key(to)
        && let Some(value) = members.remove(from)
    {
        members.insert(to.to_owned(), value);
    }
}

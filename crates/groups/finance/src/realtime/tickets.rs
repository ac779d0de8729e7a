use crate::error::Error;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, CallError, MAX_PAGE, Principal, Scope, UserId, UserPrincipal};
use serde::{Deserialize, Serialize};
use std::{fmt::Write, sync::LazyLock};
use store::{Collection, Document, Query, Scoping, Store, StoreError};
use uuid::Uuid;

/// How long a ticket may lie before it is used.
const LIFE: TimeDelta = TimeDelta::seconds(60);

static TICKETS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("stream_tickets", Scoping::Owner)
        .removed_with_user()
        .holds_proofs()
});

/// A ticket that is out; its id is made of the ticket, which stands nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketRecord {
    user_id: UserId,
    /// Who opens a stream with it.
    principal: UserPrincipal,
    expires_at: DateTime<Utc>,
}

impl Document for TicketRecord {
    fn collection() -> &'static Collection {
        &TICKETS
    }
}

/// Tickets: what opens one stream in place of the token, for browsers, which cannot send a header with a stream.
#[derive(Clone)]
pub(crate) struct Tickets {
    store: Store,
}

impl Tickets {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// A ticket for one stream of the caller's.
    pub(crate) async fn issue(&self, cx: &CallContext, user: &UserPrincipal) -> Result<String, Error> {
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        let own = Scope::Own {
            tenant: user.tenant,
            user: user.user,
        };
        let old = self
            .store
            .find::<TicketRecord>(&own, Query::all().limit(MAX_PAGE))
            .await?;
        for ticket in old.items.iter().filter(|ticket| ticket.expires_at <= now) {
            batch.remove(ticket);
        }
        let ticket = text(&self.store.sources().random::<32>());
        let record = TicketRecord {
            user_id: user.user,
            principal: user.clone(),
            expires_at: now + LIFE,
        };
        batch.insert(id(&ticket), record);
        self.store.commit(batch).await?;
        Ok(ticket)
    }

    /// Uses a ticket up; answers who it was made for.
    pub(crate) async fn redeem(&self, cx: &CallContext, ticket: &str) -> Result<UserPrincipal, Error> {
        let found = self.store.get_anywhere::<TicketRecord>(id(ticket)).await?;
        let Some(found) = found else {
            return Err(CallError::Unauthenticated.into());
        };
        let mut acting = cx.clone();
        acting.principal = Principal::User(found.principal.clone());
        let mut batch = self.store.batch(&acting);
        let good = batch.now() < found.expires_at;
        batch.remove(&found);
        match self.store.commit(batch).await {
            Ok(_) if good => Ok(found.data.principal),
            // Too late, or somebody used it a moment earlier.
            Ok(_) | Err(StoreError::VersionConflict { .. }) => Err(CallError::Unauthenticated.into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn id(ticket: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, ticket.as_bytes())
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

use super::{
    models::{MessageRecord, MessageStatus},
    steps::step,
};
use crate::{clients::ClientRecord, error::Error};
use kernel::{CallContext, Email, Scope};
use store::{Document, Query, Sort, Store, StoreError, Stored};

/// Why what waited was cancelled.
pub(super) const SUPPRESSED: &str = "suppressed";

/// Cancels whatever of the firm is approved or on its way to an address: each message in a commit of its own. One that is
/// being handed over at this moment goes its way; one that is taken in hand later is refused by the list itself. It is the
/// group that cancels: whoever has put the address on the list may have no sight of what waits.
pub(crate) async fn cancel_waiting(store: &Store, caller: &CallContext, email: &Email) -> Result<(), Error> {
    let mut cx = CallContext::system(store.group(), caller.tenant(), store.sources().ids());
    cx.request_id = caller.request_id;
    let cx = &cx;
    let scope = Scope::Tenant { tenant: cx.tenant() };
    for client in clients_at(store, &scope, email).await? {
        for status in [MessageStatus::Approved, MessageStatus::Sending] {
            let query = Query::all()
                .equals("client_id", client.id)
                .equals("status", status.as_str());
            for message in store.find_all::<MessageRecord>(&scope, query).await? {
                cancel(store, cx, message).await?;
            }
        }
    }
    Ok(())
}

async fn cancel(store: &Store, cx: &CallContext, message: Stored<MessageRecord>) -> Result<(), Error> {
    let mut current = Some(message);
    while let Some(message) = current {
        if message.in_hand || !message.status.may_become(MessageStatus::Cancelled) {
            return Ok(());
        }
        let mut batch = store.batch(cx);
        step(cx, &mut batch, &message, MessageStatus::Cancelled, |record| {
            record.reason = Some(SUPPRESSED.to_owned());
        });
        match store.commit(batch).await {
            Err(StoreError::VersionConflict { .. }) => current = store.get_anywhere(message.id).await?,
            committed => return Ok(committed.map(drop)?),
        }
    }
    Ok(())
}

/// The clients of the firm with this address.
async fn clients_at(
    store: &Store,
    scope: &Scope,
    email: &Email,
) -> Result<Vec<Stored<ClientRecord>>, StoreError> {
    let folded = email.folded();
    let hashes = store
        .keyring()
        .lookups(ClientRecord::collection(), "email", &folded);
    let mut clients = Vec::new();
    for hash in hashes {
        let query = Query::sorted(Sort::ascending("client_name")).equals("email_lookup", hash);
        clients.extend(store.find_all(scope, query).await?);
    }
    Ok(clients)
}

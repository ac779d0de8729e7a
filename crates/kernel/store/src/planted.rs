//! Mistakes in committing that the fault harness plants, to prove that it would find them. A shipped build has no fail
//! points: there is nothing to plant them with.

use crate::{
    Backend, Committed, Document, IdempotencyRecord, StoreError,
    backend::{RawBatch, Write},
};
use fail::fail_point;
use std::{sync::Arc, time::Duration};

/// How much later a commit is made: as if somebody collected a few before writing.
const LATER: Duration = Duration::from_millis(25);

/// The mistake to be made in the next commit.
pub(crate) fn mistake() -> Option<String> {
    fail_point!("planted.commit", |name| name);
    None
}

/// Commits a batch and makes a mistake on the way.
pub(crate) async fn commit(
    mistake: &str,
    backend: &Arc<dyn Backend>,
    mut raw: RawBatch,
) -> Result<Committed, StoreError> {
    match mistake {
        "acknowledge_before_commit" => {
            commit_later(backend.clone(), raw);
            return Ok(Committed::default());
        }
        "forget_key" => raw.writes.retain(|write| !is_key(write)),
        "drop_outbox_row" if !raw.events.is_empty() => drop(raw.events.remove(0)),
        "ignore_version" => return commit_whatever_the_version(backend, raw).await,
        _ => {}
    }
    backend.commit(raw).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "that nobody waits for it is the mistake"
)]
fn commit_later(backend: Arc<dyn Backend>, raw: RawBatch) {
    tokio::spawn(async move {
        tokio::time::sleep(LATER).await;
        backend.commit(raw).await
    });
}

fn is_key(write: &Write) -> bool {
    matches!(write, Write::Insert { collection, .. } if collection.name() == IdempotencyRecord::collection().name())
}

/// Writes over whatever another has written meanwhile: and there is a while, so that two who change one document at the
/// same moment have both read it before either has written, on a fast disk too.
async fn commit_whatever_the_version(
    backend: &Arc<dyn Backend>,
    mut raw: RawBatch,
) -> Result<Committed, StoreError> {
    if raw
        .writes
        .iter()
        .any(|write| matches!(write, Write::Replace { .. }))
    {
        tokio::time::sleep(LATER).await;
    }
    loop {
        let error = match backend.commit(raw.clone()).await {
            Err(error @ StoreError::VersionConflict { .. }) => error,
            done => return done,
        };
        let StoreError::VersionConflict { id: late, .. } = &error else {
            return Err(error);
        };
        let replaced = raw.writes.iter_mut().find_map(|write| match write {
            Write::Replace { collection, document } if document.id == *late => Some((*collection, document)),
            _ => None,
        });
        let Some((collection, document)) = replaced else {
            return Err(error);
        };
        match backend.get(collection, document.id).await? {
            Some(newer) => document.version = newer.version + 1,
            None => return Err(error),
        }
    }
}

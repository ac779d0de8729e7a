//! One batch, all or nothing.

use super::{
    cluster::durable,
    document::{encode, version_to_bson},
    failure,
    fields::Known,
    index,
    json::uuid_to_bson,
    names, outbox,
};
use crate::{
    Collection, StoreError,
    backend::{RawBatch, Write},
};
use bson::{Bson, Document, doc};
use fail::fail_point;
use kernel::{Entropy, SystemEntropy};
use mongodb::{
    Client, ClientSession, Database,
    error::Error,
    options::{ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// How long a batch is tried again before its caller is told.
const PATIENCE: Duration = Duration::from_secs(8);

/// The longest pause between two tries.
const LONGEST_PAUSE_MS: u64 = 100;

/// One command of a batch.
enum Step {
    Insert {
        collection: &'static Collection,
        documents: Vec<Document>,
    },
    Replace {
        collection: &'static Collection,
        id: Uuid,
        filter: Document,
        document: Document,
    },
    Require {
        collection: &'static Collection,
        id: Uuid,
        filter: Document,
    },
    Remove {
        collection: &'static Collection,
        id: Uuid,
        filter: Document,
    },
    Events(Vec<Document>),
}

/// Why a step or a whole try did not succeed.
enum Refusal {
    /// The batch is refused: trying again would be refused again.
    Final(StoreError),
    /// The server's error.
    Failed(Error),
}

/// Writes the batches of one group.
#[derive(Clone)]
pub(super) struct Writer {
    client: Client,
    database: Database,
    group: &'static str,
    known: Arc<Known>,
}

impl Writer {
    pub(super) fn new(client: &Client, database: &Database, group: &'static str, known: &Arc<Known>) -> Self {
        Self {
            client: client.clone(),
            database: database.clone(),
            group,
            known: known.clone(),
        }
    }

    /// Commits a batch: in one transaction, unless a single command does.
    pub(super) async fn commit(&self, batch: RawBatch) -> Result<(), StoreError> {
        let steps = steps(&self.known, batch)?;
        match steps.as_slice() {
            [] => Ok(()),
            [Step::Insert { documents, .. }] if documents.len() > 1 => self.in_transaction(&steps).await,
            [Step::Events(rows)] if rows.len() > 1 => self.in_transaction(&steps).await,
            [only] => self.alone(only).await,
            _ => self.in_transaction(&steps).await,
        }
    }

    /// One command: the driver repeats it once with the number by which the server knows it again.
    async fn alone(&self, step: &Step) -> Result<(), StoreError> {
        fail_point!("store.before_commit", |_| std::process::abort());
        let done = self.run(step, None).await.map_err(|refusal| match refusal {
            Refusal::Final(error) => error,
            Refusal::Failed(error) => failure::of_write(&error),
        });
        fail_point!("store.after_commit", |_| std::process::abort());
        done
    }

    async fn in_transaction(&self, steps: &[Step]) -> Result<(), StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut tries = 0;
        loop {
            let mut doubtful = false;
            let error = match self.attempt(steps, until, &mut doubtful).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Final(error)) => return Err(error),
                Err(Refusal::Failed(error)) => error,
            };
            // After a lost answer a second try could be refused by what the first one wrote: the caller asks again.
            if doubtful {
                return Err(failure::unknown(&error.kind.to_string()));
            }
            if !failure::is_transient(&error) || Instant::now() >= until {
                return Err(failure::of_read(&error));
            }
            pause(tries).await;
            tries += 1;
        }
    }

    /// One try. `doubtful` says whether the commit was sent and its outcome never learned.
    async fn attempt(&self, steps: &[Step], until: Instant, doubtful: &mut bool) -> Result<(), Refusal> {
        let mut session = self.client.start_session().await.map_err(Refusal::Failed)?;
        session
            .start_transaction()
            .with_options(transaction())
            .await
            .map_err(Refusal::Failed)?;
        for step in steps {
            if let Err(refusal) = self.run(step, Some(&mut session)).await {
                // The server drops it anyway; this frees its locks at once.
                session.abort_transaction().await.ok();
                return Err(refusal);
            }
            if matches!(step, Step::Events(_)) {
                fail_point!("store.after_outbox", |_| std::process::abort());
            }
        }
        fail_point!("store.before_commit", |_| std::process::abort());
        let mut tries = 0;
        loop {
            let committed = session.commit_transaction().await;
            fail_point!("store.after_commit", |_| std::process::abort());
            let Err(error) = committed else {
                return Ok(());
            };
            let unknown = failure::is_unknown_commit(&error);
            *doubtful |= unknown || !failure::is_transient(&error);
            if !unknown || Instant::now() >= until {
                return Err(Refusal::Failed(error));
            }
            pause(tries).await;
            tries += 1;
        }
    }

    async fn run(&self, step: &Step, session: Option<&mut ClientSession>) -> Result<(), Refusal> {
        match step {
            Step::Insert {
                collection,
                documents,
            } => self
                .insert(&names::collection(self.group, collection), documents, session)
                .await
                .map_err(|error| refused(collection, error)),
            Step::Events(rows) => self
                .insert(&names::outbox(self.group), rows, session)
                .await
                .map_err(Refusal::Failed),
            Step::Replace {
                collection,
                id,
                filter,
                document,
            } => {
                let stored = self.stored(collection);
                let mut action = stored.replace_one(filter.clone(), document.clone());
                if let Some(session) = session {
                    action = action.session(session);
                }
                let result = action.await.map_err(|error| refused(collection, error))?;
                found(result.matched_count, collection, *id)
            }
            Step::Require {
                collection,
                id,
                filter,
            } => {
                let stored = self.stored(collection);
                let mut action = stored.update_one(filter.clone(), doc! { "$inc": { "_r": 1_i64 } });
                if let Some(session) = session {
                    action = action.session(session);
                }
                let result = action.await.map_err(Refusal::Failed)?;
                found(result.matched_count, collection, *id)
            }
            Step::Remove {
                collection,
                id,
                filter,
            } => {
                let stored = self.stored(collection);
                let mut action = stored.delete_one(filter.clone());
                if let Some(session) = session {
                    action = action.session(session);
                }
                let result = action.await.map_err(Refusal::Failed)?;
                found(result.deleted_count, collection, *id)
            }
        }
    }

    async fn insert(
        &self,
        name: &str,
        documents: &[Document],
        session: Option<&mut ClientSession>,
    ) -> Result<(), Error> {
        let stored = self.database.collection::<Document>(name);
        match (documents, session) {
            ([only], None) => stored.insert_one(only).await.map(drop),
            ([only], Some(session)) => stored.insert_one(only).session(session).await.map(drop),
            (many, None) => stored.insert_many(many).await.map(drop),
            (many, Some(session)) => stored.insert_many(many).session(session).await.map(drop),
        }
    }

    fn stored(&self, collection: &Collection) -> mongodb::Collection<Document> {
        self.database
            .collection(&names::collection(self.group, collection))
    }
}

fn transaction() -> TransactionOptions {
    TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(durable())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .build()
}

/// The commands of a batch, in its order; neighbouring inserts into one collection travel together.
fn steps(known: &Known, batch: RawBatch) -> Result<Vec<Step>, StoreError> {
    let mut steps: Vec<Step> = Vec::new();
    for write in batch.writes {
        if let (
            Write::Insert {
                collection: next,
                document,
            },
            Some(Step::Insert {
                collection,
                documents,
            }),
        ) = (&write, steps.last_mut())
            && collection.name() == next.name()
        {
            documents.push(encode(next, &known.of(next)?, document)?);
            continue;
        }
        steps.push(step(known, write)?);
    }
    let rows = outbox::rows(batch.events)?;
    if !rows.is_empty() {
        steps.push(Step::Events(rows));
    }
    Ok(steps)
}

fn step(known: &Known, write: Write) -> Result<Step, StoreError> {
    Ok(match write {
        Write::Insert { collection, document } => Step::Insert {
            collection,
            documents: vec![encode(collection, &known.of(collection)?, &document)?],
        },
        Write::Replace { collection, document } => Step::Replace {
            collection,
            id: document.id,
            filter: at_version(document.id, document.version.saturating_sub(1))?,
            document: encode(collection, &known.of(collection)?, &document)?,
        },
        Write::Require {
            collection,
            id,
            version,
        } => {
            let mut filter = at_version(id, version)?;
            filter.insert("deleted_at", doc! { "$eq": Bson::Null });
            Step::Require {
                collection,
                id,
                filter,
            }
        }
        Write::Remove {
            collection,
            id,
            version,
        } => Step::Remove {
            collection,
            id,
            filter: at_version(id, version)?,
        },
    })
}

fn at_version(id: Uuid, version: u64) -> Result<Document, StoreError> {
    Ok(doc! {
        "_id": { "$eq": uuid_to_bson(id) },
        "version": { "$eq": version_to_bson(version)? },
    })
}

fn found(count: u64, collection: &Collection, id: Uuid) -> Result<(), Refusal> {
    if count == 1 {
        return Ok(());
    }
    Err(Refusal::Final(StoreError::VersionConflict {
        collection: collection.name().to_owned(),
        id,
    }))
}

fn refused(collection: &Collection, error: Error) -> Refusal {
    match failure::duplicate(&error) {
        Some(name) => Refusal::Final(StoreError::Duplicate {
            collection: collection.name().to_owned(),
            fields: index::unique_fields(collection, &name),
        }),
        None => Refusal::Failed(error),
    }
}

/// A short pause of random length, longer from try to try, so that those who collide do not do so again.
async fn pause(tries: u32) {
    let longest = (2_u64 << tries.min(10)).min(LONGEST_PAUSE_MS);
    let mut random = [0_u8; 8];
    SystemEntropy.fill(&mut random);
    sleep(Duration::from_millis(u64::from_le_bytes(random) % (longest + 1))).await;
}

//! A projection that adds up, and does what a test wants it to when an event is difficult.

use crate::stage::{Process, eventually};
use async_trait::async_trait;
use events::{Failure, Projection};
use kernel::{CallContext, EventEnvelope};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use store::{Batch, Collection, Document, Scoping, Store};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// How many events there were, what they sum up to, and in which order they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) sum: u64,
    pub(crate) order: Vec<u64>,
}

impl Document for Tally {
    fn collection() -> &'static Collection {
        static TALLIES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("tallies", Scoping::Tenant).in_every_group());
        &TALLIES
    }
}

pub(crate) fn collections() -> Vec<&'static Collection> {
    vec![Tally::collection()]
}

const TALLY_ID: Uuid = Uuid::from_u128(7);

/// What is to happen with a difficult amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It fails this often, then it works.
    Transient(u32),
    Permanent,
    Panic,
    /// Somebody else has made what it makes, this often.
    Taken(u32),
    /// It waits at the gate, as often as it is tried.
    Wait,
}

pub(crate) struct Adder {
    pub(crate) store: Store,
    pub(crate) trouble: Mutex<BTreeMap<u64, Trouble>>,
    pub(crate) gate: Semaphore,
    pub(crate) applied: AtomicU32,
    pub(crate) rebuildable: bool,
    /// How many events it takes at once.
    pub(crate) longest_run: usize,
    pub(crate) gathers_for: Duration,
    /// How many there were in each run that it answered.
    pub(crate) runs: Mutex<Vec<usize>>,
}

impl Adder {
    pub(crate) fn new(store: &Store) -> Arc<Self> {
        Self::with_trouble(store, [])
    }

    pub(crate) fn with_trouble(
        store: &Store,
        trouble: impl IntoIterator<Item = (u64, Trouble)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: store.clone(),
            trouble: Mutex::new(trouble.into_iter().collect()),
            gate: Semaphore::new(0),
            applied: AtomicU32::new(0),
            rebuildable: true,
            longest_run: 1,
            gathers_for: Duration::ZERO,
            runs: Mutex::default(),
        })
    }

    pub(crate) fn in_runs(
        store: &Store,
        longest_run: usize,
        trouble: impl IntoIterator<Item = (u64, Trouble)>,
    ) -> Arc<Self> {
        let mut adder = Self::with_trouble(store, trouble);
        Arc::get_mut(&mut adder).unwrap().longest_run = longest_run;
        adder
    }

    pub(crate) fn gathering(store: &Store, longest_run: usize, gathers_for: Duration) -> Arc<Self> {
        let mut adder = Self::in_runs(store, longest_run, []);
        Arc::get_mut(&mut adder).unwrap().gathers_for = gathers_for;
        adder
    }

    async fn add(&self, cx: &CallContext, events: &[&EventEnvelope]) -> Result<Batch, Failure> {
        #[derive(Deserialize)]
        struct Deposited {
            amount: u64,
        }
        let known = self.store.get_anywhere::<Tally>(TALLY_ID).await?;
        let mut tally = known.as_ref().map(|known| known.data.clone()).unwrap_or_default();
        let mut batch = self.store.batch(cx);
        for event in events {
            let Deposited { amount } = event.data_as()?;
            tally.count += 1;
            tally.sum += amount;
            tally.order.push(amount);
            self.meet(amount).await?;
        }
        let taken = events.iter().any(|event| self.is_taken(event));
        match known.filter(|_| !taken) {
            None => batch.insert(TALLY_ID, tally),
            Some(known) => batch.replace(&known.with(tally)),
        };
        Ok(batch)
    }

    /// Whether the document is to be made once more although it is there.
    fn is_taken(&self, event: &EventEnvelope) -> bool {
        let amount = event.data["amount"].as_u64().unwrap();
        match self.trouble.lock().get_mut(&amount) {
            Some(Trouble::Taken(left)) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    async fn meet(&self, amount: u64) -> Result<(), Failure> {
        let trouble = self.trouble.lock().get(&amount).copied();
        match trouble {
            None | Some(Trouble::Transient(0) | Trouble::Taken(_)) => Ok(()),
            Some(Trouble::Transient(left)) => {
                self.trouble.lock().insert(amount, Trouble::Transient(left - 1));
                Err(Failure::transient("the printer is out of paper"))
            }
            Some(Trouble::Permanent) => Err(Failure::permanent("the amount is cursed")),
            Some(Trouble::Panic) => std::panic::resume_unwind(Box::new("a bug")),
            Some(Trouble::Wait) => {
                self.gate.acquire().await.unwrap().forget();
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Projection for Adder {
    fn name(&self) -> &'static str {
        "adder"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == "money.deposited"
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.applied.fetch_add(1, Ordering::SeqCst);
        self.add(cx, &[event]).await
    }

    fn longest_run(&self) -> usize {
        self.longest_run
    }

    fn gathers_for(&self) -> Duration {
        self.gathers_for
    }

    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        let batch = self.add(cx, run).await?;
        self.runs.lock().push(run.len());
        Ok(batch)
    }

    async fn reset(&self, cx: &CallContext) -> Result<Option<Batch>, Failure> {
        let mut batch = self.store.batch(cx);
        if let Some(known) = self.store.get_anywhere::<Tally>(TALLY_ID).await? {
            batch.remove(&known);
        }
        Ok(self.rebuildable.then_some(batch))
    }
}

impl Process {
    pub(crate) async fn tally(&self) -> Tally {
        let stored = self.books.get_anywhere::<Tally>(TALLY_ID).await.unwrap();
        stored.map(|stored| stored.data).unwrap_or_default()
    }

    pub(crate) async fn tally_becomes(&self, order: impl IntoIterator<Item = u64>) {
        let order: Vec<u64> = order.into_iter().collect();
        eventually(&format!("the tally {order:?}"), || async {
            self.tally().await.order == order
        })
        .await;
        let tally = self.tally().await;
        assert_eq!(tally.count, order.len() as u64);
        assert_eq!(tally.sum, order.iter().sum::<u64>());
    }

    pub(crate) async fn place(&self) -> u64 {
        self.books.consumer_cursor("adder", "bank").await.unwrap().seq()
    }
}

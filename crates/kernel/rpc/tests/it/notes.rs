//! A small contract, one implementation of it, and the wiring around both.

use kernel::{CallContext, CallError, ErrorKind, Fault, IdempotencyKey, Principal, Sources, Tasks};
use prometheus_client::registry::Registry;
use rpc::Seam;
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

#[derive(Debug, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoteError {
    #[error("there is no such note")]
    NotFound,
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Fault for NoteError {
    fn kind(&self) -> ErrorKind {
        match self {
            NoteError::NotFound => ErrorKind::NotFound,
            NoteError::Call(error) => error.kind(),
        }
    }
}

#[rpc::service(name = "desk.notes")]
pub(crate) trait Notes {
    /// The text of a note.
    ///
    /// Waits until the gate is open.
    #[rpc(read)]
    async fn read(&self, cx: &CallContext, id: u32) -> Result<String, NoteError>;

    /// Marks a note as seen.
    #[rpc(idempotent)]
    async fn mark(&self, cx: &CallContext, id: u32, seen: bool) -> Result<u8, NoteError>;

    /// Writes a note, once the gate is open.
    #[rpc(effect)]
    async fn write(&self, cx: &CallContext, key: IdempotencyKey, text: String) -> Result<u32, NoteError>;
}

/// A desk whose work waits at a gate.
pub(crate) struct Desk {
    pub(crate) gate: Semaphore,
    pub(crate) begun: AtomicU32,
    pub(crate) dropped: AtomicU32,
    pub(crate) written: AtomicU32,
}

impl Desk {
    pub(crate) fn open() -> Arc<Self> {
        Self::with_gate(Semaphore::MAX_PERMITS)
    }

    pub(crate) fn shut() -> Arc<Self> {
        Self::with_gate(0)
    }

    fn with_gate(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(permits),
            begun: AtomicU32::new(0),
            dropped: AtomicU32::new(0),
            written: AtomicU32::new(0),
        })
    }

    async fn pass(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let mut left = CountedOnDrop(Some(&self.dropped));
        self.gate.acquire().await.unwrap().forget();
        left.0 = None;
    }
}

struct CountedOnDrop<'a>(Option<&'a AtomicU32>);

impl Drop for CountedOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[rpc::async_trait]
impl Notes for Desk {
    async fn read(&self, cx: &CallContext, id: u32) -> Result<String, NoteError> {
        self.pass().await;
        match id {
            0 => Err(NoteError::NotFound),
            _ => Ok(format!("note {id} at depth {}", cx.depth)),
        }
    }

    async fn mark(&self, _cx: &CallContext, _id: u32, seen: bool) -> Result<u8, NoteError> {
        self.pass().await;
        Ok(u8::from(seen))
    }

    async fn write(&self, _cx: &CallContext, _key: IdempotencyKey, text: String) -> Result<u32, NoteError> {
        self.pass().await;
        assert!(text != "ink blot", "the pen leaks");
        Ok(self.written.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// A client, and what it hangs on.
pub(crate) struct Wired {
    pub(crate) client: NotesClient,
    pub(crate) seam: Seam,
    pub(crate) tasks: Tasks,
    pub(crate) registry: Registry,
}

pub(crate) fn wire(desk: &Arc<Desk>) -> Wired {
    let tasks = Tasks::new();
    let mut registry = Registry::default();
    let seam = Seam::new(tasks.clone(), &mut registry);
    let client = NotesClient::unbound(&seam);
    client.bind_local(desk.clone());
    Wired {
        client,
        seam,
        tasks,
        registry,
    }
}

pub(crate) fn context() -> CallContext {
    CallContext::at_edge(Principal::Anonymous, Sources::system().ids().next(), None)
}

pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::fresh(Sources::system().ids())
}

/// Waits until `condition` holds; fails after five seconds.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let patience = std::time::Duration::from_secs(5);
    let waited = tokio::time::timeout(patience, async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "{what} did not happen");
}

use super::file;
use crate::StoreError;
use parking_lot::{Condvar, Mutex, MutexGuard};
use rusqlite::Connection;
use std::{
    cell::Cell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How many connections for reading a file may have. A thread always uses the same one: with fewer threads nobody waits for
/// a connection that another one has as its own.
const SLOTS: usize = 64;

/// How often a thread waits for another one at the first connection before it has one of its own.
const MEETINGS: u32 = 8;

/// How long it waits there: about as long as opening a connection takes, and many times as long as most reads.
const WAIT: Duration = Duration::from_millis(2);

/// Where a connection is kept.
#[derive(Default)]
struct Place {
    connection: Option<Connection>,
    /// How often its thread has waited at the first connection.
    meetings: u32,
}

/// The reading connections of one file. They belong to the file and not to a thread, so that closing lets go of them.
///
/// Each connection reads the file's description (a millisecond, some hundred KiB), and dozens of threads read now and then:
/// the first connection is for all of them, one at a time. A thread that meets others there again and again, or one that
/// reads for long, has a connection of its own from then on.
pub(super) struct Readers {
    path: PathBuf,
    first: Mutex<Place>,
    slots: Vec<Mutex<Place>>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            first: Mutex::default(),
            slots: (0..SLOTS).map(|_| Mutex::default()).collect(),
            closed: AtomicBool::new(false),
        }
    }

    /// Runs `read` on the first connection, or on that of this thread.
    pub(super) fn run<T, E: From<StoreError> + From<rusqlite::Error>>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let closed = || E::from(StoreError::unavailable("the store is closed"));
        let mut place = self.place().ok_or_else(closed)?;
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        let connection = match place.connection.take() {
            Some(connection) => connection,
            None => file::open_reader(&self.path)?,
        };
        // A panic in `read` drops the connection, and the next read opens another.
        let answer = read(&connection);
        place.connection = Some(connection);
        answer
    }

    /// Where this thread finds a connection, or puts the one that it opens.
    fn place(&self) -> Option<MutexGuard<'_, Place>> {
        let mut own = self.slots.get(thread_number() % SLOTS)?.lock();
        if own.connection.is_some() {
            return Some(own);
        }
        if let Some(first) = self.first.try_lock() {
            return Some(first);
        }
        own.meetings += 1;
        let patience = if own.meetings > MEETINGS {
            Duration::ZERO
        } else {
            WAIT
        };
        Some(self.first.try_lock_for(patience).unwrap_or(own))
    }

    /// Waits for the reads under way and lets go of the file.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for place in std::iter::once(&self.first).chain(&self.slots) {
            place.lock().connection = None;
        }
    }
}

fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.with(|number| {
        number.get().unwrap_or_else(|| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            number.set(Some(next));
            next
        })
    })
}

type Task = Box<dyn FnOnce() + Send>;

/// The threads on which pages, counts and feeds are read: one pool for all files of the process. They end when the
/// last handle is dropped.
#[derive(Clone)]
pub struct ReaderPool {
    handle: Arc<Handle>,
}

struct Handle {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    tasks: VecDeque<Task>,
    over: bool,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.waiting.lock().over = true;
        self.queue.wake.notify_all();
    }
}

impl Queue {
    /// What a thread does until the pool is over.
    fn work(&self) {
        while let Some(task) = self.next() {
            if catch_unwind(AssertUnwindSafe(task)).is_err() {
                tracing::error!("a read panicked; the reader goes on");
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(task) = waiting.tasks.pop_front() {
                return Some(task);
            }
            if waiting.over {
                return None;
            }
            self.wake.wait(&mut waiting);
        }
    }
}

impl ReaderPool {
    /// A pool of `threads` threads, at least one.
    pub fn new(threads: usize) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::default());
        let pool = Self {
            handle: Arc::new(Handle { queue: queue.clone() }),
        };
        for number in 0..threads.max(1) {
            let queue = queue.clone();
            std::thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || queue.work())
                .map_err(StoreError::unavailable)?;
        }
        Ok(pool)
    }

    /// The pool of this process: as many threads as the machine runs at once, at least two.
    pub fn of_process() -> Result<Self, StoreError> {
        static POOL: OnceLock<ReaderPool> = OnceLock::new();
        if let Some(pool) = POOL.get() {
            return Ok(pool.clone());
        }
        let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let pool = Self::new(threads.max(2))?;
        Ok(POOL.get_or_init(|| pool).clone())
    }

    /// Runs `read` on one of the threads; skipped when the caller has gone meanwhile.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.handle
            .queue
            .waiting
            .lock()
            .tasks
            .push_back(Box::new(move || {
                if !reply.is_closed() {
                    // The caller may leave at any time; then nobody hears the answer.
                    let _ = reply.send(read());
                }
            }));
        self.handle.queue.wake.notify_one();
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::internal("a reader stopped before it had an answer")))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read::ReadError, *};
    use std::{sync::mpsc::channel, thread};

    fn number(readers: &Readers) -> Result<i64, ReadError> {
        readers.run(|connection| Ok(connection.query_row("SELECT 7", [], |row| row.get(0))?))
    }

    fn of_threads(readers: &Readers) -> usize {
        readers
            .slots
            .iter()
            .filter(|place| place.lock().connection.is_some())
            .count()
    }

    #[test]
    fn threads_share_a_connection_until_two_of_them_read_at_the_same_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("read.sqlite3");
        Connection::open(&path).unwrap().execute_batch("VACUUM").unwrap();
        let readers = Readers::new(&path);
        thread::scope(|scope| {
            for _ in 0..3 {
                let reading = scope.spawn(|| number(&readers));
                assert!(matches!(reading.join().unwrap(), Ok(7)));
            }
            assert_eq!(of_threads(&readers), 0);

            let (entered, is_reading) = channel();
            let (go_on, waiting) = channel::<()>();
            let readers = &readers;
            let long = scope.spawn(move || {
                readers.run(|_| {
                    entered.send(()).unwrap();
                    waiting.recv().unwrap();
                    Ok::<_, ReadError>(())
                })
            });
            is_reading.recv().unwrap();
            assert!(matches!(number(readers), Ok(7)));
            assert_eq!(of_threads(readers), 1);
            go_on.send(()).unwrap();
            assert!(long.join().unwrap().is_ok());
            // From then on it reads on its own.
            let first = readers.first.lock();
            assert!(matches!(number(readers), Ok(7)));
            drop(first);
        });
        readers.close();
        assert!(readers.first.lock().connection.is_none());
        assert_eq!(of_threads(&readers), 0);
        assert!(matches!(number(&readers), Err(ReadError::Other(_))));
    }
}

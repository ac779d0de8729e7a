use super::{
    SharedState,
    apply::{Stop, apply},
    encode::{EncodedBatch, encode},
    failure, file,
    layout::{self, Layout},
    read,
    schema::Preparation,
    turn::Turn,
};
use crate::{
    Collection, StoreError,
    backend::{Committed, RawBatch},
};
use fail::fail_point;
use kernel::Clock;
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A transaction takes in no more batches than this …
const GROUP_BATCHES: usize = 256;

/// … and none after this time, so that other processes get their turn.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// After a refusal so many groups are written with savepoints from the beginning: where one batch is refused, others
/// often are.
const CAREFUL_GROUPS: u32 = 8;

/// How often other processes' commits are looked for while somebody listens.
const LOOK: Duration = Duration::from_millis(20);

/// What became of a batch, and what the batch was made of: the thread that made it lets go of it. The writer has more to
/// do, and memory costs more where another thread gives it back.
pub(super) struct Answer {
    pub(super) outcome: Result<Committed, StoreError>,
    _spent: (RawBatch, EncodedBatch),
}

/// What the writer is asked to do.
pub(super) enum Job {
    Commit(Commit),
    Prepare {
        collections: Vec<&'static Collection>,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    /// Somebody listens to the feed from now on.
    Listen,
    Close {
        reply: oneshot::Sender<()>,
    },
}

/// One batch and who waits for it.
pub(super) struct Commit {
    /// As it was given, to be encoded anew when the layout changed meanwhile.
    pub(super) raw: RawBatch,
    pub(super) encoded: EncodedBatch,
    pub(super) reply: oneshot::Sender<Answer>,
}

impl Commit {
    /// A caller that left does not hear; what was committed stays.
    fn answer(self, outcome: Result<Committed, StoreError>) {
        let _ = self.reply.send(Answer {
            outcome,
            _spent: (self.raw, self.encoded),
        });
    }
}

/// The one thread of a process that writes to a file.
pub(super) struct Writer {
    connection: Connection,
    turn: Turn,
    state: Arc<SharedState>,
    clock: Arc<dyn Clock>,
    /// A job that was taken while a group was filled, and comes after it.
    next: Option<Job>,
    /// SQLite's mark that moves when another connection commits.
    seen: Option<i64>,
    /// How many groups are still written with savepoints from the beginning.
    careful: u32,
}

/// The batches of one transaction.
struct Group {
    /// The last place in the feed.
    seq: u64,
    /// Whether each batch has a savepoint. Without them a group costs half, and is written anew when one is refused.
    savepoints: bool,
    done: Vec<(Commit, Result<Committed, StoreError>)>,
}

impl Writer {
    /// Opens the file, and makes it when there is none.
    pub(super) fn open(state: Arc<SharedState>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let path = &state.path;
        let turn = Turn::open(path)
            .and_then(|turn| file::create_private(path).map(|_| turn))
            .map_err(|error| unwritable(path, &error))?;
        let connection = {
            let _head = turn.take()?;
            file::open_writer(path)?
        };
        state.set_layout(Layout::read(&connection)?);
        Ok(Self {
            connection,
            turn,
            state,
            clock,
            next: None,
            seen: None,
            careful: 0,
        })
    }

    /// Starts the thread. It ends when it is told to close or when all senders are gone.
    pub(super) fn start(self, jobs: Receiver<Job>) -> std::io::Result<std::thread::JoinHandle<()>> {
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || self.work(&jobs))
    }

    /// A panic loses the batches under way, whose callers hear that the outcome is not known; the connection is
    /// dropped, which rolls back, and a new one goes on.
    fn work(mut self, jobs: &Receiver<Job>) {
        while catch_unwind(AssertUnwindSafe(|| self.run(jobs))).is_err() {
            tracing::error!(file = %self.state.path.display(), "the writer panicked and starts again");
            self.next = None;
            self.seen = None;
            // The old connection may hold the write lock: it goes before the new one comes.
            self.let_go();
            match self.reopen() {
                Ok(connection) => self.connection = connection,
                Err(error) => {
                    tracing::error!(%error, "the writer cannot open its file again");
                    return;
                }
            }
        }
    }

    fn reopen(&self) -> Result<Connection, StoreError> {
        let _head = self.turn.take()?;
        file::open_writer(&self.state.path)
    }

    fn run(&mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next_job(jobs) {
            match job {
                Job::Commit(first) => self.commit_group(first, jobs),
                Job::Prepare { collections, reply } => {
                    let _ = reply.send(self.prepare(&collections));
                }
                Job::Listen => self.look(),
                Job::Close { reply } => {
                    self.let_go();
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }

    /// The next job; while somebody listens, other processes' commits are looked for meanwhile.
    fn next_job(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        if let Some(job) = self.next.take() {
            return Some(job);
        }
        loop {
            if self.state.changes.receiver_count() == 0 {
                return jobs.recv().ok();
            }
            match jobs.recv_timeout(LOOK) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.look(),
            }
        }
    }

    /// Wakes the listeners when the feed has grown.
    fn look(&mut self) {
        let mark = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)));
        match mark {
            Ok(mark) if self.seen == Some(mark) => {}
            Ok(mark) => match read::last_seq(&self.connection) {
                Ok(last) => {
                    self.seen = Some(mark);
                    self.state.announce(last);
                }
                // Before the first preparation there is no feed; anything else is tried again soon.
                Err(error) => tracing::trace!(%error, "the feed cannot be looked at"),
            },
            Err(error) => tracing::debug!(%error, "the file cannot be looked at"),
        }
    }

    fn prepare(&mut self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        self.begin()?;
        let preparation = Preparation {
            connection: &self.connection,
            path: &self.state.path,
            group: self.state.group,
            now: self.clock.now().timestamp_millis(),
        };
        let done = preparation.run(collections).and_then(|()| {
            self.connection
                .execute_batch("COMMIT")
                .map_err(|error| failure::opening(&self.state.path, error))
        });
        if let Err(error) = done {
            self.roll_back();
            return Err(error);
        }
        self.state.set_layout(Layout::read(&self.connection)?);
        Ok(())
    }

    /// Commits `first` together with what else waits, and answers when all of it is on the disk.
    fn commit_group(&mut self, first: Commit, jobs: &Receiver<Job>) {
        let started = match self.begin_for_commits() {
            Ok(seq) => seq,
            Err(error) => return self.refuse_waiting(first, &error, jobs),
        };
        let since = Instant::now();
        let mut group = Group {
            seq: started,
            savepoints: self.careful > 0,
            done: Vec::new(),
        };
        self.careful = self.careful.saturating_sub(1);
        let mut next = Some(first);
        while let Some(commit) = next.take() {
            if let Err(error) = self.add(&mut group, commit) {
                return answer_all(group, &error);
            }
            if group.done.len() < GROUP_BATCHES && since.elapsed() < GROUP_TIME {
                next = self.waiting(jobs);
            }
        }
        fail_point!("store.before_commit", |_| std::process::abort());
        if let Err(error) = self.connection.execute_batch("COMMIT") {
            let error = failure::committing(&self.state.path, error);
            self.roll_back();
            return answer_all(group, &error);
        }
        fail_point!("store.after_commit", |_| std::process::abort());
        let seq = group.seq;
        for (commit, outcome) in group.done {
            commit.answer(outcome);
        }
        fail_point!("store.after_answer", |_| std::process::abort());
        self.state.announce(seq);
    }

    /// Writes one more batch of a group. An error means that nothing of the group is written.
    fn add(&mut self, group: &mut Group, commit: Commit) -> Result<(), StoreError> {
        if group.savepoints {
            let answer = self.apply_one(&commit, &mut group.seq);
            // The engine gave the transaction up (disk full, I/O).
            let lost = self.connection.is_autocommit();
            let cause = answer.as_ref().err().cloned();
            group.done.push((commit, answer));
            return match lost {
                true => Err(cause.unwrap_or_else(|| StoreError::unavailable("the transaction was given up"))),
                false => Ok(()),
            };
        }
        let before = group.seq;
        match self.write(&commit, &mut group.seq) {
            Ok(()) => {
                group.done.push((commit, Ok(committed(before, group.seq))));
                Ok(())
            }
            Err(_) => self.start_again(group, commit),
        }
    }

    /// A batch was refused and may have left traces: everything is taken back and written anew, each batch in a savepoint.
    fn start_again(&mut self, group: &mut Group, refused: Commit) -> Result<(), StoreError> {
        self.roll_back();
        self.careful = CAREFUL_GROUPS;
        let earlier = std::mem::take(&mut group.done).into_iter();
        let mut commits = earlier.map(|(commit, _)| commit).chain([refused]);
        let mut written = self.begin_for_commits().map(|seq| group.seq = seq);
        group.savepoints = true;
        while written.is_ok()
            && let Some(commit) = commits.next()
        {
            written = self.add(group, commit);
        }
        if let Err(error) = &written {
            group
                .done
                .extend(commits.map(|commit| (commit, Err(error.clone()))));
        }
        written
    }

    /// The next batch that waits already.
    fn waiting(&mut self, jobs: &Receiver<Job>) -> Option<Commit> {
        match jobs.try_recv().ok()? {
            Job::Commit(commit) => Some(commit),
            other => {
                self.next = Some(other);
                None
            }
        }
    }

    /// Writes one batch in a savepoint, so that its refusal does not touch its neighbours.
    fn apply_one(&self, commit: &Commit, seq: &mut u64) -> Result<Committed, StoreError> {
        let before = *seq;
        match self.try_one(commit, seq) {
            Ok(()) => Ok(committed(before, *seq)),
            Err(stop) => {
                *seq = before;
                if !self.connection.is_autocommit() {
                    self.savepoint("ROLLBACK TO batch")
                        .and_then(|()| self.savepoint("RELEASE batch"))
                        .map_err(|error| failure::working(&self.state.path, error))?;
                }
                Err(match stop {
                    Stop::Refused(error) => error,
                    Stop::Engine(error) => failure::working(&self.state.path, error),
                })
            }
        }
    }

    fn try_one(&self, commit: &Commit, seq: &mut u64) -> Result<(), Stop> {
        self.savepoint("SAVEPOINT batch")?;
        self.write(commit, seq)?;
        Ok(self.savepoint("RELEASE batch")?)
    }

    fn write(&self, commit: &Commit, seq: &mut u64) -> Result<(), Stop> {
        let layout = self.state.layout();
        if commit.encoded.generation == layout.generation {
            return apply(&self.connection, &commit.encoded, seq);
        }
        let encoded = encode(&layout, &commit.raw).map_err(Stop::Refused)?;
        apply(&self.connection, &encoded, seq)
    }

    fn savepoint(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Begins a transaction and answers the last place in the feed.
    fn begin_for_commits(&mut self) -> Result<u64, StoreError> {
        self.begin()?;
        let path = self.state.path.clone();
        let ready = self
            .refresh_layout()
            .and_then(|()| read::last_seq(&self.connection).map_err(|error| failure::working(&path, error)));
        if ready.is_err() {
            self.roll_back();
        }
        ready
    }

    /// Waits for the head of the queue and takes the write lock; the queue is free again at once.
    fn begin(&self) -> Result<(), StoreError> {
        let _head = self.turn.take()?;
        self.savepoint("BEGIN IMMEDIATE")
            .map_err(|error| failure::working(&self.state.path, error))
    }

    /// Another process may have added fields.
    fn refresh_layout(&self) -> Result<(), StoreError> {
        let generation = layout::generation(&self.connection)
            .map_err(|error| failure::working(&self.state.path, error))?;
        if generation != self.state.layout().generation {
            self.state.set_layout(Layout::read(&self.connection)?);
        }
        Ok(())
    }

    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// The lock cannot be had: whoever waits by now has waited long enough. Nobody hears of it before all are known, so that
    /// whoever comes because of an answer is not one of them.
    fn refuse_waiting(&mut self, first: Commit, error: &StoreError, jobs: &Receiver<Job>) {
        let mut refused = vec![first];
        while let Some(commit) = self.waiting(jobs) {
            refused.push(commit);
        }
        for commit in refused {
            commit.answer(Err(error.clone()));
        }
    }

    /// Closes the file; the last one to do so folds the log into it.
    fn let_go(&mut self) {
        match Connection::open_in_memory() {
            Ok(nothing) => drop(std::mem::replace(&mut self.connection, nothing)),
            Err(error) => tracing::warn!(%error, "the database file stays open until the process ends"),
        }
    }
}

fn committed(before: u64, seq: u64) -> Committed {
    Committed {
        last_seq: (seq > before).then_some(seq),
    }
}

/// Nothing of the group is written.
fn answer_all(group: Group, error: &StoreError) {
    for (commit, _) in group.done {
        commit.answer(Err(error.clone()));
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::refused(format!(
        "{} cannot be written ({error}): check the owner and the permissions of the data directory, or set another \
         with --data-dir",
        path.display()
    ))
}

use crate::stage::{Process, Stage, eventually, system, user};
use async_trait::async_trait;
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobId, JobOptions, JobRun, JobState, JobStatus, Jobs, NewJob, status},
};
use kernel::{CallContext, ManualClock, NewEvent, Role, Scope, TenantId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Prints so many pages, each a commit of its own; what came out stands in the feed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Printing {
    pub(crate) pages: u64,
}

pub(crate) struct Printer {
    /// How often a job fails before it works.
    pub(crate) jams: AtomicU32,
    pub(crate) broken: Option<Failure>,
    /// One permit a page.
    pub(crate) paper: Semaphore,
    pub(crate) begun: AtomicU32,
    pub(crate) began_at: Mutex<Vec<u64>>,
}

impl Printer {
    pub(crate) fn new() -> Self {
        Self {
            jams: AtomicU32::new(0),
            broken: None,
            paper: Semaphore::new(Semaphore::MAX_PERMITS),
            begun: AtomicU32::new(0),
            began_at: Mutex::default(),
        }
    }

    pub(crate) fn with_paper(pages: usize) -> Self {
        Self {
            paper: Semaphore::new(pages),
            ..Self::new()
        }
    }
}

#[async_trait]
impl JobHandler for Printer {
    fn kind(&self) -> &'static str {
        "print"
    }

    fn attempts(&self) -> u32 {
        3
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let jams = self.jams.load(Ordering::SeqCst);
        if jams > 0 {
            self.jams.store(jams - 1, Ordering::SeqCst);
            return Err(Failure::transient("a paper jam"));
        }
        if let Some(failure) = &self.broken {
            return Err(failure.clone());
        }
        let pages = job.payload::<Printing>()?.pages;
        let printed: u64 = job.progress()?.unwrap_or(0);
        self.began_at.lock().push(printed);
        for page in printed + 1..=pages {
            self.paper.acquire().await.unwrap().forget();
            let mut batch = job.batch();
            let data = serde_json::json!({ "page": page });
            batch.event(NewEvent::new(
                &job.cx(),
                "page.printed",
                format!("page/{page}"),
                data,
            ));
            job.checkpoint(batch, &page).await?;
        }
        JobDone::empty().with_result(&pages)
    }
}

pub(crate) fn hasty() -> JobOptions {
    JobOptions {
        look_again: Duration::from_millis(50),
        first_backoff: Duration::from_millis(1),
        longest_backoff: Duration::from_millis(10),
        stop_patience: Duration::from_millis(50),
        ..JobOptions::default()
    }
}

impl Process {
    pub(crate) fn do_jobs(&self, printer: &Arc<Printer>) {
        self.do_jobs_with(printer, hasty());
    }

    pub(crate) fn do_jobs_with(&self, printer: &Arc<Printer>, options: JobOptions) {
        let jobs = Jobs::with_options(
            self.books.clone(),
            self.tasks.clone(),
            self.metrics.clone(),
            options,
        );
        jobs.run(vec![printer.clone()]);
    }

    pub(crate) async fn print(&self, cx: &CallContext, pages: u64) -> JobId {
        let mut batch = self.books.batch(cx);
        let id = NewJob::new("print", &Printing { pages })
            .unwrap()
            .enqueue(&self.books, cx, &mut batch);
        self.books.commit(batch).await.unwrap();
        id
    }

    pub(crate) async fn job(&self, id: JobId) -> JobStatus {
        let scope = Scope::Tenant {
            tenant: TenantId::DEFAULT,
        };
        status(&self.books, &scope, id).await.unwrap().unwrap()
    }

    pub(crate) async fn job_becomes(&self, id: JobId, state: JobState) -> JobStatus {
        eventually(&format!("{state:?}"), || async {
            self.job(id).await.state == state
        })
        .await;
        self.job(id).await
    }

    /// These pages came out, in order, and nothing else did.
    pub(crate) async fn pages_become(&self, pages: &[u64]) {
        eventually(&format!("the pages {pages:?}"), || async {
            self.pages().await.len() >= pages.len()
        })
        .await;
        assert_eq!(self.pages().await, pages);
    }

    /// The pages that came out, in order.
    pub(crate) async fn pages(&self) -> Vec<u64> {
        let events = self.books.feed(0, 500).await.unwrap();
        let pages = events.iter().filter(|event| event.event_type == "page.printed");
        pages.map(|event| event.data["page"].as_u64().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_job_is_begun_at_once_and_tells_how_far_it_is_and_what_came_of_it() {
    let process = Stage::new().process().await;
    let printer = Arc::new(Printer::with_paper(2));
    process.do_jobs_with(&printer, JobOptions::default());
    let advisor = user(Role::Advisor, TenantId::DEFAULT);
    let id = process.print(&advisor, 3).await;
    eventually("two pages", || async {
        process.job(id).await.progress == Some(2.into())
    })
    .await;
    assert_eq!(process.job(id).await.state, JobState::Running);
    printer.paper.add_permits(1);
    let done = process.job_becomes(id, JobState::Done).await;
    assert_eq!(
        (done.result, done.error, done.attempts),
        (Some(3.into()), None, 1)
    );
    process.pages_become(&[1, 2, 3]).await;

    let seen = status(&process.books, &advisor.scope().unwrap(), id)
        .await
        .unwrap();
    assert_eq!(seen.unwrap().kind, "print");
    let stranger = user(Role::Advisor, TenantId::DEFAULT).scope().unwrap();
    assert!(status(&process.books, &stranger, id).await.unwrap().is_none());
    process.stop().await;
}

#[tokio::test]
async fn a_job_is_asked_for_only_when_its_batch_is_committed() {
    let process = Stage::new().process().await;
    let printer = Arc::new(Printer::new());
    process.do_jobs(&printer);
    let cx = system(&process.books, TenantId::DEFAULT);
    let id: JobId = process.books.sources().ids().next();
    let asked = |batch: &mut store::Batch| {
        let job = NewJob::new("print", &Printing { pages: 1 }).unwrap().with_id(id);
        job.enqueue(&process.books, &cx, batch)
    };
    let mut batch = process.books.batch(&cx);
    asked(&mut batch);
    process.books.commit(batch).await.unwrap();
    process.job_becomes(id, JobState::Done).await;

    let mut twice = process.books.batch(&cx);
    asked(&mut twice);
    let other =
        NewJob::new("print", &Printing { pages: 1 })
            .unwrap()
            .enqueue(&process.books, &cx, &mut twice);
    assert!(process.books.commit(twice).await.unwrap_err().is_lost_race());
    let scope = cx.scope().unwrap();
    assert!(status(&process.books, &scope, other).await.unwrap().is_none());
    process.stop().await;
    process.pages_become(&[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_every_job_once() {
    let stage = Stage::new();
    let processes = [stage.process().await, stage.process().await];
    let printer = Arc::new(Printer::new());
    for process in &processes {
        process.do_jobs(&printer);
    }
    let cx = system(&processes[0].books, TenantId::DEFAULT);
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(processes[n % 2].print(&cx, 1).await);
    }
    for id in ids {
        assert_eq!(processes[0].job_becomes(id, JobState::Done).await.attempts, 1);
    }
    for process in &processes {
        process.stop().await;
    }
    processes[0].pages_become(&[1; 40]).await;
    assert_eq!(printer.begun.load(Ordering::SeqCst), 40);
}

#[tokio::test]
async fn a_job_waits_until_it_is_due() {
    let clock = Arc::new(ManualClock::at("2025-01-31T12:00:00Z".parse().unwrap()));
    let process = Stage::at(clock.clone()).process().await;
    let printer = Arc::new(Printer::new());
    process.do_jobs(&printer);
    let cx = system(&process.books, TenantId::DEFAULT);
    let mut batch = process.books.batch(&cx);
    let tomorrow = batch.now() + chrono::TimeDelta::days(1);
    let job = NewJob::new("print", &Printing { pages: 1 })
        .unwrap()
        .due(tomorrow);
    let id = job.enqueue(&process.books, &cx, &mut batch);
    process.books.commit(batch).await.unwrap();

    let now = process.print(&cx, 1).await;
    process.job_becomes(now, JobState::Done).await;
    assert_eq!(process.job(id).await.state, JobState::Queued);
    clock.advance(chrono::TimeDelta::days(1));
    process.job_becomes(id, JobState::Done).await;
}

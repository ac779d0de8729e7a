use crate::{
    jobs::{Printer, hasty},
    stage::{Stage, eventually, system},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobOptions, JobRun, JobState, Jobs},
};
use kernel::{NewEvent, TenantId};
use parking_lot::Mutex;
use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    time::Duration,
};

#[tokio::test]
async fn a_job_that_fails_for_now_is_done_later() {
    let process = Stage::new().process().await;
    let printer = Printer::new();
    printer.jams.store(2, Ordering::SeqCst);
    process.do_jobs(&Arc::new(printer));
    let cx = system(&process.books, TenantId::DEFAULT);
    let id = process.print(&cx, 1).await;
    let done = process.job_becomes(id, JobState::Done).await;
    assert_eq!((done.attempts, done.error), (3, None));
    let metric = "jobs_runs_total{group=\"books\",kind=\"print\",outcome=\"retried\"} 2\n";
    eventually("the metric", || async { process.exposed().contains(metric) }).await;
}

#[tokio::test]
async fn a_job_is_given_up_after_its_attempts_or_at_once_when_nothing_would_change() {
    for (failure, attempts) in [
        (Failure::transient("a paper jam"), 3),
        (Failure::permanent("there is no printer"), 1),
    ] {
        let process = Stage::new().process().await;
        let printer = Printer {
            broken: Some(failure.clone()),
            ..Printer::new()
        };
        process.do_jobs(&Arc::new(printer));
        let cx = system(&process.books, TenantId::DEFAULT);
        let id = process.print(&cx, 1).await;
        let failed = process.job_becomes(id, JobState::Failed).await;
        assert_eq!(
            (failed.attempts, failed.error),
            (attempts, Some(failure.to_string()))
        );
        process.stop().await;
    }
}

/// The process is killed in the middle of a job: another goes on after the last checkpoint when the lease ends.
#[test]
fn a_job_survives_the_death_of_its_process_and_goes_on_where_it_was() {
    let options = JobOptions {
        lease: TimeDelta::milliseconds(300),
        ..hasty()
    };
    let stage = Stage::new();
    let doomed = tokio::runtime::Runtime::new().unwrap();
    let id = doomed.block_on(async {
        let process = stage.process().await;
        process.do_jobs_with(&Arc::new(Printer::with_paper(2)), options.clone());
        let cx = system(&process.books, TenantId::DEFAULT);
        let id = process.print(&cx, 4).await;
        eventually("two pages", || async { process.pages().await == [1, 2] }).await;
        id
    });
    doomed.shutdown_background();

    let next = tokio::runtime::Runtime::new().unwrap();
    next.block_on(async {
        let process = stage.process().await;
        let printer = Arc::new(Printer::new());
        process.do_jobs_with(&printer, options);
        let done = process.job_becomes(id, JobState::Done).await;
        assert_eq!((done.attempts, done.result), (2, Some(4.into())));
        process.pages_become(&[1, 2, 3, 4]).await;
        assert_eq!(*printer.began_at.lock(), [2]);
        process.stop().await;
    });
}

/// Freezes the whole process between two pages, as a debugger or a full disk would, and tells what came of it.
struct Freezer {
    thaw: Mutex<mpsc::Receiver<()>>,
    second_page: mpsc::Sender<Result<(), Failure>>,
}

#[async_trait]
impl JobHandler for Freezer {
    fn kind(&self) -> &'static str {
        "print"
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        self.page(job, 1).await?;
        self.thaw.lock().recv().unwrap();
        let second = self.page(job, 2).await;
        self.second_page.send(second.clone()).unwrap();
        second?;
        Ok(JobDone::empty())
    }
}

impl Freezer {
    async fn page(&self, job: &mut JobRun, page: u64) -> Result<(), Failure> {
        let mut batch = job.batch();
        let data = serde_json::json!({ "page": page });
        batch.event(NewEvent::new(
            &job.cx(),
            "page.printed",
            format!("page/{page}"),
            data,
        ));
        job.checkpoint(batch, &page).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_taken_over_from_writes_nothing_more() {
    let stage = Stage::new();
    let (frozen, other) = (stage.process().await, stage.process().await);
    let (thaw, wait) = mpsc::channel();
    let (tell, told) = mpsc::channel();
    let freezer = Freezer {
        thaw: Mutex::new(wait),
        second_page: tell,
    };
    let options = JobOptions {
        lease: TimeDelta::milliseconds(300),
        ..hasty()
    };
    let jobs = Jobs::with_options(
        frozen.books.clone(),
        frozen.tasks.clone(),
        frozen.metrics.clone(),
        options,
    );
    let stop = frozen.tasks.clone();
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            jobs.run(vec![Arc::new(freezer)]);
            frozen.tasks.stopping().await;
        });
    });

    let cx = system(&other.books, TenantId::DEFAULT);
    let id = other.print(&cx, 3).await;
    other.pages_become(&[1]).await;
    other.do_jobs(&Arc::new(Printer::new()));
    let done = other.job_becomes(id, JobState::Done).await;
    assert_eq!((done.attempts, &done.result), (2, &Some(3.into())));

    thaw.send(()).unwrap();
    let refused = told.recv().unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "another process has taken the job over");
    other.pages_become(&[1, 2, 3]).await;
    assert_eq!(other.job(id).await, done);
    stop.stop(Duration::from_secs(10)).await;
    process.join().unwrap();
}

#[tokio::test]
async fn a_long_job_keeps_its_lease() {
    let stage = Stage::new();
    let (holder, other) = (stage.process().await, stage.process().await);
    let options = JobOptions {
        lease: TimeDelta::milliseconds(200),
        ..hasty()
    };
    let (slow, idle) = (Arc::new(Printer::with_paper(0)), Arc::new(Printer::new()));
    holder.do_jobs_with(&slow, options.clone());
    let cx = system(&holder.books, TenantId::DEFAULT);
    let id = holder.print(&cx, 1).await;
    holder.job_becomes(id, JobState::Running).await;
    other.do_jobs_with(&idle, options);
    let first = holder.job(id).await.due;
    eventually("four renewals", || async {
        holder.job(id).await.due - first > TimeDelta::milliseconds(250)
    })
    .await;
    slow.paper.add_permits(1);
    assert_eq!(holder.job_becomes(id, JobState::Done).await.attempts, 1);
    assert_eq!(idle.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_job_under_way_at_stop_is_put_back_and_the_attempt_does_not_count() {
    let stage = Stage::new();
    let first = stage.process().await;
    first.do_jobs(&Arc::new(Printer::with_paper(1)));
    let cx = system(&first.books, TenantId::DEFAULT);
    let id = first.print(&cx, 2).await;
    eventually("the first page", || async { first.pages().await == [1] }).await;
    first.stop().await;
    let waiting = first.job(id).await;
    assert_eq!((waiting.state, waiting.attempts), (JobState::Queued, 0));

    let second = stage.process().await;
    second.do_jobs(&Arc::new(Printer::new()));
    let done = second.job_becomes(id, JobState::Done).await;
    assert_eq!(done.attempts, 1);
    second.pages_become(&[1, 2]).await;
}

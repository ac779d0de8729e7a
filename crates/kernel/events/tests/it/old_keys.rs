use crate::{
    jobs::hasty,
    stage::{Process, Stage, system},
};
use chrono::TimeDelta;
use events::jobs::{ForgetOldKeys, JobState, Jobs, NewJob};
use kernel::{CallError, IdempotencyKey, ManualClock, TenantId};
use std::sync::Arc;
use store::{IdempotencyRecord, Query, StoreError};

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
}

async fn pay(process: &Process, key: &str) {
    let cx = system(&process.books, TenantId::DEFAULT);
    let key = IdempotencyKey::parse(key).unwrap();
    let paid: Result<u32, Refused> = process
        .books
        .once(&cx, "pay", &key, &1, |batch| async move { Ok((batch, 1)) })
        .await;
    assert_eq!(paid.unwrap(), 1);
}

async fn keys(process: &Process) -> usize {
    let keys = process.books.find_everywhere::<IdempotencyRecord>(Query::all());
    keys.await.unwrap().items.len()
}

#[tokio::test]
async fn keys_whose_thirty_days_are_over_are_removed_and_the_others_stay() {
    let clock = Arc::new(ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap()));
    let process = Stage::at(clock.clone()).process().await;
    pay(&process, "in-march").await;
    clock.advance(TimeDelta::days(29));
    pay(&process, "in-april").await;
    clock.advance(TimeDelta::days(2));

    let jobs = Jobs::with_options(
        process.books.clone(),
        process.tasks.clone(),
        process.metrics.clone(),
        hasty(),
    );
    jobs.run(vec![Arc::new(ForgetOldKeys::new(process.books.clone()))]);
    let cx = system(&process.books, TenantId::DEFAULT);
    let mut batch = process.books.batch(&cx);
    let job = NewJob::new(ForgetOldKeys::KIND, &()).unwrap();
    let id = job.enqueue(&process.books, &cx, &mut batch);
    process.books.commit(batch).await.unwrap();
    process.job_becomes(id, JobState::Done).await;
    assert_eq!(keys(&process).await, 1);
    process.stop().await;
}

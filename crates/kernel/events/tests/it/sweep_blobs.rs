use crate::{
    jobs::hasty,
    stage::{Process, Stage, system},
};
use bytes::Bytes;
use chrono::TimeDelta;
use events::jobs::{JobState, Jobs, NewJob, SweepBlobs};
use futures::{StreamExt, stream};
use kernel::{ManualClock, TenantId};
use std::sync::Arc;
use store::StoreError;

/// How many pieces of blobs there are, by what encrypting them anew looks at.
async fn chunks(process: &Process) -> u64 {
    let cx = system(&process.books, TenantId::DEFAULT);
    let looked_at = process.books.reencrypt(&cx).await.unwrap();
    let chunks = looked_at.iter().find(|of| of.collection == "blob_chunks");
    chunks.map_or(0, |of| of.documents)
}

#[tokio::test]
async fn what_was_begun_and_never_completed_is_removed_after_a_day() {
    let clock = Arc::new(ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap()));
    let process = Stage::at(clock.clone()).process().await;
    let cx = system(&process.books, TenantId::DEFAULT);
    let pieces = || stream::iter(vec![Bytes::from(vec![7; 300_000])]).map(Ok::<_, StoreError>);
    let whole = process.books.write_blob(&cx, pieces()).await.unwrap();
    // A process that dies in the middle of an upload.
    let hanging = pieces().chain(stream::pending());
    let writing = process.books.write_blob(&cx, hanging);
    let ended = tokio::select! {
        _ = writing => true,
        () = the_upload_hangs(&process) => false,
    };
    assert!(!ended);
    assert_eq!(chunks(&process).await, 3);

    let jobs = Jobs::with_options(
        process.books.clone(),
        process.tasks.clone(),
        process.metrics.clone(),
        hasty(),
    );
    jobs.run(vec![Arc::new(SweepBlobs::new(process.books.clone()))]);
    for left in [3, 2] {
        let mut batch = process.books.batch(&cx);
        let job = NewJob::new(SweepBlobs::KIND, &()).unwrap();
        let id = job.enqueue(&process.books, &cx, &mut batch);
        process.books.commit(batch).await.unwrap();
        process.job_becomes(id, JobState::Done).await;
        assert_eq!(chunks(&process).await, left);
        clock.advance(SweepBlobs::ABANDONED_AFTER + TimeDelta::seconds(1));
    }
    let scope = cx.scope().unwrap();
    assert!(process.books.blob(&scope, whole.id).await.unwrap().is_some());
    process.stop().await;
}

/// Until the first piece of the upload that hangs is written.
async fn the_upload_hangs(process: &Process) {
    while chunks(process).await < 3 {
        tokio::task::yield_now().await;
    }
}

//! Where a run stands: one that does not end by itself is ended, and says where it was.

use crate::error::Error;
use std::{
    future::Future,
    time::{Duration, Instant},
};
use tokio::sync::watch;

tokio::task_local! {
    static STAGE: watch::Sender<Stage>;
}

/// What a run does, and since when.
#[derive(Debug, Clone)]
struct Stage {
    name: String,
    since: Instant,
}

impl Stage {
    fn begins(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            since: Instant::now(),
        }
    }
}

/// From now on the run that this belongs to does something else.
pub(crate) fn at(name: impl Into<String>) {
    // Outside of a run there is nobody to ask for it.
    let _ = STAGE.try_with(|stage| stage.send_replace(Stage::begins(name)));
}

/// Lets a run end within this time; one that does not has failed, with the place where it stood.
pub(crate) async fn within<T>(
    limit: Duration,
    run: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let (stage, last) = watch::channel(Stage::begins("the beginning"));
    match tokio::time::timeout(limit, STAGE.scope(stage, run)).await {
        Ok(ended) => ended,
        Err(_) => {
            let Stage { name, since } = last.borrow().clone();
            let stood = format!("it stands at \"{name}\" since {} s", since.elapsed().as_secs());
            Err(Error::at(format!("see the run end within {limit:?}"), stood))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[tokio::test]
    async fn a_run_that_does_not_end_says_where_it_stood() {
        let run = async {
            at("make the beds");
            at("wait for the rain");
            std::future::pending::<Result<(), Error>>().await
        };
        let error = within(Duration::from_millis(50), run).await.unwrap_err();
        assert!(error.to_string().contains("end within 50ms"), "{error}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("wait for the rain"), "{cause}");
    }

    #[tokio::test]
    async fn a_run_that_ends_is_left_alone() {
        let run = async {
            at("work");
            Ok(7)
        };
        assert_eq!(within(Duration::from_secs(100), run).await.unwrap(), 7);
        // Outside of a run nothing happens.
        at("rest");
    }
}

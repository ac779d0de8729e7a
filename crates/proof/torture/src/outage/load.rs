use super::judge::{Kind, Sample};
use crate::{
    error::Error,
    load::{Api, Session},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinSet};

/// What is asked, of whom, by how many at once.
const QUESTIONS: [(Kind, &str, usize); 5] = [
    // Forwarded by the gateway to the one that is away.
    (Kind::Forwarded, "/api/v1/transactions?limit=5", 2),
    // Forwarded to one that lives, which calls the one that is away.
    (
        Kind::Called,
        "/api/infrastructure/events?group=finance&limit=5",
        2,
    ),
    (Kind::Healthy, "/api/v1/clients?limit=5", 2),
    (Kind::Healthy, "/api/auth/me", 1),
    (Kind::Healthy, "/api/integrations", 1),
];
/// How long each of them rests between two questions.
const REST: Duration = Duration::from_millis(40);
/// The edge answers within 30 s, whatever happens.
const PATIENCE: Duration = Duration::from_secs(45);

/// Readers at work.
pub(super) struct Readers {
    stop: Arc<AtomicBool>,
    api: Api,
    session: Session,
    running: JoinSet<()>,
    samples: mpsc::UnboundedReceiver<Sample>,
}

impl Readers {
    pub(super) async fn start(api: &Api) -> Result<Self, Error> {
        let session = api
            .register("advisor@example.com", "advisor")
            .await
            .map_err(|error| Error::at("set up the reader", error))?;
        let (heard, samples) = mpsc::unbounded_channel();
        let mut readers = Self {
            stop: Arc::default(),
            api: api.clone(),
            session,
            running: JoinSet::new(),
            samples,
        };
        for (kind, path, number) in QUESTIONS {
            for _ in 0..number {
                let asking = ask_until(
                    readers.stop.clone(),
                    api.clone(),
                    readers.session.token.clone(),
                    (kind, path),
                    heard.clone(),
                );
                readers.running.spawn(asking);
            }
        }
        Ok(readers)
    }

    /// How long it takes until each question is answered again; None when it does not come to that in time.
    pub(super) async fn wait_until_all_answer(&self, patience: Duration) -> Option<Duration> {
        let begin = Instant::now();
        for (_, path, _) in QUESTIONS {
            loop {
                let reply = self.api.ask(path, &self.session.token, PATIENCE).await;
                if reply.is_ok_and(|reply| reply.status == 200) {
                    break;
                }
                if begin.elapsed() > patience {
                    return None;
                }
                tokio::time::sleep(REST).await;
            }
        }
        Some(begin.elapsed())
    }

    /// Lets them end; answers all that they saw.
    pub(super) async fn end(mut self) -> Result<Vec<Sample>, Error> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.running.join_next().await {
            ended.map_err(|error| Error::at("read", error))?;
        }
        let mut samples = Vec::new();
        while let Ok(sample) = self.samples.try_recv() {
            samples.push(sample);
        }
        Ok(samples)
    }
}

async fn ask_until(
    stop: Arc<AtomicBool>,
    api: Api,
    token: String,
    (kind, path): (Kind, &'static str),
    heard: mpsc::UnboundedSender<Sample>,
) {
    while !stop.load(Ordering::Relaxed) {
        let begin = Instant::now();
        let answered = api.ask(path, &token, PATIENCE).await;
        let status = answered.map_or(0, |reply| reply.status);
        let took = begin.elapsed();
        // Nobody listens any more: the run is over.
        let _ = heard.send(Sample {
            kind,
            begin,
            took,
            status,
        });
        tokio::time::sleep(REST).await;
    }
}

//! One service is away for a while, under a light load of reads: how often it is asked all the same, how fast whoever
//! needs it is told, and what the others notice.

mod judge;
mod load;

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    deployment::Deployment,
    error::Error,
    report::say,
};
use judge::{Findings, Part};
use load::Readers;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use testkit::Weather;

/// The service that is away.
const AWAY: &str = "finance";
/// How long the load runs before anything is measured: connections, pages of memory, caches.
const WARMING_UP: Duration = Duration::from_secs(3);
/// How long after the healing it may take until it is found again.
const RECOVERY: Duration = Duration::from_secs(60);

/// How it is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// It takes connections and requests and says nothing: a peer that is half open, a black hole.
    Silent,
    /// Its process is dead; what stands in front of it takes connections and closes them.
    Killed,
}

impl Death {
    fn name(self) -> &'static str {
        match self {
            Death::Silent => "silent",
            Death::Killed => "killed",
        }
    }
}

/// Makes both runs; answers whether all bounds were kept.
pub(crate) async fn run(arguments: &Arguments, programs: &Path) -> Result<bool, Error> {
    let mut held = true;
    for death in [Death::Silent, Death::Killed] {
        let home = tempfile::tempdir().map_err(|error| Error::at("make a directory", error))?;
        let mut deployment =
            Deployment::prepare(home.path(), programs, Topology::Split, StoreKind::Sqlite, None).await?;
        let found = under_load(death, arguments.seconds, &mut deployment).await;
        deployment.stop().await?;
        let findings = found?;
        say(&format!(
            "{AWAY} {} for {} s behind the gateway",
            death.name(),
            arguments.seconds
        ));
        for line in findings.lines() {
            say(&format!("  {line}"));
        }
        let broken = findings.broken();
        for bound in &broken {
            say(&format!("  FAILED: {bound}"));
        }
        held &= broken.is_empty();
    }
    say(match held {
        true => "all held",
        false => "FAILED; replay: scripts/torture --outage",
    });
    Ok(held)
}

async fn under_load(death: Death, seconds: u64, deployment: &mut Deployment) -> Result<Findings, Error> {
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    let time = Duration::from_secs(seconds);
    let readers = Readers::start(&deployment.front()?).await?;
    tokio::time::sleep(WARMING_UP).await;
    let begin = Instant::now();
    tokio::time::sleep(time / 2).await;
    let asked_before = deployment.wire(AWAY)?.requests();
    lose(death, deployment).await?;
    let away = Instant::now();
    tokio::time::sleep(time).await;
    let asked = deployment.wire(AWAY)?.requests() - asked_before;
    let healed = Instant::now();
    find_again(death, deployment)?;
    let back = readers.wait_until_all_answer(RECOVERY).await;
    let samples = readers.end().await?;
    Ok(judge::findings(
        &samples,
        &Part { begin, away, healed },
        asked,
        back,
    ))
}

async fn lose(death: Death, deployment: &mut Deployment) -> Result<(), Error> {
    match death {
        Death::Silent => {
            deployment.wire(AWAY)?.turn(Weather::Silent);
            Ok(())
        }
        Death::Killed => deployment.bury(AWAY).await,
    }
}

fn find_again(death: Death, deployment: &mut Deployment) -> Result<(), Error> {
    match death {
        Death::Silent => {
            let wire = deployment.wire(AWAY)?;
            wire.cut();
            wire.turn(Weather::Clear);
            Ok(())
        }
        Death::Killed => deployment.start(AWAY, None).map(|_| ()),
    }
}

//! One service is away for a while, under a light load of reads: how often it is asked all the same, how fast whoever
//! needs it is told, and what the others notice.

mod judge;
mod load;
mod verdict;

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    deployment::{CALLED, Deployment, FORWARDED},
    error::Error,
    report::say,
    whereabouts,
};
use judge::{Asked, Findings, Part};
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
/// A run that takes so much longer than its parts has got stuck.
const LIMIT: Duration = Duration::from_secs(300);

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
    let strict = arguments.strict || !cfg!(debug_assertions);
    let mut held = true;
    for death in [Death::Silent, Death::Killed] {
        let home = tempfile::tempdir().map_err(|error| Error::at("make a directory", error))?;
        let mut deployment =
            Deployment::prepare(home.path(), programs, Topology::Split, StoreKind::Sqlite, None).await?;
        let limit = Duration::from_secs(2 * arguments.seconds) + LIMIT;
        let going = under_load(death, arguments.seconds, &mut deployment);
        let found = whereabouts::within(limit, going).await;
        if found.is_err() {
            deployment.tell_last_words().await;
            say("FAILED; replay: scripts/torture --outage");
        }
        deployment.stop().await?;
        let findings = found?;
        say(&format!(
            "{AWAY} {} for {} s behind the gateway",
            death.name(),
            arguments.seconds
        ));
        for line in findings.lines(strict) {
            say(&format!("  {line}"));
        }
        let broken = findings.broken(strict);
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
    whereabouts::at("start the processes");
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    let time = Duration::from_secs(seconds);
    let readers = Readers::start(&deployment.front()?).await?;
    tokio::time::sleep(WARMING_UP).await;
    whereabouts::at("read while all is well");
    let begin = Instant::now();
    tokio::time::sleep(time / 2).await;
    let asked_before = asked(deployment)?;
    lose(death, deployment).await?;
    whereabouts::at("read while it is away");
    let away = Instant::now();
    tokio::time::sleep(time).await;
    let asked = asked(deployment)?.since(asked_before);
    let healed = Instant::now();
    find_again(death, deployment)?;
    whereabouts::at("wait until it is found again");
    let back = readers.wait_until_all_answer(RECOVERY).await;
    whereabouts::at("read while all is well again");
    // What starts again warms up.
    tokio::time::sleep(WARMING_UP).await;
    let well = Instant::now();
    tokio::time::sleep(time / 2).await;
    let samples = readers.end().await?;
    let part = Part {
        begin,
        away,
        healed,
        well,
    };
    Ok(judge::findings(&samples, &part, asked, back))
}

/// How often the one that is away was asked so far.
fn asked(deployment: &Deployment) -> Result<Asked, Error> {
    let wire = deployment.wire(AWAY)?;
    Ok(Asked {
        forwarded: wire.requests(FORWARDED),
        called: wire.requests(CALLED),
    })
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

//! Every process is replaced under load, one after the other, on sockets that outlive them: no request that may be sent
//! again fails.

mod load;
mod tally;

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    deployment::Deployment,
    error::Error,
    report::say,
    whereabouts,
};
use load::Users;
use std::{path::Path, time::Duration};

/// How many users are at work.
const USERS: u64 = 4;
/// How many postings must be acknowledged between two replacements.
const POSTINGS: u64 = 10;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A round that takes longer has got stuck.
const LIMIT: Duration = Duration::from_secs(500);

/// Replaces each process so many times; answers whether no request failed and each posting is there once.
pub(crate) async fn run(arguments: &Arguments, programs: &Path) -> Result<bool, Error> {
    let home = tempfile::tempdir().map_err(|error| Error::at("make a directory", error))?;
    let topology = arguments.topology.unwrap_or(Topology::Split);
    let mut deployment =
        Deployment::prepare(home.path(), programs, topology, StoreKind::Sqlite, None).await?;
    let limit = LIMIT * u32::try_from(arguments.rounds).unwrap_or(u32::MAX);
    let done = whereabouts::within(limit, under_load(arguments.rounds, &mut deployment)).await;
    if done.is_err() {
        deployment.tell_last_words().await;
        say(&format!(
            "FAILED; replay: scripts/torture --rolling --rounds {}",
            arguments.rounds
        ));
    }
    deployment.stop().await?;
    let (tally, wrong) = done?;
    say(&format!(
        "{}: {} processes replaced {} times under {USERS} users",
        topology.name(),
        deployment.names().len(),
        arguments.rounds
    ));
    say(&format!("  {}", tally.line()));
    for story in tally.failures().iter().chain(&wrong).take(crate::report::STORIES) {
        say(&format!("    {story}"));
    }
    let held = tally.holds() && wrong.is_empty();
    say(match held {
        true => "all held",
        false => "FAILED; replay: scripts/torture --rolling",
    });
    Ok(held)
}

/// What happened to the requests, and which postings are not there once.
async fn under_load(rounds: u64, deployment: &mut Deployment) -> Result<(tally::Tally, Vec<String>), Error> {
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    let users = Users::start(&deployment.front()?, USERS).await?;
    users.more(POSTINGS, PATIENCE).await?;
    // Whoever is called comes first; the one that all talk to is the last.
    let mut names = deployment.names();
    names.rotate_left(1);
    for _ in 0..rounds {
        for name in &names {
            whereabouts::at(format!("replace {name}"));
            deployment.replace(name).await?;
            users.more(POSTINGS, PATIENCE).await?;
        }
    }
    whereabouts::at("check the postings");
    let finished = users.end().await?;
    let mut odd = deployment.panics();
    let (tally, wrong) = load::check(finished).await?;
    odd.extend(wrong);
    Ok((tally, odd))
}

//! How the runs go.

use crate::{
    arguments::Arguments,
    check::{examine, messages_are_done, send_again},
    deployment::Deployment,
    dice::Dice,
    error::Error,
    faults::Injector,
    load::{Advisor, Client, Crowd, Investor, Market, Messages, Progress, What},
    plan::{Scenario, scenarios},
    planted::Planted,
    report::{Outcome, STORIES, Tally, say},
    whereabouts,
};
use futures::StreamExt;
use kernel::Sources;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Stands in the code of every program that has fail points.
const A_POINT: &[u8] = b"store.before_commit";

/// How many runs with planted bugs go on at the same time.
const BUGS_AT_ONCE: usize = 4;

/// Makes the runs that were asked for; answers whether all of them held.
pub(crate) async fn all(arguments: Arguments) -> Result<bool, Error> {
    let programs = programs(&arguments)?;
    if arguments.outage {
        return crate::outage::run(&arguments, &programs).await;
    }
    if arguments.rolling {
        return crate::rolling::run(&arguments, &programs).await;
    }
    if arguments.backup {
        return crate::backup::run(&arguments, &programs).await;
    }
    let seed = arguments.seed.unwrap_or_else(|| {
        // Short enough to be typed.
        u64::from(u32::from_le_bytes(Sources::system().random()))
    });
    let scenarios = scenarios(&arguments, seed);
    say(&format!(
        "a full disk: {}",
        crate::deployment::way_to_fill().await
    ));
    say(&format!("seed {seed}: {} runs", scenarios.len()));
    let begin = Instant::now();
    let (mut failed, mut kills, mut acknowledged) = (Vec::new(), 0, 0);
    let (bugs, others): (Vec<&Scenario>, Vec<&Scenario>) = scenarios
        .iter()
        .partition(|scenario| scenario.goes_beside_others(arguments.quick));
    // Runs with planted bugs are short; on MongoDB's stand-in most of the time is spent waiting: several at once.
    for (scenarios, at_once) in [(others, 1), (bugs, BUGS_AT_ONCE)] {
        let mut runs = futures::stream::iter(scenarios)
            .map(async |scenario| {
                (
                    scenario,
                    one(scenario, &programs, arguments.keep.as_deref()).await,
                )
            })
            .buffered(at_once);
        while let Some((scenario, outcome)) = runs.next().await {
            if let Ok(outcome) = &outcome {
                outcome.print(if scenario.bug.is_some() { 1 } else { STORIES });
                kills += outcome.tally.kills();
                acknowledged += outcome.acknowledged;
            }
            match verdict(scenario, outcome) {
                Ok(text) => say(&format!("  {text}")),
                Err(text) => {
                    say(&format!("  FAILED: {text}\n  replay: {}", scenario.replay()));
                    failed.push(scenario.title());
                }
            }
        }
    }
    say(&format!(
        "{} runs in {} s, {kills} kills, {acknowledged} acknowledged requests: {}",
        scenarios.len(),
        begin.elapsed().as_secs(),
        match failed.is_empty() {
            true => "all held".to_owned(),
            false => format!("FAILED: {}", failed.join("; ")),
        }
    ));
    Ok(failed.is_empty())
}

/// A run with a planted bug must find it; any other must find nothing.
fn verdict(scenario: &Scenario, outcome: Result<Outcome, Error>) -> Result<String, String> {
    let outcome = outcome.map_err(|error| {
        crate::report::complain(&error);
        format!("{} could not be carried out", scenario.title())
    })?;
    if let Some(trouble) = outcome.shows_nothing() {
        return Err(format!("it does not count: {trouble}"));
    }
    match scenario.bug {
        Some(_) if outcome.figures.are_zero() => Err("the planted bug was not found".to_owned()),
        Some(_) => Ok("the planted bug was found".to_owned()),
        None if outcome.holds() => Ok("held".to_owned()),
        None => Err("a promise was broken".to_owned()),
    }
}

/// The directory with the programs: the harness's own, unless another is named. They must have fail points.
fn programs(arguments: &Arguments) -> Result<PathBuf, Error> {
    let failed = |error: std::io::Error| Error::at("find the programs", error);
    let place = match &arguments.programs {
        Some(place) => std::path::absolute(place).map_err(failed)?,
        None => std::env::current_exe().map_err(failed)?.with_file_name(""),
    };
    let program = place.join("monolith");
    let code = std::fs::read(&program).map_err(failed)?;
    if !code.windows(A_POINT.len()).any(|bytes| bytes == A_POINT) {
        let advice = "it was built alone: run cargo build --package wealthos --package torture --bins";
        return Err(Error::at(
            format!("find fail points in {}", program.display()),
            advice,
        ));
    }
    Ok(place)
}

async fn one(scenario: &Scenario, programs: &Path, keep: Option<&Path>) -> Result<Outcome, Error> {
    let begin = Instant::now();
    let failed = |error: std::io::Error| Error::at("make a directory", error);
    let mut home = match keep {
        Some(place) => {
            std::fs::create_dir_all(place).map_err(failed)?;
            tempfile::Builder::new().prefix("run").tempdir_in(place)
        }
        None => tempfile::tempdir(),
    }
    .map_err(failed)?;
    home.disable_cleanup(keep.is_some());
    let planted = scenario.bug.map(Planted::armed);
    let mut deployment =
        Deployment::prepare(home.path(), programs, scenario.topology, scenario.store, planted).await?;
    if scenario.broker {
        deployment = deployment.with_broker().await?;
    }
    let going = under_load(scenario, &mut deployment, home.path(), begin);
    let done = whereabouts::within(scenario.limit(), going).await;
    if done.is_err() {
        deployment.tell_last_words().await;
    }
    deployment.stop().await?;
    if let Some(database) = &deployment.database {
        database.drop_data().await;
    }
    done
}

async fn under_load(
    scenario: &Scenario,
    deployment: &mut Deployment,
    home: &Path,
    begin: Instant,
) -> Result<Outcome, Error> {
    let dice = Dice::seeded(scenario.seed);
    let progress = Progress::default();
    whereabouts::at("start the processes");
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    whereabouts::at("set up the clients");
    let mut at_work = JoinSet::new();
    for number in 0..scenario.clients {
        let messages = deployment
            .broker
            .as_ref()
            .map(|broker| Messages::through(broker.url.clone()));
        let ways = (deployment.api()?, messages);
        let client = Client::new(number, ways, home, dice.fork(), progress.clone()).await?;
        at_work.spawn(client.work());
    }
    let advisor = Advisor::new(deployment.api()?, home, dice.fork(), progress.clone()).await?;
    let advising = JoinSet::from_iter([advisor.work()]);
    Market::open(&deployment.api()?).await?;
    let mut investing = JoinSet::new();
    for number in 0..scenario.investors() {
        let (api, dice) = (deployment.api()?, dice.fork());
        let investor = Investor::new(number, api, home, dice, progress.clone()).await?;
        investing.spawn(investor.work());
    }
    let mut tally = Tally::default();
    let mut injector = Injector {
        deployment,
        dice,
        progress: progress.clone(),
        tally: &mut tally,
        calm: scenario.calm(),
    };
    whereabouts::at("break things");
    let broken = injector.work(scenario.kills, scenario.longest).await;
    progress.end();
    whereabouts::at("wait for the clients to end");
    let clients = at_work.join_all().await;
    let advisors = advising.join_all().await;
    let investors = investing.join_all().await;
    broken?;
    whereabouts::at("heal");
    injector.heal().await?;
    let mut crowd = Crowd {
        clients: clients.into_iter().collect::<Result<_, _>>()?,
        advisors: advisors.into_iter().collect::<Result<_, _>>()?,
        investors: investors.into_iter().collect::<Result<_, _>>()?,
    };
    let mut outcome = Outcome {
        title: scenario.title(),
        tally,
        ..Outcome::default()
    };
    count(&mut outcome, &crowd);
    whereabouts::at("log in after the healing");
    log_in_again(&mut crowd).await?;
    // First as it is, then after everything was sent again: a loss must not be made good by asking again.
    whereabouts::at("see the messages of the broker carried out");
    messages_are_done(&mut crowd.clients).await?;
    whereabouts::at("count after the healing");
    let patience = scenario.patience();
    let before = examine(deployment, &mut crowd, patience).await?;
    whereabouts::at("send everything again");
    outcome.unequal = send_again(&mut crowd).await?;
    // A planted bug that was found need not be waited for once more.
    let patience = match scenario.bug {
        Some(_) if !before.are_zero() => Duration::ZERO,
        _ => patience,
    };
    whereabouts::at("see the messages of the broker carried out again");
    messages_are_done(&mut crowd.clients).await?;
    whereabouts::at("count after everything was sent again");
    let after = examine(deployment, &mut crowd, patience).await?;
    outcome.figures = before.join(after);
    outcome.odd.extend(deployment.panics());
    if let Some(database) = &deployment.database {
        outcome.odd.extend(database.foreign_commands());
    }
    outcome.took = begin.elapsed();
    Ok(outcome)
}

/// Tokens from before the healing may be from another time; and what was left open is finished.
pub(crate) async fn log_in_again(crowd: &mut Crowd) -> Result<(), Error> {
    let failed = |error: String| Error::at("log in", error);
    for client in &mut crowd.clients {
        client.log_in_again().await.map_err(failed)?;
    }
    for investor in &mut crowd.investors {
        investor.sender.log_in_again().await.map_err(failed)?;
    }
    for advisor in &mut crowd.advisors {
        advisor.settle().await?;
    }
    Ok(())
}

/// Counts what everybody wrote down.
pub(crate) fn count(outcome: &mut Outcome, crowd: &Crowd) {
    outcome.filled = (!crowd.investors.is_empty()).then_some(0);
    for entry in crowd.journals().flat_map(|journal| &journal.entries) {
        outcome.requests += 1;
        outcome.sendings += entry.sendings;
        match (entry.acknowledged(), entry.answers.first()) {
            (Some((_, body)), _) => {
                outcome.acknowledged += 1;
                let filled =
                    matches!(entry.request.what, What::Step(_)) && body.contains(r#""state":"filled""#);
                outcome.filled = outcome.filled.map(|before| before + u64::from(filled));
            }
            (None, None) => outcome.unknown += 1,
            (None, Some((status, body))) => {
                outcome.refused += 1;
                if !entry.request.may_be_refused() {
                    let key = &entry.request.key;
                    outcome.odd.push(format!("{key} was refused: {status} {body}"));
                }
            }
        }
    }
}

//! Which runs are made, and how one goes.

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    check::{examine, send_again},
    deployment::Deployment,
    dice::Dice,
    error::Error,
    faults::Injector,
    load::{Advisor, Client, Progress},
    planted::Planted,
    report::{Outcome, Tally, say},
};
use kernel::Sources;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Where, on what, with how many kills, with which bug.
type Step = (Topology, StoreKind, u64, Option<Planted>);

/// One run.
#[derive(Debug, Clone)]
struct Scenario {
    topology: Topology,
    store: StoreKind,
    seed: u64,
    kills: u64,
    clients: u64,
    bug: Option<Planted>,
    /// The load ends after this time, whatever was killed by then.
    longest: Duration,
}

impl Scenario {
    fn title(&self) -> String {
        let bug = self
            .bug
            .map(|bug| format!(" with the bug {}", bug.name()))
            .unwrap_or_default();
        format!(
            "{} on {}{bug}, seed {}",
            self.topology.name(),
            self.store.name(),
            self.seed
        )
    }

    /// How long consumers and sequencers may take to catch up. A planted bug is one that time does not mend.
    fn patience(&self) -> Duration {
        match self.bug {
            Some(_) => Duration::from_secs(10),
            None => Duration::from_secs(60),
        }
    }

    fn replay(&self) -> String {
        let bug = self
            .bug
            .map(|bug| format!(" --bug {}", bug.name()))
            .unwrap_or_default();
        format!(
            "scripts/torture --topology {} --store {} --seed {} --kills {} --clients {}{bug}",
            self.topology.name(),
            self.store.name(),
            self.seed,
            self.kills,
            self.clients
        )
    }
}

/// Makes the runs that were asked for; answers whether all of them held.
pub(crate) async fn all(arguments: Arguments) -> Result<bool, Error> {
    let programs = programs(&arguments)?;
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
    for scenario in &scenarios {
        let outcome = one(scenario, &programs, arguments.keep.as_deref()).await;
        let verdict = match outcome {
            Ok(outcome) => {
                outcome.print();
                kills += outcome.tally.kills();
                acknowledged += outcome.acknowledged;
                verdict(scenario, &outcome)
            }
            Err(error) => {
                crate::report::complain(&error);
                Err("it could not be carried out".to_owned())
            }
        };
        match verdict {
            Ok(text) => say(&format!("  {text}")),
            Err(text) => {
                say(&format!("  FAILED: {text}\n  replay: {}", scenario.replay()));
                failed.push(scenario.title());
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
fn verdict(scenario: &Scenario, outcome: &Outcome) -> Result<String, String> {
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

/// The directory with the programs: the harness's own, unless another is named.
fn programs(arguments: &Arguments) -> Result<PathBuf, Error> {
    if let Some(place) = &arguments.programs {
        return std::path::absolute(place).map_err(|error| Error::at("find the programs", error));
    }
    let own = std::env::current_exe().map_err(|error| Error::at("find the programs", error))?;
    Ok(own.parent().map(Path::to_owned).unwrap_or_default())
}

fn scenarios(arguments: &Arguments, seed: u64) -> Vec<Scenario> {
    use StoreKind::{Mongodb, Sqlite};
    use Topology::{Hybrid, Monolith, Split};
    let everything = [
        (Monolith, Sqlite),
        (Split, Sqlite),
        (Hybrid, Sqlite),
        (Monolith, Mongodb),
    ];
    let (plan, longest): (Vec<Step>, u64) = match arguments {
        Arguments { bug: Some(bug), .. } => (vec![(Monolith, Sqlite, bug.kills(), Some(*bug))], 60),
        Arguments { planted: true, .. } => (
            Planted::ALL
                .map(|bug| (Monolith, Sqlite, bug.kills(), Some(bug)))
                .to_vec(),
            60,
        ),
        Arguments { full: true, .. } => {
            let kills = [300, 250, 250, 200];
            let runs = everything.into_iter().zip(kills);
            (
                runs.map(|((topology, store), kills)| (topology, store, kills, None))
                    .collect(),
                3 * 3600,
            )
        }
        Arguments { quick: true, .. } => {
            let kills = [14, 10, 8, 5];
            let runs = everything.into_iter().zip(kills);
            (
                runs.map(|((topology, store), kills)| (topology, store, kills, None))
                    .collect(),
                20,
            )
        }
        _ => (
            [Monolith, Split, Hybrid]
                .into_iter()
                .flat_map(|topology| [(topology, Sqlite, 20, None), (topology, Mongodb, 20, None)])
                .collect(),
            3 * 3600,
        ),
    };
    plan.into_iter()
        .filter(|(topology, ..)| arguments.topology.is_none_or(|wanted| wanted == *topology))
        .filter(|(_, store, ..)| arguments.store.is_none_or(|wanted| wanted == *store))
        .map(|(topology, store, kills, bug)| Scenario {
            topology,
            store,
            seed,
            kills: arguments.kills.unwrap_or(kills),
            clients: arguments.clients,
            bug,
            longest: Duration::from_secs(longest),
        })
        .collect()
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
    let done = under_load(scenario, &mut deployment, home.path(), begin).await;
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
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    let mut at_work = JoinSet::new();
    for number in 0..scenario.clients {
        let client = Client::new(number, deployment.api()?, home, dice.fork(), progress.clone()).await?;
        at_work.spawn(client.work());
    }
    let advisor = Advisor::new(deployment.api()?, home, dice.fork(), progress.clone()).await?;
    let advising = tokio::task::JoinSet::from_iter([advisor.work()]);
    let mut tally = Tally::default();
    let mut injector = Injector {
        deployment,
        dice,
        progress: progress.clone(),
        tally: &mut tally,
        calm: if scenario.bug.is_some_and(Planted::needs_calm) {
            100
        } else {
            15
        },
    };
    let broken = injector.work(scenario.kills, begin + scenario.longest).await;
    progress.end();
    let clients = at_work.join_all().await;
    let advisors = advising.join_all().await;
    broken?;
    injector.heal().await?;
    let mut clients: Vec<Client> = clients.into_iter().collect::<Result<_, _>>()?;
    let mut advisors: Vec<Advisor> = advisors.into_iter().collect::<Result<_, _>>()?;
    let mut outcome = Outcome {
        title: scenario.title(),
        tally,
        ..Outcome::default()
    };
    count(&mut outcome, &clients, &advisors);
    for client in &mut clients {
        client
            .log_in_again()
            .await
            .map_err(|error| Error::at("log in", error))?;
    }
    for advisor in &mut advisors {
        advisor.settle().await?;
    }
    // First as it is, then after everything was sent again: a loss must not be made good by asking again.
    let patience = scenario.patience();
    let before = examine(deployment, &mut clients, &mut advisors, patience).await?;
    outcome.unequal = send_again(&mut clients).await?;
    let patience = if before.are_zero() {
        patience
    } else {
        Duration::ZERO
    };
    let after = examine(deployment, &mut clients, &mut advisors, patience).await?;
    outcome.figures = before.join(after);
    outcome.odd.extend(deployment.panics());
    outcome.took = begin.elapsed();
    Ok(outcome)
}

fn count(outcome: &mut Outcome, clients: &[Client], advisors: &[Advisor]) {
    let journals = clients
        .iter()
        .map(|client| &client.journal)
        .chain(advisors.iter().map(|advisor| &advisor.journal));
    for entry in journals.flat_map(|journal| &journal.entries) {
        outcome.requests += 1;
        outcome.sendings += entry.sendings;
        match (entry.acknowledged(), entry.answers.first()) {
            (Some(_), _) => outcome.acknowledged += 1,
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

//! A backup that is taken while money moves and processes die, put back into an empty place while clients go on asking, and
//! counted through.

mod split;

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    check::{examine, send_again, there},
    deployment::Deployment,
    dice::Dice,
    error::Error,
    load::{Advisor, Client, Crowd, Investor, Market, Progress},
    report::{Outcome, STORIES, say},
    whereabouts,
};
use kernel::Sources;
use serde_json::Value;
use split::Span;
use std::{
    path::Path,
    process::Output,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// How many requests must be acknowledged before the backup begins, as many before everything stops, and as many by what was
/// restored.
const SOME: u64 = 100;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long consumers may take to catch up.
const CATCHING_UP: Duration = Duration::from_secs(90);
/// The consumer that writes the audit log.
const AUDIT: &str = "auth.audit";
/// A run that takes longer has got stuck.
const LIMIT: Duration = Duration::from_secs(540);

/// What was counted, and what was and was not in the backup of that which came too late to be sure of.
struct Restored {
    outcome: Outcome,
    sure: usize,
    late: usize,
    late_there: usize,
    audit_ahead: u64,
}

/// One run: whoever holds data dies while it is copied.
struct Trial {
    topology: Topology,
    victim: &'static str,
    seed: u64,
    clients: u64,
}

impl Trial {
    fn title(&self) -> String {
        format!(
            "{} on sqlite, backed up under load while {} dies, restored under load, seed {}",
            self.topology.name(),
            self.victim,
            self.seed
        )
    }

    fn replay(&self) -> String {
        format!(
            "scripts/torture --backup --topology {} --victim {} --seed {} --clients {}",
            self.topology.name(),
            self.victim,
            self.seed,
            self.clients
        )
    }
}

/// The processes that hold data.
fn victims(topology: Topology) -> &'static [&'static str] {
    match topology {
        Topology::Monolith => &["monolith"],
        Topology::Hybrid => &["finance", "monolith"],
        Topology::Split => &["finance", "wealth", "auth", "advisory", "infrastructure"],
    }
}

/// Makes a run for each process that holds data, or for the one that was asked for; answers whether all figures are 0.
pub(crate) async fn run(arguments: &Arguments, programs: &Path) -> Result<bool, Error> {
    let topology = arguments.topology.unwrap_or(Topology::Split);
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(u32::from_le_bytes(Sources::system().random())));
    let wanted = |victim: &&str| arguments.victim.as_ref().is_none_or(|name| name == victim);
    let trials: Vec<Trial> = victims(topology)
        .iter()
        .copied()
        .filter(wanted)
        .map(|victim| Trial {
            topology,
            victim,
            seed,
            clients: arguments.clients,
        })
        .collect();
    if trials.is_empty() {
        let known = victims(topology).join(", ");
        return Err(Error::at("choose a victim", format!("it is one of {known}")));
    }
    let mut held = true;
    for trial in &trials {
        held &= one(trial, programs).await?;
    }
    Ok(held)
}

async fn one(trial: &Trial, programs: &Path) -> Result<bool, Error> {
    let home = tempfile::tempdir().map_err(|error| Error::at("make a directory", error))?;
    let mut deployment =
        Deployment::prepare(home.path(), programs, trial.topology, StoreKind::Sqlite, None).await?;
    let done = whereabouts::within(LIMIT, under_load(trial, &mut deployment, home.path())).await;
    if done.is_err() {
        deployment.tell_last_words().await;
    }
    deployment.stop().await?;
    let held = match done {
        Ok(mut restored) => {
            restored.outcome.title = trial.title();
            told(&restored)
        }
        Err(error) => {
            say(&format!("{}: it could not be carried out", trial.title()));
            crate::report::complain(&error);
            false
        }
    };
    if !held {
        say(&format!("FAILED; replay: {}", trial.replay()));
    }
    Ok(held)
}

/// Prints what was counted; answers whether it held.
fn told(restored: &Restored) -> bool {
    restored.outcome.print(STORIES);
    say(&format!(
        "  the audit log is ahead of what was restored by {} events at most; acknowledged before the backup began or by what was restored {}, between them {}, of which {} are in the backup",
        restored.audit_ahead, restored.sure, restored.late, restored.late_there
    ));
    let enough = restored.sure > 0 && restored.late > 0;
    if !enough {
        say("  it does not count: nothing was acknowledged before the backup, or nothing after it began");
    }
    enough && restored.outcome.holds()
}

async fn under_load(trial: &Trial, deployment: &mut Deployment, home: &Path) -> Result<Restored, Error> {
    let (began, dice) = (Instant::now(), Dice::seeded(trial.seed));
    whereabouts::at("start the processes");
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    whereabouts::at("set up the clients");
    let (progress, advice) = (Progress::default(), Progress::default());
    let mut at_work = JoinSet::new();
    for number in 0..trial.clients {
        let client = Client::new(
            number,
            (deployment.api()?, None),
            home,
            dice.fork(),
            progress.clone(),
        )
        .await?;
        at_work.spawn(client.work());
    }
    let advisor = Advisor::new(deployment.api()?, home, dice.fork(), advice.clone()).await?;
    let advising = JoinSet::from_iter([advisor.work()]);
    Market::open(&deployment.api()?).await?;
    let (api, chance) = (deployment.api()?, dice.fork());
    let investor = Investor::new(0, api, home, chance, advice.clone()).await?;
    let investing = JoinSet::from_iter([investor.work()]);
    whereabouts::at("wait for work before the backup");
    more(&progress, SOME).await?;
    // What advisors and investors were told cannot be divided by time afterwards: all of it comes before.
    advice.end();
    let (advisors, investors) = (advising.join_all().await, investing.join_all().await);
    let mut outcome = Outcome::default();
    let began_backup = Instant::now();
    whereabouts::at("take the backup");
    take(deployment, trial.victim, &dice, &mut outcome).await?;
    whereabouts::at("wait for work after the backup");
    more(&progress, SOME).await?;
    whereabouts::at("restore the backup");
    restore(deployment, &dice, &mut outcome).await?;
    let between = Span {
        from: began_backup,
        to: Instant::now(),
    };
    whereabouts::at("start the processes on what was restored");
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    whereabouts::at("wait for work by what was restored");
    more(&progress, SOME).await?;
    progress.end();
    whereabouts::at("wait for the clients to end");
    let clients = at_work.join_all().await;
    let mut crowd = Crowd {
        clients: clients.into_iter().collect::<Result<_, _>>()?,
        advisors: advisors.into_iter().collect::<Result<_, _>>()?,
        investors: investors.into_iter().collect::<Result<_, _>>()?,
    };
    crate::run::count(&mut outcome, &crowd);
    count(&mut crowd, between, deployment, outcome, began).await
}

/// Takes the backup. Another is broken off before, and as long as it takes a process dies again and again.
async fn take(
    deployment: &mut Deployment,
    victim: &'static str,
    dice: &Dice,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    deployment
        .break_off(&["backup", "broken-off"], dice.millis(20..400))
        .await?;
    outcome.tally.count("a backup that was broken off");
    let mut backup = Box::pin(deployment.operator(&["backup", "backup"]));
    loop {
        let said = tokio::time::timeout(dice.millis(30..250), &mut backup).await;
        if let Ok(said) = said {
            return worked("take a backup", said?).map(drop);
        }
        deployment.kill(victim).await?;
        outcome.tally.killed(victim);
        tokio::time::sleep(dice.millis(0..100)).await;
        deployment.start(victim, None)?;
    }
}

/// Everything stops, and what was in the backup is put into an empty place; the first try is broken off. The clients go on
/// asking all the while.
async fn restore(deployment: &mut Deployment, dice: &Dice, outcome: &mut Outcome) -> Result<(), Error> {
    deployment.stop().await?;
    deployment.move_to("restored").await?;
    deployment
        .break_off(&["restore", "backup"], dice.millis(20..400))
        .await?;
    outcome.tally.count("a restore that was broken off");
    let said = deployment.operator(&["restore", "backup", "--replace"]).await?;
    deployment.audit_ahead = audit_ahead(&worked("restore it", said)?);
    Ok(())
}

/// By how many events the audit log stood beyond the feeds: it is copied after those who ask its group.
fn audit_ahead(said: &[u8]) -> u64 {
    let said: Value = serde_json::from_slice(said).unwrap_or_default();
    let readers = said["readers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_audit = readers.iter().filter(|reader| reader["consumer"] == AUDIT);
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    of_audit
        .map(|reader| number(&reader["stood_at"]).saturating_sub(number(&reader["feed_ends_at"])))
        .sum()
}

fn worked(what: &str, said: Output) -> Result<Vec<u8>, Error> {
    match said.status.success() {
        true => Ok(said.stdout),
        false => Err(Error::at(
            what,
            String::from_utf8_lossy(&said.stderr).into_owned(),
        )),
    }
}

async fn more(progress: &Progress, number: u64) -> Result<(), Error> {
    let wanted = progress.acknowledged() + number;
    let end = Instant::now() + PATIENCE;
    while progress.acknowledged() < wanted {
        if Instant::now() > end {
            let what = format!("see {number} more requests acknowledged within {PATIENCE:?}");
            return Err(Error::at(what, "the clients do not get on"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// First as it was restored, with what came too late as neither sure to be there nor sure not to be; then after everything
/// was sent again, with the keys that are there remembering their answers.
async fn count(
    crowd: &mut Crowd,
    between: Span,
    deployment: &Deployment,
    mut outcome: Outcome,
    began: Instant,
) -> Result<Restored, Error> {
    whereabouts::at("log in after the restore");
    crate::run::log_in_again(crowd).await?;
    let mut late = Vec::new();
    let (mut sure, mut late_there) = (0, 0);
    for client in &mut crowd.clients {
        let apart = split::set_late_apart(&mut client.journal.entries, between);
        sure += split::acknowledged(&client.journal.entries);
        late.push(apart);
    }
    whereabouts::at("count after the restore");
    let before = examine(deployment, crowd, CATCHING_UP).await?;
    for (client, late) in crowd.clients.iter_mut().zip(&late) {
        let keys = there(client).await?;
        late_there += split::bring_back(&mut client.journal.entries, late, &keys);
    }
    whereabouts::at("send everything again");
    outcome.unequal = send_again(crowd).await?;
    whereabouts::at("count after everything was sent again");
    let after = examine(deployment, crowd, CATCHING_UP).await?;
    outcome.figures = before.join(after);
    outcome.odd.extend(deployment.panics());
    outcome.took = began.elapsed();
    Ok(Restored {
        outcome,
        sure,
        late: late.iter().map(Vec::len).sum(),
        late_there,
        audit_ahead: deployment.audit_ahead,
    })
}

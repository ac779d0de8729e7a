//! A backup that is taken while money moves and a process dies, put back into an empty place and counted through.

mod split;

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    check::{examine, send_again, there},
    deployment::Deployment,
    dice::Dice,
    error::Error,
    load::{Advisor, Client, Progress},
    report::{Outcome, STORIES, say},
};
use kernel::Sources;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// How many requests must be acknowledged before the backup begins, and as many before it all ends.
const BEFORE: u64 = 150;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long consumers may take to catch up.
const CATCHING_UP: Duration = Duration::from_secs(90);

/// What was counted, and what was and was not in the backup of that which came too late to be sure of.
struct Restored {
    outcome: Outcome,
    sure: usize,
    late: usize,
    late_there: usize,
}

/// Makes the run; answers whether all figures are 0.
pub(crate) async fn run(arguments: &Arguments, programs: &Path) -> Result<bool, Error> {
    let topology = arguments.topology.unwrap_or(Topology::Split);
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(u32::from_le_bytes(Sources::system().random())));
    let home = tempfile::tempdir().map_err(|error| Error::at("make a directory", error))?;
    let mut deployment =
        Deployment::prepare(home.path(), programs, topology, StoreKind::Sqlite, None).await?;
    let done = under_load(arguments.clients, seed, &mut deployment, home.path()).await;
    deployment.stop().await?;
    let mut restored = done?;
    restored.outcome.title = format!(
        "{} on sqlite, backed up under load and restored, seed {seed}",
        topology.name()
    );
    restored.outcome.print(STORIES);
    say(&format!(
        "  acknowledged before the backup began {}, later {}, of which {} are in the backup",
        restored.sure, restored.late, restored.late_there
    ));
    let enough = restored.sure > 0 && restored.late > 0;
    if !enough {
        say("  it does not count: nothing was acknowledged before the backup, or nothing after it began");
    }
    let held = enough && restored.outcome.holds();
    if !held {
        let name = topology.name();
        say(&format!(
            "FAILED; replay: scripts/torture --backup --topology {name} --seed {seed}"
        ));
    }
    Ok(held)
}

async fn under_load(
    number: u64,
    seed: u64,
    deployment: &mut Deployment,
    home: &Path,
) -> Result<Restored, Error> {
    let (began, dice) = (Instant::now(), Dice::seeded(seed));
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await?;
    let (progress, advice) = (Progress::default(), Progress::default());
    let mut at_work = JoinSet::new();
    for number in 0..number {
        let client = Client::new(number, deployment.api()?, home, dice.fork(), progress.clone()).await?;
        at_work.spawn(client.work());
    }
    let advisor = Advisor::new(deployment.api()?, home, dice.fork(), advice.clone()).await?;
    let mut advising = JoinSet::from_iter([advisor.work()]);
    more(&progress, BEFORE).await?;
    // What an advisor was told cannot be divided by time afterwards: all of it comes before.
    advice.end();
    let advisor = advising.join_next().await;
    let mark = Instant::now();
    let mut outcome = Outcome::default();
    take(deployment, &dice, &mut outcome).await?;
    more(&progress, BEFORE).await?;
    progress.end();
    let clients = at_work.join_all().await;
    let mut clients: Vec<Client> = clients.into_iter().collect::<Result<_, _>>()?;
    let mut advisors = Vec::new();
    if let Some(ended) = advisor {
        advisors.push(ended.map_err(|error| Error::at("advise", error))??);
    }
    restore(deployment).await?;
    crate::run::count(&mut outcome, &clients, &advisors);
    count(&mut clients, &mut advisors, mark, deployment, outcome, began).await
}

/// Takes the backup, and kills a process meanwhile.
async fn take(deployment: &mut Deployment, dice: &Dice, outcome: &mut Outcome) -> Result<(), Error> {
    let names = deployment.names();
    let victim = dice.pick(&names).copied().unwrap_or("monolith");
    let wait = dice.millis(0..150);
    let backup = deployment.operator(&["backup", "backup"]);
    let dying = async {
        tokio::time::sleep(wait).await;
        deployment.kill(victim).await?;
        deployment.start(victim, None).map(|_| ())
    };
    let (said, died) = tokio::join!(backup, dying);
    died?;
    outcome.tally.killed(victim);
    worked("take a backup", said?)
}

/// Everything stops, and starts again on what was in the backup.
async fn restore(deployment: &mut Deployment) -> Result<(), Error> {
    deployment.stop().await?;
    deployment.move_to("restored").await?;
    let said = deployment.operator(&["restore", "backup"]).await?;
    worked("restore it", said)?;
    for name in deployment.names() {
        deployment.start(name, None)?;
    }
    deployment.ready().await
}

fn worked(what: &str, said: std::process::Output) -> Result<(), Error> {
    match said.status.success() {
        true => Ok(()),
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
    clients: &mut [Client],
    advisors: &mut [Advisor],
    mark: Instant,
    deployment: &Deployment,
    mut outcome: Outcome,
    began: Instant,
) -> Result<Restored, Error> {
    for client in clients.iter_mut() {
        let again = client.log_in_again().await;
        again.map_err(|error| Error::at("log in", error))?;
    }
    for advisor in advisors.iter_mut() {
        advisor.settle().await?;
    }
    let mut late = Vec::new();
    let (mut sure, mut late_there) = (0, 0);
    for client in clients.iter_mut() {
        let apart = split::set_late_apart(&mut client.journal.entries, mark);
        sure += split::acknowledged(&client.journal.entries);
        late.push(apart);
    }
    let before = examine(deployment, clients, advisors, CATCHING_UP).await?;
    for (client, late) in clients.iter_mut().zip(&late) {
        let keys = there(client).await?;
        late_there += split::bring_back(&mut client.journal.entries, late, &keys);
    }
    outcome.unequal = send_again(clients).await?;
    let after = examine(deployment, clients, advisors, CATCHING_UP).await?;
    outcome.figures = before.join(after);
    outcome.odd.extend(deployment.panics());
    outcome.took = began.elapsed();
    Ok(Restored {
        outcome,
        sure,
        late: late.iter().map(Vec::len).sum(),
        late_there,
    })
}

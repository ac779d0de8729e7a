//! Which runs are made.

use crate::{
    arguments::{Arguments, StoreKind, Topology},
    planted::Planted,
};
use std::time::Duration;

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) topology: Topology,
    pub(crate) store: StoreKind,
    pub(crate) seed: u64,
    pub(crate) kills: u64,
    pub(crate) clients: u64,
    pub(crate) bug: Option<Planted>,
    /// Whether some of the load comes through RabbitMQ, which dies as well.
    pub(crate) broker: bool,
    /// The load ends after this time, whatever was killed by then.
    pub(crate) longest: Duration,
}

/// Where, on what, with how many kills, within how many seconds, with which bug.
type Step = (Topology, StoreKind, u64, u64, Option<Planted>);

/// Long enough for whatever was asked for.
const NO_HURRY: u64 = 6 * 3600;

impl Scenario {
    pub(crate) fn title(&self) -> String {
        let bug = self
            .bug
            .map(|bug| format!(" with the bug {}", bug.name()))
            .unwrap_or_default();
        format!(
            "{} on {}{}{bug}, seed {}",
            self.topology.name(),
            self.store.name(),
            if self.broker { " with RabbitMQ" } else { "" },
            self.seed
        )
    }

    /// The command that makes this run again.
    pub(crate) fn replay(&self) -> String {
        let bug = self
            .bug
            .map(|bug| format!(" --bug {}", bug.name()))
            .unwrap_or_default();
        format!(
            "scripts/torture --topology {} --store {} --seed {} --kills {} --clients {}{}{bug}",
            self.topology.name(),
            self.store.name(),
            self.seed,
            self.kills,
            self.clients,
            if self.broker { " --broker" } else { "" },
        )
    }

    /// How long consumers and sequencers may stand still before they have caught up. A planted bug is one that time does not
    /// mend.
    pub(crate) fn patience(&self) -> Duration {
        match self.bug {
            Some(_) => Duration::from_secs(6),
            None => Duration::from_secs(90),
        }
    }

    /// How many trade in portfolios at once.
    pub(crate) fn investors(&self) -> u64 {
        match self.bug {
            Some(_) => 0,
            None => self.clients.div_ceil(3),
        }
    }

    /// Whether it may run at the same time as others.
    pub(crate) fn goes_beside_others(&self, quick: bool) -> bool {
        self.bug.is_some() || quick && self.store == StoreKind::Mongodb
    }

    /// A run that takes longer has got stuck: the load, and time to begin, to heal and to count.
    pub(crate) fn limit(&self) -> Duration {
        let load = Duration::from_secs(20 * self.kills.max(6));
        self.longest.min(load) + Duration::from_secs(360)
    }

    /// In how many of a hundred cases processes live for some seconds before the next fault.
    pub(crate) fn calm(&self) -> u64 {
        match self.bug {
            Some(bug) if bug.needs_calm() => 100,
            _ => 15,
        }
    }
}

/// The runs that were asked for.
pub(crate) fn scenarios(arguments: &Arguments, seed: u64) -> Vec<Scenario> {
    steps(arguments)
        .into_iter()
        .filter(|(topology, ..)| arguments.topology.is_none_or(|wanted| wanted == *topology))
        .filter(|(_, store, ..)| arguments.store.is_none_or(|wanted| wanted == *store))
        .map(|(topology, store, kills, seconds, bug)| Scenario {
            topology,
            store,
            seed,
            kills: arguments.kills.unwrap_or(kills),
            clients: arguments.clients,
            bug,
            broker: with_broker(arguments, topology, store, bug),
            longest: Duration::from_secs(seconds),
        })
        .collect()
}

/// Whoever asks for it; of the short runs one, of the long ones all that keep their data in files.
fn with_broker(arguments: &Arguments, topology: Topology, store: StoreKind, bug: Option<Planted>) -> bool {
    let files = store == StoreKind::Sqlite && bug.is_none();
    arguments.broker || files && (arguments.full || arguments.quick && topology == Topology::Split)
}

fn steps(arguments: &Arguments) -> Vec<Step> {
    use StoreKind::{Mongodb, Sqlite};
    use Topology::{Hybrid, Monolith, Split};
    if let Some(bug) = arguments.bug {
        return vec![planted(bug)];
    }
    if arguments.planted {
        return Planted::ALL.map(planted).to_vec();
    }
    if arguments.full {
        return vec![
            (Monolith, Sqlite, 300, NO_HURRY, None),
            (Split, Sqlite, 250, NO_HURRY, None),
            (Hybrid, Sqlite, 200, NO_HURRY, None),
            (Monolith, Mongodb, 150, NO_HURRY, None),
            (Split, Mongodb, 60, NO_HURRY, None),
            (Hybrid, Mongodb, 40, NO_HURRY, None),
        ];
    }
    if arguments.quick {
        let mut steps = vec![
            (Monolith, Sqlite, 14, 9, None),
            (Split, Sqlite, 10, 12, None),
            (Hybrid, Sqlite, 8, 8, None),
            (Monolith, Mongodb, 4, 8, None),
        ];
        steps.extend(Planted::ALL.map(planted));
        return steps;
    }
    [Monolith, Split, Hybrid]
        .into_iter()
        .flat_map(|topology| {
            [
                (topology, Sqlite, 20, NO_HURRY, None),
                (topology, Mongodb, 20, NO_HURRY, None),
            ]
        })
        .collect()
}

/// In which a planted bug is to be found.
fn planted(bug: Planted) -> Step {
    (Topology::Monolith, StoreKind::Sqlite, bug.kills(), 60, Some(bug))
}

//! How processes find each other: each announces the groups that it runs, and follows what the others announce. What is
//! found adds to the addresses of the topology; while the registry is away, what was last known holds.

use arc_swap::ArcSwap;
use infrastructure_contract::{Announcement, Instance, InstanceId, RegistryClient};
use kernel::{CallContext, Deadline, Sources, Tasks, TenantId};
use rpc::Endpoints;
use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};

/// How often a process says that it lives; what it said counts for ten seconds.
const ANNOUNCE: Duration = Duration::from_secs(3);
/// How often it looks who else does.
const FOLLOW: Duration = Duration::from_secs(2);
/// How long it waits for an answer of the registry.
const PATIENCE: Duration = Duration::from_secs(2);

/// One process in the registry.
pub struct Membership {
    instance: InstanceId,
    client: RegistryClient,
    sources: Sources,
    /// The addresses that others announced, by group.
    found: ArcSwap<BTreeMap<String, Vec<String>>>,
}

impl Membership {
    /// A process that has announced nothing and found nobody.
    pub fn new(client: RegistryClient, sources: Sources) -> Self {
        Self {
            instance: InstanceId(sources.ids().next()),
            client,
            sources,
            found: ArcSwap::default(),
        }
    }

    /// The addresses of a group: those where the topology places it, and those that were announced.
    pub fn addresses(&self, group: &str, placed: &[String]) -> Vec<String> {
        let mut addresses = placed.to_vec();
        if let Some(found) = self.found.load().get(group) {
            let new = found.iter().filter(|address| !placed.contains(address));
            addresses.extend(new.cloned());
        }
        addresses
    }

    /// Announces until the process stops that it answers at `address` for the groups, or the modules of groups
    /// (`finance.accounting`), that `local` then names; announces nothing while it names none.
    pub fn announce(
        self: &Arc<Self>,
        tasks: &Tasks,
        address: String,
        local: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) {
        let membership = self.clone();
        every(tasks, ANNOUNCE, "announcing this process", move || {
            let membership = membership.clone();
            let (groups, address) = (local(), address.clone());
            async move { membership.announce_once(&groups, address).await }
        });
    }

    async fn announce_once(&self, groups: &[String], address: String) -> Result<(), String> {
        let Some(speaker) = groups.first() else {
            return Ok(());
        };
        // For a module its group speaks.
        let speaker = speaker
            .split_once('.')
            .map_or(speaker.as_str(), |(group, _)| group);
        let announcement = Announcement {
            instance: self.instance,
            groups: groups.to_vec(),
            address,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let announced = self.client.announce(&self.context(speaker), announcement).await;
        announced.map_err(|error| error.to_string())
    }

    /// Follows what others announce until the process stops, and keeps the addresses of every group that `targets`
    /// then names, with where the topology places it, up to date. Asks nobody while it names none.
    pub fn follow(
        self: &Arc<Self>,
        tasks: &Tasks,
        speaker: &'static str,
        targets: impl Fn() -> Vec<(Arc<Endpoints>, Vec<String>)> + Send + Sync + 'static,
    ) {
        let membership = self.clone();
        let targets = Arc::new(targets);
        every(tasks, FOLLOW, "following the registry", move || {
            let (membership, targets) = (membership.clone(), targets.clone());
            async move {
                let targets = targets();
                if targets.is_empty() {
                    return Ok(());
                }
                let instances = membership.client.instances(&membership.context(speaker)).await;
                membership.learn(instances.map_err(|error| error.to_string())?);
                for (endpoints, placed) in targets {
                    let addresses = membership.addresses(endpoints.group(), &placed);
                    endpoints.replace(addresses).map_err(|error| error.to_string())?;
                }
                Ok(())
            }
        });
    }

    fn learn(&self, instances: Vec<Instance>) {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let others = instances.into_iter().filter(|one| one.instance != self.instance);
        for instance in others {
            for group in instance.groups {
                let addresses = found.entry(group).or_default();
                if !addresses.contains(&instance.address) {
                    addresses.push(instance.address.clone());
                }
            }
        }
        // In one order, so that nothing changes when only the announcements' order does.
        found.values_mut().for_each(|addresses| addresses.sort_unstable());
        self.found.store(Arc::new(found));
    }

    /// Says that this process takes no more requests: first of all when it stops. What cannot be said in time expires.
    pub async fn withdraw(&self, speaker: &'static str) {
        if let Err(error) = self.client.withdraw(&self.context(speaker), self.instance).await {
            tracing::debug!(%error, "this process could not be withdrawn from the registry: it expires");
        }
    }

    fn context(&self, speaker: &str) -> CallContext {
        CallContext::system(speaker, TenantId::DEFAULT, self.sources.ids())
            .with_deadline(Deadline::within(PATIENCE))
    }
}

/// Does something again and again until the process stops, and says when it begins to fail and when it works again.
fn every<W, F>(tasks: &Tasks, pause: Duration, what: &'static str, work: W)
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let stopping = tasks.token();
    drop(tasks.spawn(async move {
        let repeat = async {
            let mut works = true;
            loop {
                match work().await {
                    Ok(()) if !works => {
                        tracing::info!(what, "the registry answers again");
                        works = true;
                    }
                    Ok(()) => {}
                    Err(error) if works => {
                        tracing::warn!(
                            what,
                            error,
                            "the registry does not answer: what was last known holds"
                        );
                        works = false;
                    }
                    Err(_) => {}
                }
                tokio::time::sleep(pause).await;
            }
        };
        stopping.run_until_cancelled(repeat).await;
    }));
}

/// Where others reach a process that listens on `bound`: what the settings say, else the address itself; a process
/// that listens on every address is reached by the name of its host.
pub fn advertised(settings: &runtime::Settings, bound: SocketAddr) -> String {
    if let Some(address) = &settings.topology.advertise {
        return address.trim_end_matches('/').to_owned();
    }
    match bound.ip().is_unspecified() {
        true => format!("http://{}:{}", host_name(), bound.port()),
        false => format!("http://{bound}"),
    }
}

fn host_name() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let name = read.map(|text| text.trim().to_owned()).unwrap_or_default();
    if name.is_empty() {
        "127.0.0.1".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{Membership, advertised};
    use infrastructure_contract::{Announcement, Instance, InstanceId, RegistryClient, RegistryStub};
    use kernel::{CallError, Sources, Tasks};
    use prometheus_client::registry::Registry;
    use rpc::{EndpointMetrics, Endpoints, Seam};
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    };
    use uuid::Uuid;

    fn client(tasks: &Tasks) -> RegistryClient {
        RegistryClient::unbound(&Seam::new(tasks.clone(), &mut Registry::default()))
    }

    fn instance(id: Uuid, groups: &[&str], port: u16) -> Instance {
        Instance {
            instance: InstanceId(id),
            groups: groups.iter().map(|&name| name.to_owned()).collect(),
            address: format!("http://127.0.0.1:{port}"),
            version: String::new(),
            seen_at: Sources::system().now(),
            expires_at: Sources::system().now(),
        }
    }

    fn listed(endpoints: &Endpoints) -> Vec<String> {
        endpoints.all().into_iter().map(|(address, _)| address).collect()
    }

    #[tokio::test]
    async fn what_is_found_adds_to_the_topology_and_stays_while_the_registry_is_away() {
        let tasks = Tasks::new();
        let client = client(&tasks);
        let membership = Arc::new(Membership::new(client.clone(), Sources::system()));
        let (own, away) = (membership.instance.0, Arc::new(AtomicBool::new(false)));
        let is_away = away.clone();
        client.bind_local(Arc::new(RegistryStub::default().on_instances(move |_| {
            let is_away = is_away.load(Ordering::SeqCst);
            async move {
                if is_away {
                    let target = "infrastructure".to_owned();
                    return Err(CallError::DependencyUnavailable { target }.into());
                }
                Ok(vec![
                    instance(own, &["finance"], 8000),
                    instance(Uuid::from_u128(1), &["finance", "advisory"], 8012),
                    instance(Uuid::from_u128(2), &["finance"], 8011),
                ])
            }
        })));
        let placed = vec!["http://127.0.0.1:8011".to_owned()];
        let metrics = EndpointMetrics::default();
        let finance = Arc::new(Endpoints::new("finance", &placed, &metrics).unwrap());
        let targets = finance.clone();
        let at = placed.clone();
        membership.follow(&tasks, "finance", move || vec![(targets.clone(), at.clone())]);
        let both = ["http://127.0.0.1:8011", "http://127.0.0.1:8012"];
        testkit::eventually("the other process is found", || async {
            (listed(&finance) == both).then_some(())
        })
        .await;
        away.store(true, Ordering::SeqCst);
        assert_eq!(membership.addresses("finance", &placed), both, "last known holds");
        assert_eq!(membership.addresses("advisory", &[]), ["http://127.0.0.1:8012"]);
        assert!(membership.addresses("auth", &[]).is_empty());
        assert!(tasks.stop(std::time::Duration::from_secs(30)).await);
    }

    #[tokio::test]
    async fn a_process_announces_what_it_runs_and_withdraws() {
        let tasks = Tasks::new();
        let client = client(&tasks);
        let said = Arc::new(Mutex::new(Vec::<Announcement>::new()));
        let gone = Arc::new(AtomicBool::new(false));
        let (hear, leave) = (said.clone(), gone.clone());
        let stub = RegistryStub::default().on_announce(move |_, announcement| {
            hear.lock().unwrap().push(announcement);
            async { Ok(()) }
        });
        client.bind_local(Arc::new(stub.on_withdraw(move |_, _| {
            leave.store(true, Ordering::SeqCst);
            async { Ok(()) }
        })));
        let membership = Arc::new(Membership::new(client, Sources::system()));
        let address = "http://127.0.0.1:8011".to_owned();
        membership.announce(&tasks, address.clone(), || {
            ["finance", "auth"].map(str::to_owned).to_vec()
        });
        let first = testkit::eventually("it announces itself", || async {
            said.lock().unwrap().first().cloned()
        })
        .await;
        assert_eq!((first.instance, first.address), (membership.instance, address));
        assert_eq!(first.groups, ["finance", "auth"]);
        membership.withdraw("finance").await;
        assert!(gone.load(Ordering::SeqCst));
        assert!(tasks.stop(std::time::Duration::from_secs(30)).await);
    }

    #[test]
    fn others_are_told_an_address_that_they_can_reach() {
        let mut settings = runtime::Settings::default();
        let told = |settings: &_, bound: &str| advertised(settings, bound.parse().unwrap());
        assert_eq!(told(&settings, "127.0.0.1:8011"), "http://127.0.0.1:8011");
        assert_eq!(told(&settings, "[::1]:8011"), "http://[::1]:8011");
        let named = told(&settings, "0.0.0.0:8011");
        assert!(named.ends_with(":8011") && !named.contains("0.0.0.0"), "{named}");
        settings.topology.advertise = Some("http://finance.internal:80/".to_owned());
        assert_eq!(told(&settings, "0.0.0.0:8011"), "http://finance.internal:80");
    }
}

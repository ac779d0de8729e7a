use super::{
    Gateway, PlacedGroup, Placement, Program, Topology, TopologyError, TopologyFile,
    file::{GroupEntry, PlaceWord},
    graph, modules,
    problem::Problems,
};
use kernel::GroupInfo;
use rpc::parse_address;
use runtime::{DeploymentMode, Settings};
use std::collections::BTreeMap;
use toml::Spanned;

const GATEWAY_PORT: u16 = 8000;
const MOST_REPLICAS: u16 = 1000;

/// Puts the file, the settings and what groups there are together.
pub(super) struct Resolve<'a> {
    pub(super) file: &'a TopologyFile,
    pub(super) settings: &'a Settings,
    known: &'a [&'static GroupInfo],
    linked: &'a [&'static GroupInfo],
    program: Program,
    pub(super) pushed: bool,
}

impl<'a> Resolve<'a> {
    pub(super) fn new(
        file: &'a TopologyFile,
        settings: &'a Settings,
        known: &'a [&'static GroupInfo],
        linked: &'a [&'static GroupInfo],
        program: Program,
    ) -> Self {
        Self {
            file,
            settings,
            known,
            linked,
            program,
            pushed: false,
        }
    }

    /// What the file says of a group wins over addresses that the settings name.
    pub(super) fn pushed(mut self) -> Self {
        self.pushed = true;
        self
    }

    /// The topology, or everything that is wrong with it.
    pub(super) fn topology(&self) -> Result<Topology, TopologyError> {
        let mut problems = Problems::default();
        graph::check(self.known, &mut problems);
        self.unknown_groups(&mut problems);
        let gateway = self.gateway(&mut problems);
        let mut groups: Vec<PlacedGroup> = self
            .known
            .iter()
            .map(|info| self.placed(info, &gateway, &mut problems))
            .collect();
        groups.sort_by_key(|group| group.info.default_port);
        self.one_owner_for_a_port(&groups, &gateway, &mut problems);
        self.mode_fits(&groups, &gateway, &mut problems);
        problems.into_result()?;
        Ok(Topology {
            version: self.file.content.version.unwrap_or(1),
            origin: self.file.origin.clone(),
            groups,
            front: self.is_front(gateway.port),
            gateway,
        })
    }

    /// Whether a group has this name.
    pub(super) fn is_group(&self, name: &str) -> bool {
        self.known.iter().any(|info| info.name == name)
    }

    fn unknown_groups(&self, problems: &mut Problems) {
        let names: Vec<&str> = self.known.iter().map(|info| info.name).collect();
        let known = names.join(", ");
        for name in self.file.content.groups.keys() {
            if !names.contains(&name.get_ref().as_str()) {
                let place = format!("{}: groups.{}", self.file.place_of(name), name.get_ref());
                problems.add(place, format!("there is no such group: choose from {known}"));
            }
        }
        for name in self.settings.topology.remotes.keys() {
            if !names.contains(&name.as_str()) {
                modules::check_name(self.known, name, &known, problems);
            }
        }
        if self.program == Program::Gateway && !self.settings.server.groups.is_empty() {
            problems.add("server.groups", "a gateway runs no groups: drop --groups");
        }
    }

    fn gateway(&self, problems: &mut Problems) -> Gateway {
        let entry = &self.file.content.gateway;
        Gateway {
            addresses: self.addresses("gateway", &entry.addresses, problems),
            port: self.port("gateway", entry.port.as_ref(), GATEWAY_PORT, problems),
            replicas: self.replicas("gateway", entry.replicas.as_ref(), problems),
        }
    }

    fn placed(&self, info: &'static GroupInfo, gateway: &Gateway, problems: &mut Problems) -> PlacedGroup {
        let none = GroupEntry::default();
        let entry = self.file.group(info.name).map_or(&none, |(_, entry)| entry);
        let table = format!("groups.{}", info.name);
        let port = self.port(&table, entry.port.as_ref(), info.default_port, problems);
        PlacedGroup {
            info,
            placement: self.placement(info, port, gateway, problems),
            built: self.is_built(info),
            port,
            replicas: self.replicas(&table, entry.replicas.as_ref(), problems),
            modules: modules::placed(self, info, entry, problems),
        }
    }

    /// Where the group answers. The file speaks for the process on 8000; a process beside it runs what it was started
    /// for, and finds the groups of the process on 8000 there.
    fn placement(
        &self,
        info: &GroupInfo,
        port: u16,
        gateway: &Gateway,
        problems: &mut Problems,
    ) -> Option<Placement> {
        let filed = self.filed(info, problems);
        let built = self.is_built(info);
        let is_front = self.is_front(gateway.port);
        let elsewhere = || self.elsewhere(port, gateway, is_front);
        match filed {
            _ if built && !is_front => Some(Placement::Local),
            Placement::Local if built => Some(Placement::Local),
            Placement::Local => elsewhere(),
            Placement::Split { .. } if !built && !is_front && !gateway.addresses.is_empty() => elsewhere(),
            Placement::Split { addresses, .. } if !built => Some(Placement::Remote { addresses }),
            placed => Some(placed),
        }
    }

    /// What file, environment and flags say together of a group; local when they say nothing.
    fn filed(&self, info: &GroupInfo, problems: &mut Problems) -> Placement {
        let settings = self.settings.topology.remotes.get(info.name);
        let named = settings.map(|given| self.named_addresses(info.name, given, problems));
        let Some((key, entry)) = self.file.group(info.name) else {
            return named.map_or(Placement::Local, |addresses| Placement::Remote { addresses });
        };
        let table = format!("groups.{}", info.name);
        let mut addresses = self.addresses(&table, &entry.addresses, problems);
        let place = match (entry.place, &named) {
            (Some(word), _) if self.pushed => word,
            (_, Some(_)) => PlaceWord::Remote,
            (word, None) => word.unwrap_or(PlaceWord::Local),
        };
        if let Some(named) = named.filter(|_| !self.pushed || addresses.is_empty()) {
            addresses = named;
        }
        let at = || format!("{}: {table}", self.file.place_of(key));
        if place != PlaceWord::Local && addresses.is_empty() {
            let message =
                "is in another process, but has no address: add addresses = [\"http://127.0.0.1:8011\"]";
            problems.add(at(), message);
        }
        let percent = self.percent(&table, entry, problems);
        match place {
            PlaceWord::Local => Placement::Local,
            PlaceWord::Remote => Placement::Remote { addresses },
            PlaceWord::Split => {
                if entry.percent.is_none() {
                    problems.add(at(), "is split, but does not say how: add percent = 10");
                }
                Placement::Split { addresses, percent }
            }
        }
    }

    /// Where a group is that nobody placed in another process, and that this one does not build.
    fn elsewhere(&self, port: u16, gateway: &Gateway, is_front: bool) -> Option<Placement> {
        if !is_front && !gateway.addresses.is_empty() {
            return Some(Placement::Remote {
                addresses: gateway.addresses.clone(),
            });
        }
        let on_its_port = || Placement::Remote {
            addresses: vec![format!("http://127.0.0.1:{port}")],
        };
        (self.program != Program::Monolith).then(on_its_port)
    }

    pub(super) fn is_built(&self, info: &GroupInfo) -> bool {
        let groups = &self.settings.server.groups;
        let is_linked = self.linked.iter().any(|linked| linked.name == info.name);
        let is_chosen = match self.program {
            Program::Gateway => false,
            Program::Service(name) if groups.is_empty() => name == info.name,
            _ => groups.is_empty() || groups.iter().any(|name| name == info.name),
        };
        is_linked && is_chosen
    }

    /// Whether this is the process on 8000: a monolith that was started for certain groups on another port is one of
    /// the processes beside it.
    fn is_front(&self, gateway_port: u16) -> bool {
        let server = &self.settings.server;
        match self.program {
            Program::Gateway => true,
            Program::Service(_) => false,
            Program::Monolith => server.groups.is_empty() || server.port == gateway_port,
        }
    }

    pub(super) fn addresses(
        &self,
        table: &str,
        given: &[Spanned<String>],
        problems: &mut Problems,
    ) -> Vec<String> {
        let mut kept = Vec::new();
        for text in given {
            match parse_address(text.get_ref()) {
                Ok(address) if kept.contains(&address) => {}
                Ok(address) => kept.push(address),
                Err(error) => {
                    problems.add(
                        format!("{}: {table}.addresses", self.file.place_of(text)),
                        error.to_string(),
                    );
                }
            }
        }
        kept
    }

    pub(super) fn named_addresses(
        &self,
        group: &str,
        given: &[String],
        problems: &mut Problems,
    ) -> Vec<String> {
        let mut kept = Vec::new();
        for text in given {
            match parse_address(text) {
                Ok(address) if kept.contains(&address) => {}
                Ok(address) => kept.push(address),
                Err(error) => problems.add(remote_place(group), error.to_string()),
            }
        }
        if given.is_empty() {
            problems.add(
                remote_place(group),
                "must name an address such as http://127.0.0.1:8011",
            );
        }
        kept
    }

    fn percent(&self, table: &str, entry: &GroupEntry, problems: &mut Problems) -> u8 {
        let Some(percent) = &entry.percent else { return 0 };
        let place = || format!("{}: {table}.percent", self.file.place_of(percent));
        if entry.place != Some(PlaceWord::Split) {
            problems.add(place(), "is for place = \"split\" only");
        }
        match u8::try_from(*percent.get_ref()) {
            Ok(percent) if percent <= 100 => percent,
            _ => {
                problems.add(place(), "must be 0 to 100");
                0
            }
        }
    }

    fn port(&self, table: &str, given: Option<&Spanned<u16>>, default: u16, problems: &mut Problems) -> u16 {
        if let Some(port) = given.filter(|port| *port.get_ref() == 0) {
            let place = format!("{}: {table}.port", self.file.place_of(port));
            problems.add(place, "must be 1 to 65535: others must know it");
        }
        given.map_or(default, |port| *port.get_ref())
    }

    fn replicas(&self, table: &str, given: Option<&Spanned<u16>>, problems: &mut Problems) -> u16 {
        let Some(replicas) = given else { return 1 };
        if !(1..=MOST_REPLICAS).contains(replicas.get_ref()) {
            let place = format!("{}: {table}.replicas", self.file.place_of(replicas));
            problems.add(place, format!("must be 1 to {MOST_REPLICAS}"));
        }
        *replicas.get_ref()
    }

    fn one_owner_for_a_port(&self, groups: &[PlacedGroup], gateway: &Gateway, problems: &mut Problems) {
        let mut owners: BTreeMap<u16, &str> = BTreeMap::from([(gateway.port, "the gateway")]);
        for group in groups {
            if let Some(owner) = owners.insert(group.port, group.info.name) {
                let table = format!("groups.{}", group.info.name);
                let entry = self.file.group(group.info.name);
                let place = match entry.and_then(|(_, entry)| entry.port.as_ref()) {
                    Some(port) => format!("{}: {table}.port", self.file.place_of(port)),
                    None => table,
                };
                problems.add(
                    place,
                    format!("{} is the port of {owner} already: choose another", group.port),
                );
            }
        }
    }

    /// `DEPLOYMENT_MODE` asserts what the placement must be like.
    fn mode_fits(&self, groups: &[PlacedGroup], gateway: &Gateway, problems: &mut Problems) {
        let names = |wanted: fn(&Placement) -> bool| {
            let groups = groups
                .iter()
                .filter(|group| group.placement.as_ref().is_some_and(wanted));
            groups.map(|group| group.info.name).collect::<Vec<_>>().join(", ")
        };
        let (complaint, mode) = match self.settings.deployment_mode {
            Some(DeploymentMode::Monolith) => {
                let remote = names(|placement| *placement != Placement::Local);
                (
                    (!remote.is_empty()).then(|| {
                        format!("does not fit a topology in which other processes answer for {remote}: place them here, or unset it")
                    }),
                    "monolith",
                )
            }
            Some(DeploymentMode::Microservices) if self.is_front(gateway.port) => {
                let local = names(|placement| !matches!(placement, Placement::Remote { .. }));
                (
                    (!local.is_empty()).then(|| {
                        format!("does not fit a topology in which the process on {} runs {local}: give each an address with --remote, start the gateway instead, or unset it", gateway.port)
                    }),
                    "microservices",
                )
            }
            _ => return,
        };
        if let Some(complaint) = complaint {
            problems.add(format!("DEPLOYMENT_MODE={mode}"), complaint);
        }
    }
}

pub(super) fn remote_place(group: &str) -> String {
    let variable = group.to_ascii_uppercase();
    format!("topology.remotes.{group} ({variable}_SERVICE_URL or --remote)")
}

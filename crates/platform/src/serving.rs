use crate::{
    DemoLogin, FirstAdmin, Platform, PlatformError, contracts,
    control::{PLATFORM, PlacementControlClient, ProcessPlacement},
    switchboard::Whereabouts,
};
use bytes::Bytes;
use rpc::{Dispatch, EndpointMetrics, Endpoints, RemotePolicy, schema::GroupContract};
use std::{net::SocketAddr, sync::Arc};
use web::{ContractDocument, Listeners, Mount, RunningServer, Shell, ShellParts};

/// A platform that is being served.
pub struct RunningPlatform {
    platform: Arc<Platform>,
    server: RunningServer,
}

impl Platform {
    /// Starts what runs beside requests and serves the routes on the configured address; port 0 takes a free one.
    pub async fn serve(self) -> Result<RunningPlatform, PlatformError> {
        let listeners = Listeners::bind(&self.kit.settings.server)?;
        self.serve_on(listeners).await
    }

    /// The same on sockets that exist already.
    pub async fn serve_on(self, listeners: Listeners) -> Result<RunningPlatform, PlatformError> {
        let platform = Arc::new(self);
        let server = platform.shell()?.serve(listeners)?;
        platform.start();
        platform.start_bridges()?;
        platform.join_the_others(server.addrs()[0]);
        let keyring = platform.kit.keyring.clone();
        platform.kit.runtime.spawn_blocking(move || keyring.warm_up());
        Ok(RunningPlatform { platform, server })
    }

    /// The OpenAPI document that a server of this platform serves.
    pub fn openapi(&self) -> Result<serde_json::Value, PlatformError> {
        let document = serde_json::from_slice(&self.shell()?.openapi()?);
        document.map_err(|error| PlatformError::Command(error.to_string()))
    }

    fn shell(&self) -> Result<Shell, PlatformError> {
        Ok(Shell::new(ShellParts {
            settings: self.kit.settings.clone(),
            verifier: self.kit.verifier.clone(),
            services: self.kit.services.clone(),
            hops: self.kit.hops.clone(),
            registry: self.kit.registry.clone(),
            mounts: self.mounts(),
            sources: self.kit.sources.clone(),
            tasks: self.kit.tasks.clone(),
            health: self.health.clone(),
            calls: self.calls(),
            contracts: self.contracts(),
            forward: self.board.table().clone(),
        })?)
    }

    /// The routes of the groups here, and, where every path is answered, the descriptions of those of the others.
    fn mounts(&self) -> Vec<Mount> {
        let mut mounts: Vec<Mount> = self.groups.iter().map(|group| group.mount.clone()).collect();
        if self.board.current().is_front() {
            for (name, whereabouts) in self.board.whereabouts() {
                let way = self.board.ways().iter().find(|way| way.info.name == name);
                let is_built = mounts.iter().any(|mount| mount.info.name == name);
                if let Some(way) = way.filter(|_| !is_built && whereabouts != Whereabouts::Nowhere) {
                    mounts.push(Mount::remote(way.info));
                }
            }
        }
        mounts.sort_by_key(|mount| mount.info.default_port);
        mounts
    }

    /// What this process answers other processes: the contracts of its groups, and its own.
    fn calls(&self) -> Vec<Arc<dyn Dispatch>> {
        let offers = self.groups.iter().flat_map(|group| &group.offers);
        let placement = ProcessPlacement {
            program: self.program,
            settings: self.kit.settings.clone(),
            board: self.board.clone(),
        };
        offers
            .map(|offer| offer.dispatch(&self.kit.seam))
            .chain([PlacementControlClient::serve(&self.kit.seam, Arc::new(placement))])
            .collect()
    }

    /// The descriptions of those contracts, by group.
    fn contracts(&self) -> Vec<(String, ContractDocument)> {
        let names = self.groups.iter().map(|group| group.info.name);
        let groups = names.map(|name| (name.to_owned(), document(move || contracts::of_group(name))));
        let own = || GroupContract::new(PLATFORM, 1).with::<PlacementControlClient>();
        groups.chain([(PLATFORM.to_owned(), document(own))]).collect()
    }
}

fn document(contract: impl FnOnce() -> GroupContract + Send + 'static) -> ContractDocument {
    ContractDocument::new(Box::new(|| Bytes::from(contract().to_json())))
}

impl RunningPlatform {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.addrs()[0]
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// From now on calls between the groups of this process go over HTTP to this process, and each that may be asked again
    /// is asked twice: what proves that the wire and asking again change nothing.
    pub fn call_over_loopback(&self) -> Result<(), PlatformError> {
        let policy = RemotePolicy {
            ask_twice: true,
            ..RemotePolicy::default()
        };
        let kit = &self.platform.kit;
        for group in &self.platform.groups {
            let metrics = EndpointMetrics::default();
            let address = format!("http://{}", self.address());
            let endpoints = Endpoints::new(group.info.name, [address], &metrics)
                .map_err(|error| PlatformError::Placement(error.to_string()))?;
            let remote = kit.remote(group.info.name, Arc::new(endpoints), policy.clone());
            kit.handles.lead_to(group.info.name, &remote);
        }
        Ok(())
    }

    /// Lets requests in flight finish, ends what runs, and closes the stores.
    pub async fn stop(self) {
        self.server.drain();
        self.platform.leave_the_others().await;
        // Other processes wait here for events: they are told that there are none, and ask again elsewhere.
        self.platform.kit.tasks.begin_to_stop();
        self.server.stop(true).await;
        self.platform.stop().await;
    }

    /// What a newcomer wants to know: address, documentation, log-ins, where the data lies.
    pub fn banner(&self, logins: Option<&[DemoLogin]>, first_admin: &FirstAdmin) -> String {
        let address = self.address();
        let mut lines = vec![
            String::new(),
            format!("WealthOS {} is ready", env!("CARGO_PKG_VERSION")),
            format!("  address   http://{address}"),
        ];
        if self.platform.kit.settings.server.docs {
            lines.push(format!("  API docs  http://{address}/docs"));
        }
        lines.push(format!("  data      {}", self.platform.data_place()));
        for login in logins.unwrap_or_default() {
            let role = login.role.as_str();
            lines.push(format!(
                "  log in    {role:<8} {} / {}",
                login.email, login.password
            ));
        }
        lines.extend(first_admin.lines(&format!("http://{address}")));
        lines.push("  stop      Ctrl-C".to_owned());
        lines.join("\n")
    }
}

impl Platform {
    /// Where the data lies, in one line.
    fn data_place(&self) -> String {
        let mut places: Vec<String> = self.places().into_iter().map(|(_, place)| place).collect();
        places.dedup();
        match self.kit.settings.store.database_url {
            None => self.kit.settings.server.data_dir.display().to_string(),
            Some(_) => places.join(", "),
        }
    }
}

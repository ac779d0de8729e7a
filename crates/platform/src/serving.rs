use crate::{DemoLogin, Platform, PlatformError};
use std::{net::SocketAddr, sync::Arc};
use web::{Listeners, RunningServer, Shell, ShellParts};

/// A platform that is being served.
pub struct RunningPlatform {
    platform: Arc<Platform>,
    server: RunningServer,
}

impl Platform {
    /// Starts what runs beside requests and serves the routes on the configured address; port 0 takes a free one.
    pub async fn serve(self) -> Result<RunningPlatform, PlatformError> {
        let listeners = Listeners::bind(&self.kit.settings.server)?;
        let platform = Arc::new(self);
        let server = platform.shell()?.serve(listeners)?;
        platform.start();
        Ok(RunningPlatform { platform, server })
    }

    /// The OpenAPI document that a server of this platform serves.
    pub fn openapi(&self) -> Result<serde_json::Value, PlatformError> {
        let document = serde_json::to_value(self.shell()?.openapi());
        document.map_err(|error| PlatformError::Command(error.to_string()))
    }

    fn shell(&self) -> Result<Shell, PlatformError> {
        Ok(Shell::new(ShellParts {
            settings: self.kit.settings.clone(),
            verifier: self.kit.verifier.clone(),
            services: self.kit.services.clone(),
            hops: self.kit.hops.clone(),
            calls: Vec::new(),
            contracts: Vec::new(),
            registry: self.kit.registry.clone(),
            mounts: self.groups.iter().map(|group| group.mount.clone()).collect(),
            sources: self.kit.sources.clone(),
            tasks: self.kit.tasks.clone(),
            health: self.health.clone(),
            forward: Arc::default(),
        })?)
    }
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

    /// Lets requests in flight finish, ends what runs, and closes the stores.
    pub async fn stop(self) {
        self.server.stop(true).await;
        self.platform.stop().await;
    }

    /// What a newcomer wants to know: address, documentation, log-ins, where the data lies.
    pub fn banner(&self, logins: Option<&[DemoLogin]>) -> String {
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

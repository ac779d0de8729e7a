use crate::{Handles, PlatformError, bridges::Bridges, health::ProcessHealth, shared_secrets::DerivedKeys};
use events::EventMetrics;
use kernel::{GroupInfo, Sources, Tasks};
use rpc::Seam;
use runtime::{Settings, mail::Mailer, metrics::Registry};
use std::sync::Arc;
use store::{Collection, Keyring, OpenOptions, PoolSizes, Store, StoreUrl, open_store};
use trust::{HopSeal, ServiceTokens, ServiceVerifier, TokenIssuer, TokenKeys, TokenVerifier};

/// What every group's wiring draws from.
#[allow(
    dead_code,
    reason = "not every group draws from all of it, and a program may link in a single one"
)]
pub(crate) struct Kit {
    pub(crate) settings: Settings,
    pub(crate) sources: Sources,
    pub(crate) tasks: Tasks,
    pub(crate) registry: Registry,
    pub(crate) seam: Seam,
    pub(crate) handles: Handles,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) derived_keys: Arc<DerivedKeys>,
    pub(crate) token_keys: Arc<TokenKeys>,
    pub(crate) issuer: TokenIssuer,
    pub(crate) verifier: Arc<TokenVerifier>,
    pub(crate) services: Arc<ServiceVerifier>,
    pub(crate) service_tokens: Arc<ServiceTokens>,
    pub(crate) hops: Arc<HopSeal>,
    pub(crate) mailer: Mailer,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) metrics: EventMetrics,
    pub(crate) health: Arc<ProcessHealth>,
    pub(crate) bridges: Bridges,
}

impl Kit {
    /// Opens the store of one group, narrowed to its namespace.
    pub(crate) async fn open_store(
        &self,
        info: &'static GroupInfo,
        collections: Vec<&'static Collection>,
    ) -> Result<Store, PlatformError> {
        let failed = |source| PlatformError::Store {
            group: info.name,
            source,
        };
        let settings = &self.settings.store;
        let url = settings.url_of(info.name).map(|url| url.expose());
        let mut collections = collections;
        collections.extend(events::collections());
        let options = OpenOptions {
            group: info.name,
            url: StoreUrl::parse(url, &self.settings.server.data_dir).map_err(failed)?,
            collections,
            keyring: self.keyring.clone(),
            sources: self.sources.clone(),
            runtime: self.runtime.clone(),
            readers: None,
            pool: PoolSizes {
                min: settings.min_pool_size,
                max: settings.max_pool_size,
            },
        };
        open_store(options).await.map_err(failed)
    }
}

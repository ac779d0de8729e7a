//! What the processes of an installation share: from the environment, or from a file in the data directory that is read
//! again and again, so that `wealthctl keys rotate` changes it while everything runs.

use crate::{PlatformError, kit::Kit};
use kernel::Sources;
use parking_lot::Mutex;
use runtime::Settings;
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use trust::{HopSeal, SecretFile, SecretSeries, ServiceKeys, ServiceSecret, TokenKeys};

/// How often the file is read: a new secret is known everywhere well before it signs.
const AGAIN: Duration = Duration::from_secs(5);

/// The secrets at one moment.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) jwt: SecretString,
    /// These verify what is signed with the one above.
    pub(crate) others: Vec<SecretString>,
    pub(crate) service: ServiceSecret,
}

impl Shared {
    /// What the settings say and, where they leave it to that, the data directory.
    pub(crate) fn read(settings: &Settings, sources: &Sources) -> Result<Self, PlatformError> {
        let auth = &settings.auth;
        let (jwt, mut others) = jwt_series(settings, sources)?
            .in_use(sources.now())
            .ok_or(trust::KeyError::Empty)?;
        others.extend(auth.jwt_previous_secrets.iter().cloned());
        let service = match &auth.service_secret {
            None => ServiceSecret::new(&jwt, &others)?,
            configured => {
                let secret = SecretFile::SERVICE.resolve(
                    configured.as_ref(),
                    &settings.server.data_dir,
                    settings.is_production(),
                    &**sources.entropy(),
                )?;
                ServiceSecret::new(&secret, &auth.service_previous_secrets)?
            }
        };
        Ok(Self { jwt, others, service })
    }

    fn is_the_same_as(&self, other: &Self) -> bool {
        let texts = |shared: &Self| -> Vec<String> {
            let all = std::iter::once(&shared.jwt).chain(&shared.others);
            all.map(|secret| secret.expose_secret().to_owned()).collect()
        };
        texts(self) == texts(other)
    }
}

/// The secrets of access tokens in the order in which they sign.
pub(crate) fn jwt_series(settings: &Settings, sources: &Sources) -> Result<SecretSeries, PlatformError> {
    Ok(SecretFile::JWT.series(
        settings.auth.jwt_secret.as_ref(),
        &settings.server.data_dir,
        settings.is_production(),
        &**sources.entropy(),
    )?)
}

/// Whether the secret of access tokens lies in the data directory.
pub(crate) fn is_kept(settings: &Settings) -> bool {
    let configured = settings.auth.jwt_secret.as_ref();
    configured.is_none_or(|secret| secret.expose_secret().is_empty())
}

/// What is made of the secrets, and changes with them.
pub(crate) struct DerivedKeys {
    pub(crate) tokens: Arc<TokenKeys>,
    pub(crate) services: Arc<ServiceKeys>,
    pub(crate) hops: Arc<HopSeal>,
    known: Mutex<Shared>,
}

impl DerivedKeys {
    pub(crate) fn new(
        tokens: Arc<TokenKeys>,
        services: Arc<ServiceKeys>,
        hops: Arc<HopSeal>,
        known: Shared,
    ) -> Self {
        Self {
            tokens,
            services,
            hops,
            known: Mutex::new(known),
        }
    }

    /// Reads the secrets again, and changes the keys where these changed.
    fn refresh(&self, settings: &Settings, sources: &Sources) -> Result<(), PlatformError> {
        let shared = Shared::read(settings, sources)?;
        let mut known = self.known.lock();
        if known.is_the_same_as(&shared) {
            return Ok(());
        }
        self.tokens.change_secrets(&shared.jwt, &shared.others)?;
        self.services.change_secret(&shared.service)?;
        self.hops.change_secret(&shared.service)?;
        tracing::info!(
            signs = TokenKeys::id_of_secret(&shared.jwt),
            verify = shared.others.len(),
            "the secrets of this installation were changed"
        );
        *known = shared;
        Ok(())
    }
}

/// Reads the data directory again and again until the process stops. Nothing where the environment says what is shared.
pub(crate) fn follow(kit: &Kit) {
    if !is_kept(&kit.settings) {
        return;
    }
    let (derived, settings) = (kit.derived_keys.clone(), kit.settings.clone());
    let (sources, stopping) = (kit.sources.clone(), kit.tasks.token());
    drop(kit.tasks.spawn(async move {
        let again = async {
            loop {
                tokio::time::sleep(AGAIN).await;
                if let Err(error) = derived.refresh(&settings, &sources) {
                    tracing::warn!(%error, "the secrets in the data directory cannot be read at the moment");
                }
            }
        };
        stopping.run_until_cancelled(again).await;
    }));
}

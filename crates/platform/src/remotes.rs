//! The ways to groups in other processes.

use crate::kit::Kit;
use kernel::{CallError, Principal, Sources};
use rpc::{Endpoints, Remote, RemoteParts, RemotePolicy, Seam, TokenSource};
use secrecy::ExposeSecret;
use std::{error::Error, sync::Arc};
use trust::ServiceTokens;

/// What this process proves itself with.
struct ProcessTokens(Arc<ServiceTokens>);

impl TokenSource for ProcessTokens {
    fn token(&self, group: &str, principal: &Principal) -> Result<String, CallError> {
        let token = self.0.token(group, principal).map_err(CallError::internal)?;
        Ok(token.expose_secret().to_owned())
    }
}

impl Kit {
    /// The way to a group at these addresses.
    pub(crate) fn remote(&self, group: &str, endpoints: Arc<Endpoints>, policy: RemotePolicy) -> Arc<Remote> {
        let tokens = self.service_tokens.clone();
        way_to(group, endpoints, tokens, policy, &self.sources, &self.seam)
    }
}

/// The way to a group at these addresses, for whoever holds these tokens.
pub(crate) fn way_to(
    group: &str,
    endpoints: Arc<Endpoints>,
    tokens: Arc<ServiceTokens>,
    policy: RemotePolicy,
    sources: &Sources,
    seam: &Seam,
) -> Arc<Remote> {
    Arc::new(Remote::new(RemoteParts {
        group,
        endpoints,
        tokens: Arc::new(ProcessTokens(tokens)),
        client: service_client,
        policy,
        sources: sources.clone(),
        seam,
    }))
}

fn service_client() -> Result<reqwest::Client, Box<dyn Error + Send + Sync>> {
    Ok(runtime::http::service_client()?)
}

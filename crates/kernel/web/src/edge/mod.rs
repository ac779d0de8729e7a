//! The one middleware: what happens to every request and every answer, whichever group serves it.

mod body;
mod cors;
mod headers;
mod hop;
mod identity;
mod limits;
mod middleware;
mod passage;
mod peer;
mod services;
mod unread;

pub(crate) use body::EdgeBody;
pub(crate) use hop::Origin;
pub use hop::hop_of;
pub(crate) use limits::sweep;
pub(crate) use middleware::Guard;
pub(crate) use services::Services;
pub(crate) use unread::Unread;

use crate::{Failure, state::Identity};
use cors::Cors;
use headers::SecurityHeaders;
use kernel::RateClass;
use limits::Limits;
use peer::TrustedProxies;
use runtime::Settings;
use std::{net::IpAddr, sync::Arc};
use trust::{Hop, HopSeal};

/// What the edge needs to know, worked out once.
pub(crate) struct Edge {
    cors: Cors,
    headers: SecurityHeaders,
    limits: Limits,
    proxies: TrustedProxies,
    hops: Arc<HopSeal>,
}

impl Edge {
    pub(crate) fn new(settings: &Settings, hops: Arc<HopSeal>) -> Self {
        Self {
            cors: Cors::new(&settings.http.cors_origins),
            headers: SecurityHeaders::new(settings.is_production()),
            limits: Limits::new(&settings.limits),
            proxies: TrustedProxies::new(&settings.http.trusted_proxies),
            hops,
        }
    }

    /// Counts something that is no request of its own as if it were one; answers why it is refused.
    pub(crate) fn count(
        &self,
        class: RateClass,
        identity: &Identity,
        client: Option<IpAddr>,
    ) -> Option<Failure> {
        let counted = self.limits.count(class, identity, client);
        counted.err().map(|(failure, _)| failure)
    }

    /// What is known of a request, for the group that it is forwarded to.
    pub(crate) fn seal(&self, hop: &Hop, group: &str) -> String {
        self.hops.seal(hop, group)
    }
}

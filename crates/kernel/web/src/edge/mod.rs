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

use cors::Cors;
use headers::SecurityHeaders;
use limits::Limits;
use peer::TrustedProxies;
use runtime::Settings;
use std::sync::Arc;
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

    /// What is known of a request, for the group that it is forwarded to.
    pub(crate) fn seal(&self, hop: &Hop, group: &str) -> String {
        self.hops.seal(hop, group)
    }
}

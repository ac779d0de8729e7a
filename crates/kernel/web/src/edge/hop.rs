use crate::{routes::Route, state::RequestState};
use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use std::net::{IpAddr, SocketAddr};
use trust::{Hop, HopSeal};

const HOP: HeaderName = HeaderName::from_static(HopSeal::HEADER);

/// What the edge knows of where a request came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The address of the client.
    pub(crate) client: Option<IpAddr>,
    /// Whether the client came over HTTPS, as far as that is known.
    pub(crate) secure: bool,
    /// Whether it was counted against a rate limit, here or where it entered.
    pub(crate) limited: bool,
    /// What the process says that forwarded it.
    pub(crate) hop: Option<Hop>,
}

impl Origin {
    /// Takes the hop header away, whatever it holds, and believes it if it was sealed for the group of this route.
    pub(super) fn take(
        edge: &super::Edge,
        route: Option<&Route>,
        peer: Option<SocketAddr>,
        headers: &mut HeaderMap,
    ) -> Self {
        let mut sent = headers.remove(&HOP);
        let hop = match (sent.next(), sent.next(), route.and_then(|route| route.group)) {
            (Some(text), None, Some(group)) => believed(&edge.hops, &text, group),
            _ => None,
        };
        drop(sent);
        match hop {
            Some(hop) => Self {
                client: Some(hop.client),
                secure: hop.scheme == "https",
                limited: hop.limited,
                hop: Some(hop),
            },
            None => Self {
                client: edge.proxies.client(peer, headers),
                secure: edge.proxies.is_secure(peer, headers),
                ..Self::default()
            },
        }
    }
}

fn believed(seal: &HopSeal, text: &HeaderValue, group: &str) -> Option<Hop> {
    let hop = text.to_str().ok().and_then(|text| seal.open(text, group));
    if hop.is_none() {
        tracing::warn!(
            group,
            "a forwarded request without a valid seal: its client is taken to be its sender; compare the secrets and \
             clocks of both processes if it was forwarded by this installation"
        );
    }
    hop
}

/// What a forwarder seals ([`HopSeal::seal`]) when it passes this request on: the client, as this process knows it. None
/// for a request that came from nowhere, and outside the shell.
pub fn hop_of(request: &HttpRequest) -> Option<Hop> {
    let extensions = request.extensions();
    let state = extensions.get::<RequestState>()?;
    let origin = &state.origin;
    let host = match &origin.hop {
        Some(hop) => hop.host.clone(),
        None => host(request),
    };
    Some(Hop {
        client: origin.client?,
        scheme: if origin.secure { "https" } else { "http" }.to_owned(),
        host,
        limited: origin.limited,
        request_id: state.request_id,
    })
}

fn host(request: &HttpRequest) -> String {
    let named = request.headers().get(actix_web::http::header::HOST);
    let host = named.and_then(|host| host.to_str().ok());
    // As long as a name and its port may be: the seal travels in a header.
    host.filter(|host| host.len() <= 261)
        .unwrap_or_default()
        .to_owned()
}

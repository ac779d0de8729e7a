use super::{Where, away};
use crate::{
    Failure,
    mount::Described,
    routes::operations,
    state::{Identity, RequestState},
};
use actix_web::{dev::ServiceRequest, http::Method};
use kernel::Principal;
use percent_encoding::percent_decode_str;
use rpc::{Endpoints, place_of, place_of_bytes};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

/// Who answers a request.
pub(crate) enum Decision {
    /// This process, be it with 404.
    Here,
    /// Nobody.
    Refuse(Failure),
    /// Another process.
    To(Target),
}

/// Where a request goes.
pub(crate) struct Target {
    pub(super) group: &'static str,
    pub(super) endpoints: Arc<Endpoints>,
}

/// What the mounts say of the groups, for deciding without them.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    /// The operations that want a token, by pattern.
    tokens: HashMap<String, Vec<Method>>,
    /// The groups whose routes are known here.
    described: HashSet<&'static str>,
    /// The groups that this process could answer itself.
    present: HashSet<&'static str>,
}

impl Guarded {
    pub(crate) fn add(&mut self, mount: &Described) {
        let paths = &mount.openapi.paths.paths;
        if !paths.is_empty() {
            self.described.insert(mount.info.name);
        }
        if mount.is_here {
            self.present.insert(mount.info.name);
        }
        for (pattern, item) in paths {
            let wants = operations(item).filter(|(_, operation)| {
                operation
                    .security
                    .as_ref()
                    .is_some_and(|wanted| !wanted.is_empty())
            });
            let methods = wants.map(|(method, _)| method).collect();
            self.tokens.insert(pattern.clone(), methods);
        }
    }

    fn wants_token(&self, pattern: &str, method: &Method) -> bool {
        self.tokens
            .get(pattern)
            .is_some_and(|methods| methods.contains(method))
    }
}

/// Decides by the path that the routes are matched on, and by who asks.
pub(crate) fn decide(request: &ServiceRequest) -> Decision {
    let path = request.match_info().as_str();
    let extensions = actix_web::HttpMessage::extensions(request);
    let Some(state) = extensions.get::<RequestState>() else {
        return Decision::Here;
    };
    if !state.shared.modules.serve(path) {
        return Decision::Refuse(Failure::not_found());
    }
    // Decided by the most precise pattern and not by the order in which a process happens to match its handlers.
    if let Some(route) = &state.route
        && !route.methods.is_empty()
        && !route.answers(request.method())
    {
        return Decision::Refuse(route.not_allowed());
    }
    let shared = &state.shared;
    let Some((info, place)) = shared.forward.find(path) else {
        return Decision::Here;
    };
    let here = shared.guarded.present.contains(info.name);
    if state.origin.hop.is_some() {
        // What was forwarded to this process is answered by it: two that point at each other make no circle.
        return if here { Decision::Here } else { circle(info.name) };
    }
    let endpoints = match &*place {
        Where::Here if here => return Decision::Here,
        Where::Here => None,
        Where::Split { percent, .. } if here && place_of_caller(state) >= *percent => {
            return Decision::Here;
        }
        Where::At(endpoints) | Where::Split { endpoints, .. } => Some(endpoints),
    };
    if state.route.is_none() && shared.guarded.described.contains(info.name) {
        // 404: the same bytes wherever the group is.
        return Decision::Here;
    }
    if climbs(request.uri().path()) {
        return Decision::Refuse(Failure::not_found());
    }
    if let (Identity::Refused(error), Some(route)) = (&state.identity, &state.route) {
        let method = if request.method() == Method::HEAD {
            &Method::GET
        } else {
            request.method()
        };
        if shared.guarded.wants_token(&route.pattern, method) {
            return Decision::Refuse(Failure::from(*error));
        }
    }
    match endpoints {
        Some(endpoints) => Decision::To(Target {
            group: info.name,
            endpoints: endpoints.clone(),
        }),
        None => Decision::Refuse(away(info.name)),
    }
}

fn circle(group: &str) -> Decision {
    tracing::error!(
        group,
        "a request was forwarded to a process that does not have the group: compare the addresses in the topology"
    );
    Decision::Refuse(away(group))
}

/// Below a hundred and always the same for a caller: for users the number that splits their calls at the seam as well.
fn place_of_caller(state: &RequestState) -> u8 {
    match &state.identity {
        Identity::User(user) => place_of(&Principal::User(user.clone())),
        _ => match state.origin.client {
            Some(IpAddr::V4(address)) => place_of_bytes(&address.octets()),
            Some(IpAddr::V6(address)) => place_of_bytes(&address.octets()),
            None => place_of(&Principal::Anonymous),
        },
    }
}

/// Whether a segment leads elsewhere once somebody resolves it, decoded once or twice, with either slash.
fn climbs(path: &str) -> bool {
    if !path.contains(['.', '%']) {
        return false;
    }
    let once = percent_decode_str(path).decode_utf8_lossy();
    let twice = percent_decode_str(&once).decode_utf8_lossy();
    [path, &*once, &*twice].into_iter().any(|path| {
        path.split(['/', '\\'])
            .any(|segment| matches!(segment, "." | ".."))
    })
}

#[cfg(test)]
mod tests {
    use super::climbs;

    #[test]
    fn paths_that_climb_are_seen_through_their_encoding() {
        for path in [
            "/api/../rpc",
            "/api/./x",
            "/api/..",
            "/api/%2e%2e/rpc",
            "/api/.%2E/rpc",
            "/api/x%2f..%2frpc",
            "/api/..%5crpc",
            "/api/..\\rpc",
            "/api/%252e%252e/rpc",
        ] {
            assert!(climbs(path), "{path}");
        }
        for path in [
            "/api/a..b",
            "/api/...",
            "/api/x%2fy",
            "/api/v1/clients/7",
            "/api/%25",
        ] {
            assert!(!climbs(path), "{path}");
        }
    }
}

use actix_web::http::header::{
    self as from, HeaderMap as Came, HeaderName as CameName, HeaderValue as CameValue,
};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

/// Between two processes and no further: a forwarder takes them away in both directions (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What only a forwarder may say: from outside it is worth nothing. `expect` has been met by this process.
const OURS: [&str; 9] = [
    "expect",
    "forwarded",
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
    "x-wealthos-hop",
];

/// What the edge puts on every answer itself.
const EDGE: [&str; 5] = [
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "strict-transport-security",
    "x-request-id",
];

/// What the forwarder says of a request.
pub(super) struct Said {
    /// The id of the request.
    pub(super) request_id: HeaderValue,
    /// The client.
    pub(super) client: Option<IpAddr>,
    /// How the client came.
    pub(super) scheme: &'static str,
    /// The seal over that.
    pub(super) seal: Option<HeaderValue>,
}

/// Whether a request wants to become a WebSocket.
pub(super) fn is_upgrade(headers: &Came) -> bool {
    asks_for_websocket(headers) && named(headers, &from::CONNECTION).any(|name| name == "upgrade")
}

/// Whether the protocol layer reads what follows as the bytes of a WebSocket.
pub(super) fn asks_for_websocket(headers: &Came) -> bool {
    headers
        .get_all(from::UPGRADE)
        .any(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// The names in a list header, in lower case.
fn named<'a>(headers: &'a Came, list: &'a CameName) -> impl Iterator<Item = String> + 'a {
    headers
        .get_all(list)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
}

/// The headers that go to the group, at an address with this authority.
pub(super) fn to_group(came: &Came, said: &Said, host: HeaderValue, upgrade: bool) -> HeaderMap {
    let dropped: Vec<String> = named(came, &from::CONNECTION).collect();
    let mut headers = HeaderMap::with_capacity(came.len() + 8);
    for (name, value) in came {
        let text = name.as_str();
        let ours = HOP_BY_HOP.contains(&text) || OURS.contains(&text) || text == "x-request-id";
        if ours || dropped.iter().any(|dropped| dropped == text) {
            continue;
        }
        if let (Ok(name), Some(value)) = (HeaderName::from_bytes(text.as_bytes()), value_to(value)) {
            headers.append(name, value);
        }
    }
    if upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    let outside = came.get(from::HOST).and_then(value_to);
    let mut put = |name, value: Option<HeaderValue>| {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("host", Some(host));
    put("x-request-id", Some(said.request_id.clone()));
    put("x-forwarded-host", outside);
    put("x-forwarded-proto", Some(HeaderValue::from_static(said.scheme)));
    let client = said.client.map(|client| client.to_string());
    put(
        "x-forwarded-for",
        client.and_then(|text| HeaderValue::try_from(text).ok()),
    );
    put("x-wealthos-hop", said.seal.clone());
    headers
}

fn value_to(value: &CameValue) -> Option<HeaderValue> {
    HeaderValue::from_bytes(value.as_bytes()).ok()
}

/// Puts the headers of the group's answer onto the edge's: without those that end here, and those that the edge adds.
pub(super) fn to_client(came: &HeaderMap, headers: &mut Came) {
    let dropped: Vec<String> = came
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    for (name, value) in came {
        let text = name.as_str();
        let ends = HOP_BY_HOP.contains(&text)
            || EDGE.contains(&text)
            || text.starts_with("access-control-")
            || text == "content-length"
            || dropped.iter().any(|dropped| dropped == text)
            || (name == header::VARY && value.as_bytes().eq_ignore_ascii_case(b"origin"));
        if ends {
            continue;
        }
        let name = CameName::from_bytes(text.as_bytes());
        if let (Ok(name), Ok(value)) = (name, CameValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(lines: &[(&'static str, &'static str)]) -> Came {
        let mut headers = Came::new();
        for (name, value) in lines {
            headers.append(CameName::from_static(name), CameValue::from_static(value));
        }
        headers
    }

    fn said() -> Said {
        Said {
            request_id: HeaderValue::from_static("id"),
            client: Some(IpAddr::from([9, 9, 9, 9])),
            scheme: "http",
            seal: None,
        }
    }

    #[test]
    fn what_is_for_one_hop_ends_here() {
        let sent = to_group(
            &came(&[
                ("connection", "keep-alive, X-Private"),
                ("x-private", "1"),
                ("keep-alive", "timeout=5"),
                ("te", "trailers"),
                ("proxy-authorization", "Basic x"),
                ("upgrade", "h2c"),
                ("expect", "100-continue"),
                ("host", "outside"),
                ("forwarded", "for=1.1.1.1"),
                ("x-forwarded-for", "1.1.1.1"),
                ("x-real-ip", "1.1.1.1"),
                ("x-wealthos-hop", "forged"),
                ("x-request-id", "theirs"),
                ("accept", "a"),
                ("accept", "b"),
            ]),
            &said(),
            HeaderValue::from_static("group:1"),
            false,
        );
        let mut lines: Vec<_> = sent
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "accept: a",
                "accept: b",
                "host: group:1",
                "x-forwarded-for: 9.9.9.9",
                "x-forwarded-host: outside",
                "x-forwarded-proto: http",
                "x-request-id: id",
            ]
        );
    }

    #[test]
    fn a_websocket_is_one_only_when_both_headers_say_so() {
        assert!(is_upgrade(&came(&[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket")
        ])));
        assert!(!is_upgrade(&came(&[("upgrade", "websocket")])));
        assert!(!is_upgrade(&came(&[
            ("connection", "upgrade"),
            ("upgrade", "h2c")
        ])));
    }
}

//! Headers that say what only the platform knows: who asks, from where, in whose name, how often. Whoever sends them is
//! who they were without.

use super::target::{Target, access, answer};
use crate::{
    deployment::{ADMIN, SECRET},
    world::PASSWORD,
};
use kernel::{ManualClock, RequestId, SystemClock};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use std::{net::IpAddr, sync::Arc};
use trust::{Hop, HopSeal, ServiceSecret};

/// A route of every group that needs a log-in, and which an administrator reads.
pub(super) const GUARDED: [(&str, &str); 5] = [
    ("auth", "/api/auth/me"),
    ("advisory", "/api/v1/clients"),
    ("finance", "/api/v1/transactions"),
    ("integrations", "/api/integrations/triplewhale/status"),
    ("infrastructure", "/api/infrastructure/events"),
];

/// An address that nobody has.
const ELSEWHERE: &str = "203.0.113.66";
const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// What an attacker adds to a request; `admin` is an access token of an administrator, which a proxy may have seen but
/// which proves nothing in these places.
fn smuggled(target: &Target, admin: &str) -> Vec<Vec<(&'static str, String)>> {
    let single = [
        ("x-forwarded-for", ELSEWHERE),
        ("x-forwarded-for", "127.0.0.1, 10.0.0.1"),
        ("x-forwarded-host", "elsewhere.example.com"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/api/v1/admin"),
        ("x-forwarded-user", ADMIN),
        ("x-forwarded-uri", "/api/v1/admin/users"),
        (
            "forwarded",
            "for=203.0.113.66;proto=https;host=elsewhere.example.com",
        ),
        ("x-real-ip", ELSEWHERE),
        ("x-client-ip", ELSEWHERE),
        ("true-client-ip", ELSEWHERE),
        ("x-remote-user", ADMIN),
        ("x-user-id", NOBODY),
        ("x-user-role", "admin"),
        ("x-role", "admin"),
        ("x-tenant-id", NOBODY),
        ("x-principal", "{\"kind\":\"system\",\"name\":\"platform\"}"),
        ("x-wealthos-principal", "system/platform"),
        ("x-wealthos-user", NOBODY),
        ("x-impersonated-by", NOBODY),
        ("x-scopes", "auth.write finance.write"),
        ("x-rpc", "answer"),
        ("x-deadline-ms", "1"),
        ("x-call-depth", "99"),
        ("x-original-url", "/api/v1/admin/users"),
        ("x-rewrite-url", "/api/v1/admin/users"),
        ("x-http-method-override", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-service-id", "auth"),
        ("x-service-name", "gateway"),
        ("x-internal", "true"),
        ("x-wealthos-hop", "forged"),
        ("x-wealthos-hop", ""),
        ("cookie", "session=admin; access_token=admin"),
        ("proxy-authorization", "Basic YWRtaW46YWRtaW4="),
        ("connection", "x-wealthos-hop, x-request-id"),
    ];
    let mut all: Vec<Vec<(&str, String)>> = single.map(|(name, value)| vec![(name, value.to_owned())]).into();
    for name in [
        "x-service-token",
        "x-service-authorization",
        "x-authorization",
        "x-access-token",
        "x-original-authorization",
    ] {
        all.push(vec![(name, format!("Bearer {admin}"))]);
    }
    all.push(vec![(
        "cookie",
        format!("access_token={admin}; Authorization=Bearer {admin}"),
    )]);
    for seal in seals(target) {
        all.push(vec![("x-wealthos-hop", seal.clone())]);
        all.push(vec![("x-wealthos-hop", seal.clone()), ("x-wealthos-hop", seal)]);
    }
    all
}

/// Hops that are sealed, and not by this installation, not now, or not for the group that is asked.
fn seals(target: &Target) -> Vec<String> {
    let ago = kernel::Clock::now(target.deployment.clock().as_ref()) - chrono::TimeDelta::minutes(2);
    let secret = |text: &str| ServiceSecret::new(&text.into(), &[]).unwrap();
    let hop = Hop {
        client: ELSEWHERE.parse::<IpAddr>().unwrap(),
        scheme: "https".to_owned(),
        host: "elsewhere.example.com".to_owned(),
        limited: true,
        request_id: RequestId(uuid::Uuid::nil()),
    };
    let now = target.deployment.clock().clone();
    let of_others = HopSeal::new(
        &secret("a secret that another installation has 0123"),
        now.clone(),
    )
    .unwrap();
    let old = HopSeal::new(&secret(SECRET), Arc::new(ManualClock::at(ago))).unwrap();
    let by_the_wall = HopSeal::new(&secret(SECRET), Arc::new(SystemClock)).unwrap();
    let for_another = HopSeal::new(&secret(SECRET), now).unwrap();
    let mut all = vec![for_another.seal(&hop, "gateway"), for_another.seal(&hop, "")];
    for (group, _) in GUARDED {
        all.extend([&of_others, &old, &by_the_wall].map(|seal| seal.seal(&hop, group)));
    }
    all
}

fn with(mut request: RequestBuilder, headers: &[(&str, String)]) -> RequestBuilder {
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request
}

pub(super) async fn attack(target: &Target) {
    let admin = target.admin().await;
    let login = target.newcomer("mallory@example.com", "client").await;
    let token = access(&login);
    let smuggled = smuggled(target, access(&admin));
    let forbidden = ("auth", "/api/v1/admin/users");
    for (group, path) in GUARDED.into_iter().chain([forbidden]) {
        let behind = format!("http://{}", target.deployment.process_of(group).address());
        for base_url in [target.deployment.base_url(), &behind] {
            let asked = || target.at(base_url, Method::GET, path);
            let before = answer(asked().bearer_auth(token)).await;
            for headers in &smuggled {
                let nobody = answer(with(asked(), headers)).await;
                assert_eq!(nobody.status, 401, "{path}: {headers:?}: {}", nobody.text);
                let same = answer(with(asked().bearer_auth(token), headers)).await;
                assert_eq!(
                    (same.status, &same.text),
                    (before.status, &before.text),
                    "{path}: {headers:?}"
                );
                for named in ["x-impersonated-by", "x-injected"] {
                    assert!(!same.headers.contains_key(named), "{path}: {headers:?}");
                }
            }
            twice(token, access(&admin), &asked).await;
        }
    }
    from_elsewhere(target, &smuggled).await;
}

/// Two `Authorization` headers prove nobody: neither process may choose one.
async fn twice(token: &str, admin: &str, asked: &impl Fn() -> RequestBuilder) {
    let bearer = |token: &str| format!("Bearer {token}");
    for lines in [
        vec![bearer(token), bearer(admin)],
        vec![bearer(admin), bearer(token)],
        vec![bearer(admin), bearer(admin)],
        vec![bearer(admin), String::new()],
        vec!["Basic YWRtaW46YWRtaW4=".to_owned(), bearer(admin)],
        vec![format!("{}, {}", bearer(admin), bearer(token))],
    ] {
        let mut request = asked();
        for line in &lines {
            request = request.header("authorization", line);
        }
        let refused = answer(request).await;
        assert_eq!(refused.status, 401, "{} lines: {}", lines.len(), refused.text);
    }
    // A forwarder that took the header away with the connection's own would ask as nobody, and one that did not as an
    // administrator: whichever, the answer is one of the two.
    let named = asked().bearer_auth(admin).header("connection", "authorization");
    let status = answer(named).await.status;
    assert!(matches!(status, 200 | 400 | 401), "{status}");
}

/// A session tells from where its user came: from where the connection came, whatever was said.
async fn from_elsewhere(target: &Target, smuggled: &[Vec<(&'static str, String)>]) {
    let proof = json!({ "email": "mallory@example.com", "password": PASSWORD });
    let mut token = String::new();
    for headers in smuggled {
        let request = target.request(Method::POST, "/api/auth/login", "").json(&proof);
        let login = answer(with(request, headers)).await;
        assert_eq!(login.status, 200, "{headers:?}: {}", login.text);
        token = access(&login.body).to_owned();
    }
    let sessions = target.get("/api/auth/sessions", &token).await;
    let told = sessions.body.as_array().unwrap();
    assert!(!told.is_empty());
    for session in told {
        assert_eq!(session["address"], "127.0.0.1", "{session}");
    }
}

/// Whoever says that they were counted elsewhere, or comes from another address with every request, is counted.
pub(super) async fn escape_limits(target: &Target) {
    let seals = seals(target);
    let mut tricks: Vec<Vec<(&str, String)>> = (0..12)
        .map(|n| {
            vec![
                ("x-forwarded-for", format!("203.0.113.{n}")),
                ("x-real-ip", format!("203.0.113.{n}")),
                ("forwarded", format!("for=203.0.113.{n}")),
            ]
        })
        .collect();
    tricks.extend(seals.into_iter().map(|seal| vec![("x-wealthos-hop", seal)]));
    for (group, path) in [
        ("advisory", "/api/v1/clients"),
        ("finance", "/api/v1/transactions"),
    ] {
        let behind = format!("http://{}", target.deployment.process_of(group).address());
        for base_url in [target.deployment.base_url(), &behind] {
            let mut limited = 0;
            for headers in &tricks {
                let asked = target.at(base_url, Method::GET, path);
                limited += usize::from(answer(with(asked, headers)).await.status == 429);
            }
            assert!(
                limited + 8 > tricks.len(),
                "{path} at {base_url}: only {limited} of {} were limited",
                tricks.len()
            );
        }
    }
}

//! What `/rpc` of every process answers to whoever is no process of the installation: the same 401, whatever is asked.

use super::{
    smuggling::GUARDED,
    target::{Target, access, answer},
};
use crate::{deployment::SECRET, raw};
use chrono::TimeDelta;
use kernel::{Clock, ManualClock, Principal, Sources, SystemEntropy};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;
use trust::{ServiceIdentity, ServiceKeys, ServiceSecret, ServiceTokens, Speakers};

/// A call, and the document of a contract.
const CALLS: [(Method, &str); 4] = [
    (Method::POST, "users.user"),
    (Method::POST, "feed.read"),
    (Method::POST, "no.such_call"),
    (Method::GET, "contract"),
];

/// Whoever knows `secret` proves itself as a process that runs `groups`, by a clock that is `late` by so much.
fn tokens(target: &Target, secret: &str, groups: &[&str], late: TimeDelta) -> ServiceTokens {
    let now = target.deployment.clock().now() - late;
    let sources = Sources::new(Arc::new(ManualClock::at(now)), Arc::new(SystemEntropy));
    let secret = ServiceSecret::new(&secret.into(), &[]).unwrap();
    ServiceTokens::new(
        Arc::new(ServiceKeys::shared(&secret).unwrap()),
        ServiceIdentity::of_groups(groups.iter().copied()),
        Speakers::of_groups(platform::known_groups()),
        sources,
    )
}

/// A token for a call of `group` as the process `of` itself.
fn token(tokens: &ServiceTokens, group: &str, of: &str) -> String {
    let itself = Principal::System {
        group: of.into(),
        tenant: kernel::TenantId::DEFAULT,
    };
    tokens.token(group, &itself).unwrap().expose_secret().to_owned()
}

/// What is wrong, and the token: for a call of `group`.
fn forged(target: &Target, group: &str, users: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let none = TimeDelta::zero();
    let other = GUARDED
        .map(|(name, _)| name)
        .into_iter()
        .find(|name| *name != group)
        .unwrap();
    let genuine = token(&tokens(target, SECRET, &["finance"], none), group, "finance");
    let another = tokens(
        target,
        "a secret that another installation has 0123",
        &["finance"],
        none,
    );
    let expired = tokens(target, SECRET, &["finance"], TimeDelta::minutes(2));
    let early = tokens(target, SECRET, &["finance"], TimeDelta::minutes(-2));
    let parts: Vec<&str> = genuine.split('.').collect();
    let none_of = "eyJhbGciOiJub25lIiwidHlwIjoid2VhbHRob3Mtc2VydmljZStqd3QifQ";
    let mut all = vec![
        ("made with another secret", token(&another, group, "finance")),
        ("expired", token(&expired, group, "finance")),
        ("not yet good", token(&early, group, "finance")),
        (
            "for another group",
            token(&tokens(target, SECRET, &["finance"], none), other, "finance"),
        ),
        ("without a signature", format!("{none_of}.{}.", parts[1])),
        ("cut", genuine[..genuine.len() - 2].to_owned()),
        ("the secret itself", SECRET.to_owned()),
    ];
    all.extend(users.iter().cloned());
    all
}

pub(super) async fn attack(target: &Target) {
    let admin = target.admin().await;
    let key = json!({ "name": "key", "scopes": ["auth.read", "finance.write"], "expires_in_days": 1 });
    let key = target.post("/api/auth/api-keys", access(&admin), &key).await;
    assert_eq!(key.status, 201, "{}", key.text);
    let users = [
        ("an administrator's access token", access(&admin).to_owned()),
        (
            "a refresh token",
            admin["refresh_token"].as_str().unwrap().to_owned(),
        ),
        ("an API key", key["api_key"].as_str().unwrap().to_owned()),
    ];
    let mut refusals = std::collections::BTreeSet::new();
    for process in target.deployment.processes() {
        let base_url = format!("http://{}", process.address());
        for (group, _) in GUARDED {
            for (method, call) in CALLS {
                let asked = || {
                    let request = target.at(&base_url, method.clone(), &format!("/rpc/{group}/{call}"));
                    match method {
                        Method::POST => request.json(&json!({})),
                        _ => request,
                    }
                };
                let mut refused = vec![("nobody", answer(asked()).await)];
                for (why, token) in forged(target, group, &users) {
                    refused.push((why, answer(asked().bearer_auth(token)).await));
                }
                let genuine = tokens(target, SECRET, &["finance"], TimeDelta::zero());
                let genuine = token(&genuine, group, "finance");
                let twice = asked().bearer_auth(&genuine).bearer_auth(access(&admin));
                refused.push(("two headers", answer(twice).await));
                for (why, reply) in refused {
                    assert_eq!(
                        reply.status, 401,
                        "{why}: {method} {group}/{call}: {}",
                        reply.text
                    );
                    refusals.insert(reply.text);
                }
            }
        }
    }
    assert_eq!(
        refusals.len(),
        1,
        "nothing is to be learnt from a refusal: {refusals:?}"
    );
    genuine_ones(target).await;
    sideways(target).await;
}

/// The other side: who is a process of the installation is answered where the group runs and nowhere else, and by no
/// route of users.
async fn genuine_ones(target: &Target) {
    let tokens = tokens(target, SECRET, &["finance"], TimeDelta::zero());
    for process in target.deployment.processes() {
        let base_url = format!("http://{}", process.address());
        for (group, path) in GUARDED {
            let token = token(&tokens, group, "finance");
            let contract = target.at(&base_url, Method::GET, &format!("/rpc/{group}/contract"));
            let contract = answer(contract.bearer_auth(&token)).await;
            let runs_here = target.deployment.process_of(group).address() == process.address();
            if runs_here {
                assert_eq!(contract.status, 200, "{group}: {}", contract.text);
            } else {
                // Built in and resting, or not there at all; never passed on.
                assert!(matches!(contract.status, 200 | 404), "{group}: {}", contract.text);
            }
            let as_user = target.at(&base_url, Method::GET, path).bearer_auth(&token);
            let status = answer(as_user).await.status;
            // A service knows no path of another group.
            assert!(status == 401 || (status == 404 && !runs_here), "{path}: {status}");
        }
    }
}

/// No path of the public routes leads to `/rpc`, whoever asks.
async fn sideways(target: &Target) {
    let tokens = tokens(target, SECRET, &["finance"], TimeDelta::zero());
    let token = token(&tokens, "auth", "finance");
    // The seam by another spelling is guarded like the seam.
    let spelt = answer(target.request(Method::GET, "/%72pc/auth/contract", "")).await;
    assert!(matches!(spelt.status, 401 | 404), "{}", spelt.status);
    for path in [
        "/api/auth/rpc/auth/contract",
        "/api/accounting/rpc/auth/contract",
        "/api/v1/clients/%2e%2e/%2e%2e/%2e%2e/rpc/auth/contract",
        "/api/v1/clients/..%2f..%2f..%2frpc/auth/contract",
        "//rpc/auth/contract",
        "/rpc%2fauth/contract",
        "/RPC/auth/contract",
        "/api/..;/rpc/auth/contract",
    ] {
        for head in [String::new(), format!("authorization: Bearer {token}\r\n")] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{head}connection: close\r\n\r\n");
            let reply = raw::exchange(target.deployment.base_url(), request.as_bytes()).await;
            assert!((400..500).contains(&reply.status), "{path}: {}", reply.status);
        }
    }
}

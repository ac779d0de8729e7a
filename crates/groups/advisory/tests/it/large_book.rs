//! A book of five thousand clients.

use crate::setting::Setting;
use kernel::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Collection, Document};
use testkit::copies;
use tokio::time::Instant;
use uuid::Uuid;

const FEW: usize = 200;
const ALL: usize = 5_000;
/// How often something is measured.
const TIMES: usize = 7;

/// A client, whatever its fields are.
#[derive(Clone, Serialize, Deserialize)]
struct Client(Value);

impl Document for Client {
    fn collection() -> &'static Collection {
        let all = advisory::collections();
        all.into_iter().find(|one| one.name() == "clients").unwrap()
    }
}

/// How long the quickest of some answers takes: the others had to wait for other work of the machine.
async fn quickest(setting: &Setting, path: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begin = Instant::now();
        let answer = setting.server.get(path, &setting.advisor.token).await;
        times.push(begin.elapsed());
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    times.into_iter().min().unwrap()
}

#[allow(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
#[tokio::test]
async fn a_large_book_is_listed_as_quickly_as_a_small_one_and_ranked_in_step_with_its_size() {
    let setting = Setting::new().await;
    let body = json!({ "client_name": "Original", "total_assets": 5_000_000, "risk_profile": "moderate" });
    let client = setting.made("/api/v1/clients", &body).await;
    let id: Uuid = client["id"].as_str().unwrap().parse().unwrap();
    let cx = setting.harness.system("advisory");
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let original = setting.store.get::<Client>(&scope, id).await.unwrap().unwrap();
    let ids = setting.harness.sources.ids();
    let different = |number: usize, one: &mut Client| {
        one.0["client_name"] = json!(format!("Copy {number}"));
        one.0["user_id"] = json!(ids.next::<Uuid>());
    };
    let paths = [
        "/api/v1/clients?limit=200",
        "/api/v1/clients?limit=200&risk_profile=moderate",
        "/api/v1/clients/prioritize",
        "/api/v1/clients/churn",
    ];
    let mut figures = Vec::new();
    for numbers in [1..FEW, FEW..ALL] {
        copies(&setting.store, &cx, &original, numbers, different).await;
        let mut times = Vec::new();
        for path in paths {
            times.push(quickest(&setting, path).await);
        }
        figures.push(times);
    }
    println!("{paths:?} of {FEW}: {:?}, of {ALL}: {:?}", figures[0], figures[1]);
    for (place, path) in paths.iter().enumerate() {
        let (small, large) = (figures[0][place], figures[1][place]);
        // A list reads one page; a ranking reads everybody once. More than that is no noise of a busy machine.
        let most = if place < 2 {
            4
        } else {
            2 * u32::try_from(ALL / FEW).unwrap()
        };
        assert!(
            large < small * most,
            "{path}: {small:?}, in a large book {large:?}"
        );
    }
}

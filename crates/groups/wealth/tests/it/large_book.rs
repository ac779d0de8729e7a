//! A book of five thousand clients who hold twenty things each.

use crate::setting::Setting;
use kernel::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Collection, Document};
use testkit::copies;
use tokio::time::Instant;
use uuid::Uuid;

const HOLDINGS: usize = 20;
const FEW: usize = 200;
const ALL: usize = 5_000;
/// How often something is measured.
const TIMES: usize = 7;

/// A portfolio, whatever its fields are.
#[derive(Clone, Serialize, Deserialize)]
struct Portfolio(Value);

impl Document for Portfolio {
    fn collection() -> &'static Collection {
        let all = wealth::collections();
        all.into_iter().find(|one| one.name() == "portfolios").unwrap()
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
        assert_eq!(answer.body.as_array().unwrap().len(), FEW);
    }
    times.into_iter().min().unwrap()
}

/// Where the page after this one is.
async fn next(setting: &Setting, path: &str) -> Option<String> {
    let page = setting.server.get(path, &setting.advisor.token).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let link = page.header("link")?;
    let place = link.split(',').find(|one| one.contains("rel=\"next\""))?;
    let place = place.trim().trim_start_matches('<').split('>').next()?;
    Some(place.to_owned())
}

#[allow(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
#[tokio::test]
async fn a_page_of_a_large_book_costs_what_one_of_a_small_book_costs() {
    let setting = Setting::new().await;
    let portfolio = setting.portfolio(&setting.client, "fifo").await;
    for number in 0..HOLDINGS {
        let symbol = format!("S{number}");
        setting.instrument(&symbol, "equity", "tech").await;
        setting.quote(&symbol, &setting.today(), "100").await;
        let bought = json!({ "kind": "transfer_in", "symbol": symbol, "quantity": 7, "price": 90 });
        setting.entered(&setting.client, &portfolio, &bought).await;
    }
    let id: Uuid = portfolio["id"].as_str().unwrap().parse().unwrap();
    let cx = setting.harness.system("wealth");
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let original = setting.store.get::<Portfolio>(&scope, id).await.unwrap().unwrap();
    let name = |number: usize, one: &mut Portfolio| one.0["name"] = json!(format!("Copy {number}"));

    copies(&setting.store, &cx, &original, 1..FEW, name).await;
    let (list, drift) = (
        format!("/api/v1/portfolios?limit={FEW}"),
        format!("/api/v1/portfolios/drift?limit={FEW}"),
    );
    let small = [quickest(&setting, &list).await, quickest(&setting, &drift).await];
    copies(&setting.store, &cx, &original, FEW..ALL, name).await;
    let large = [quickest(&setting, &list).await, quickest(&setting, &drift).await];
    let (mut pages, mut last) = (1, drift.clone());
    while let Some(path) = next(&setting, &last).await {
        (pages, last) = (pages + 1, path);
    }
    assert_eq!(pages, ALL / FEW);
    let end = quickest(&setting, &last).await;
    println!("list and drift of {FEW}: {small:?}; of {ALL}: {large:?}, the last page {end:?}");
    // More than that is no noise of a busy machine.
    for (what, small, large) in [
        ("the list", small[0], large[0]),
        ("drift", small[1], large[1]),
        ("the last page of drift", small[1], end),
    ] {
        assert!(large < small * 4, "{what}: {small:?}, in a large book {large:?}");
    }
}

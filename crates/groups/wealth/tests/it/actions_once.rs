//! An action is applied to each portfolio once, whoever does it at the same time and whatever is cut off.

use crate::{
    actions::{consistent, lot, lots, recorded, step, stepped},
    setting::{Setting, id},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{Harness, eventually};

const PORTFOLIOS: usize = 12;

async fn held(setting: &Setting) -> Vec<Value> {
    setting.instrument("AAA", "equity", "tech").await;
    let mut portfolios = Vec::new();
    for _ in 0..PORTFOLIOS {
        let portfolio = setting.portfolio(&setting.user, "fifo").await;
        let came = json!({
            "kind": "transfer_in", "symbol": "AAA", "date": "2025-01-01", "quantity": 3, "price": 10,
        });
        setting.entered(&setting.user, &portfolio, &came).await;
        portfolios.push(portfolio);
    }
    portfolios
}

async fn split(setting: &Setting) -> Value {
    let split = json!({ "kind": "split", "symbol": "AAA", "ratio": "2:1", "ex_date": "2025-03-01" });
    recorded(setting, &split).await
}

async fn assert_once(setting: &Setting, portfolios: &[Value], action: &Value) {
    let cause = json!(format!("corporate_action/{}", id(action)));
    for portfolio in portfolios {
        assert_eq!(
            lots(setting, portfolio, "AAA").await,
            [lot("2025-01-01", "6", "30")]
        );
        let entries = setting.read(&setting.user, portfolio, "/entries").await;
        let made = entries
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["cause"] == cause);
        assert_eq!(made.count(), 1);
        consistent(setting, portfolio).await;
    }
}

pub(crate) async fn many_at_once_apply_to_nobody_twice(harness: Harness) {
    let setting = Setting::on(harness).await;
    let portfolios = held(&setting).await;
    let action = split(&setting).await;
    let all = futures::future::join_all((0..4).map(|_| step(&setting, &action, "apply"))).await;
    for one in &all {
        assert!(matches!(one.status, 200 | 202), "{}", one.text);
    }
    stepped(&setting, &action, "apply").await;
    assert_once(&setting, &portfolios, &action).await;
}

/// The request is cut off somewhere; the job finds what is left.
pub(crate) async fn what_a_request_left_a_job_does(harness: Harness) {
    let mut setting = Setting::on(harness).await;
    let portfolios = held(&setting).await;
    let action = split(&setting).await;
    let path = format!("/api/v1/corporate-actions/{}/apply", id(&action));
    let place = format!("/api/v1/corporate-actions/{}", id(&action));
    for patience in 1..200 {
        let request = setting
            .server
            .request(Method::POST, &path, Some(&setting.admin.token));
        // Not to wait for something: where it is cut off is what differs.
        drop(request.timeout(Duration::from_millis(patience)).send().await);
        let read = setting.server.get(&place, &setting.admin.token).await;
        if read["state"] != "announced" {
            break;
        }
    }
    setting.pass(1);
    setting.work();
    eventually("it is applied", || async {
        let read = setting.server.get(&place, &setting.admin.token).await;
        (read["state"] == "applied").then_some(())
    })
    .await;
    assert_once(&setting, &portfolios, &action).await;
}

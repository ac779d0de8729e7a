//! A process that ends in the middle of the instalments leaves them to the next one: each is made, and none twice.

use crate::setting::{Setting, id};
use events::{
    EventMetrics,
    jobs::{JobOptions, Jobs},
};
use kernel::Tasks;
use serde_json::json;
use std::time::Duration;
use testkit::Harness;

const SCHEDULES: usize = 12;

pub(crate) async fn instalments_survive_processes_that_end_in_the_middle(harness: Harness) {
    let mut setting = Setting::on(harness).await;
    setting.instrument("AAA", "equity", "tech").await;
    let user = setting.user.clone();
    let portfolio = setting.portfolio(&user, "fifo").await;
    let deposit = json!({ "kind": "deposit", "amount": 100_000 });
    setting.entered(&user, &portfolio, &deposit).await;
    let plan = json!({
        "portfolio_id": portfolio["id"], "type": "SIP", "symbol": "AAA", "quantity": 1, "frequency": "weekly",
        "start_date": "2026-01-16", "instalments": 2,
    });
    for _ in 0..SCHEDULES {
        let made = setting.server.post("/api/v1/schedules", &user.token, &plan).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    setting.pass(8);
    setting.quote("AAA", &setting.today(), "100").await;
    let mut cut = 0;
    for round in 0..40_u64 {
        let tasks = Tasks::new();
        let options = JobOptions {
            stop_patience: Duration::ZERO,
            ..JobOptions::default()
        };
        let metrics = setting.harness.registry.with(EventMetrics::register);
        let jobs = Jobs::with_options(setting.store.clone(), tasks.clone(), metrics, options);
        jobs.run(setting.group.jobs.clone());
        setting.ask_for_due().await;
        // Not to wait for something: where it is cut off is what differs.
        tokio::time::sleep(Duration::from_millis(round)).await;
        tasks.stop(Duration::from_secs(10)).await;
        let made = setting.told("schedule.instalment_ordered").await.len();
        cut += usize::from(made < SCHEDULES * 2);
    }
    assert!(cut > 0, "no round was cut off before everything was done");
    setting.work();
    setting.due().await;
    let told = setting.told("schedule.instalment_ordered").await;
    assert_eq!(told.len(), SCHEDULES * 2);
    let list = format!("/api/v1/orders?portfolio_id={}", id(&portfolio));
    let orders = setting.all(&setting.user, &list).await;
    assert_eq!(orders.len(), SCHEDULES * 2, "each instalment has one order");
    let positions = setting.read(&setting.user, &portfolio, "/positions").await;
    assert_eq!(positions[0]["quantity"].to_string(), "24", "{positions}");
    let verified = setting.read(&setting.user, &portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
}

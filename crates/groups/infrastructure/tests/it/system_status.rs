use crate::setting::Setting;
use chrono::TimeDelta;
use kernel::Role;
use serde_json::json;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn the_system_is_as_well_as_its_groups() {
    let setting = Setting::new().await;
    setting.harness.clock.advance(TimeDelta::seconds(90));
    let path = "/api/v1/system/status";
    let well = setting.get(Role::Client, path).await;
    assert_eq!(well.status, 200, "{}", well.text);
    assert_eq!(well["system_status"], "operational");
    assert_eq!(
        well["groups"],
        json!({ "bank": "operational", "books": "operational" })
    );
    assert_eq!(
        (&well["started_at"], &well["uptime_seconds"]),
        (&json!("2026-01-15T06:30:00Z"), &json!(90))
    );

    setting.bank_is_well.store(false, Ordering::SeqCst);
    let ill = setting.get(Role::Client, path).await;
    assert_eq!(ill["system_status"], "degraded");
    assert_eq!(
        ill["groups"],
        json!({ "bank": "degraded", "books": "operational" })
    );
}

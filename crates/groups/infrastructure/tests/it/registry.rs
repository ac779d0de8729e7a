use crate::setting::Setting;
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn the_registry_lists_every_group_in_the_order_of_ports() {
    let setting = Setting::new().await;
    let listed = setting.get(Role::Client, "/api/infrastructure/registry").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    assert_eq!(
        listed.body,
        json!([
            {
                "name": "bank", "summary": "Keeps money", "port": 9001, "prefixes": ["/api/bank"],
                "depends_on": [], "asks": ["books"], "hears": [],
                "modules": [{ "name": "vault", "prefixes": ["/api/bank/vault"] }],
            },
            {
                "name": "books", "summary": "Counts money", "port": 9002, "prefixes": ["/api/books"],
                "depends_on": ["bank"], "asks": [], "hears": ["bank"], "modules": [],
            },
        ])
    );
}

#[tokio::test]
async fn nothing_is_told_to_strangers() {
    let setting = Setting::new().await;
    for path in [
        "/api/infrastructure/registry",
        "/api/v1/system/status",
        "/api/infrastructure/events",
        "/api/infrastructure/events/consumers",
        "/api/infrastructure/events/dead-letters?group=bank",
    ] {
        setting
            .server
            .get(path, "garbage")
            .await
            .assert_error(401, "unauthenticated");
    }
}

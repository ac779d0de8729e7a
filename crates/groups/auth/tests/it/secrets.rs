use crate::house::{House, PASSWORD, text};
use kernel::Role;

fn holds(store: &[u8], secret: &str) -> bool {
    store
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_store_holds_no_password_and_no_token() {
    let house = House::open().await;
    let first = house.user_in(Role::Client, "priya@example.com").await;
    let second = house.refresh(&first["refresh_token"]).await.body;
    house
        .post(
            "/api/auth/login",
            &serde_json::json!({"email": "priya@example.com", "password": "a wrong horse"}),
        )
        .await;
    let events = serde_json::to_string(&house.events().await).unwrap();
    assert!(!events.contains("priya"), "events carry no personal text");
    let secrets = [
        PASSWORD.to_owned(),
        "a wrong horse".to_owned(),
        text(&first["refresh_token"]).to_owned(),
        text(&second["refresh_token"]).to_owned(),
        text(&first["access_token"]).to_owned(),
        text(&second["access_token"]).to_owned(),
    ];
    let raw = house.into_raw_store().await;
    assert!(holds(&raw, "$argon2id$"), "the right files are looked at");
    for secret in secrets {
        assert!(!holds(&raw, &secret));
    }
}

use crate::{
    fake_triplewhale::KEY,
    house::{House, STATUS, good},
};
use kernel::Role;

fn holds(store: &[u8], secret: &str) -> bool {
    store
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_encrypted_in_the_store_and_never_comes_back() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let connected = house.connect(&token, Some("k1"), &good()).await;
    let status = house.get(&token, STATUS).await;
    let catalogue = house.get(&token, "/api/integrations").await;
    let feed = serde_json::to_string(&house.store.feed(0, 100).await.unwrap()).unwrap();
    for answer in [&connected.text, &status.text, &catalogue.text, &feed] {
        assert!(!answer.contains(KEY));
    }
    let raw = house.into_raw_store().await;
    assert!(
        holds(&raw, "priya-sarees.myshopify.com") && holds(&raw, "enc:test:"),
        "the right files are looked at"
    );
    assert!(!holds(&raw, KEY));
    let hexadecimal: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!holds(&raw, &hexadecimal));
}

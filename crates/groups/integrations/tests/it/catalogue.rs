use crate::house::{CONNECT, DISCONNECT, House, STATUS, code, good};
use kernel::Role;
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_says_what_is_there_and_what_is_not_yet() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let list = house.get(&token, "/api/integrations").await.body;
    let line = |index: usize| {
        let entry = &list[index];
        (
            entry["platform"].as_str().unwrap().to_owned(),
            entry["available"].as_bool().unwrap(),
            entry["state"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        line(0),
        ("triplewhale".to_owned(), true, "disconnected".to_owned())
    );
    assert_eq!(line(1), ("hubspot".to_owned(), false, "disconnected".to_owned()));
    assert_eq!(line(2), ("klaviyo".to_owned(), false, "disconnected".to_owned()));
    for entry in list.as_array().unwrap() {
        assert!(!entry["required_credentials"].as_array().unwrap().is_empty());
    }
    house.connect(&token, None, &good()).await;
    let list = house.get(&token, "/api/integrations").await.body;
    assert_eq!(list[0]["state"], "connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_to_connect_is_told_without_a_token_and_the_rest_is_not() {
    let house = House::open().await;
    let told = house.send(house.request(Method::GET, CONNECT, None)).await;
    assert_eq!(told.status, 200);
    assert_eq!(told.body["state"], "unknown");
    assert_eq!(told.body["method"], "POST");
    let names: Vec<_> = told.body["required_credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["api_key", "shop_domain"]);
    for (method, path) in [
        (Method::GET, "/api/integrations"),
        (Method::GET, STATUS),
        (Method::POST, CONNECT),
        (Method::POST, DISCONNECT),
    ] {
        let refused = house.send(house.request(method, path, None)).await;
        assert_eq!(
            (refused.status, code(&refused)),
            (401, "unauthenticated"),
            "{path}"
        );
    }
    let garbage = house.get("garbage", CONNECT).await;
    assert_eq!(garbage.status, 401);
    assert!(house.triplewhale.asked().is_empty());
}

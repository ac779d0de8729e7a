use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_description_is_the_one_that_is_served() {
    let house = House::open().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/auth/openapi.json");
    testkit::assert_openapi_is_committed(&house.mount, file);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_prefixes_describe_the_same_routes() {
    let house = House::open().await;
    let api = house
        .send(house.request(reqwest::Method::GET, "/openapi.json"))
        .await
        .body;
    let paths = api["paths"].as_object().unwrap();
    let below = |prefix: &str| -> Vec<String> {
        let mut found: Vec<_> = paths
            .keys()
            .filter_map(|path| path.strip_prefix(prefix))
            .map(str::to_owned)
            .collect();
        found.sort();
        found
    };
    assert_eq!(below("/api/auth"), below("/api/v1/auth"));
    assert!(below("/api/auth").contains(&"/rbac/assignments/{user_id}".to_owned()));
    assert!(paths.contains_key("/api/v1/users/{user_id}"));
}

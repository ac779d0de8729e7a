use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_description_is_the_one_that_is_served() {
    let house = House::open().await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../contracts/integrations/openapi.json"
    );
    testkit::assert_openapi_is_committed(&house.mount, file);
}

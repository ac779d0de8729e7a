use crate::setting::Setting;
use testkit::assert_openapi_is_committed;

#[tokio::test]
async fn the_committed_openapi_fragment_is_what_the_group_serves() {
    let setting = Setting::new().await;
    assert_openapi_is_committed(
        &setting.group.mount,
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/wealth/openapi.json"),
    );
}

use testkit::{Harness, assert_openapi_is_committed};
use thegroup::ThegroupNeeds;

#[test]
fn the_committed_openapi_fragment_is_what_the_group_serves() {
    let group = thegroup::build(ThegroupNeeds {
        sources: Harness::new().sources,
    });
    assert_openapi_is_committed(
        &group.mount,
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/thegroup/openapi.json"),
    );
}

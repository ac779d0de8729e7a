use kernel::Role;
use testkit::{Harness, TestServer};
use thegroup::ThegroupNeeds;

const PING: &str = "/api/v1/thegroup/ping";

fn serve(harness: &Harness) -> TestServer {
    let group = thegroup::build(ThegroupNeeds {
        sources: harness.sources.clone(),
    });
    harness.serve(vec![group.mount])
}

#[tokio::test]
async fn a_user_gets_an_answer_and_the_time() {
    let harness = Harness::new();
    let server = serve(&harness);
    let reply = server.get(PING, &harness.log_in(Role::Client).token).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply["group"], "thegroup");
    assert_eq!(reply["time"], "2026-01-15T06:30:00Z", "the harness's clock stands still");
}

#[tokio::test]
async fn a_stranger_is_refused() {
    let harness = Harness::new();
    let server = serve(&harness);
    server.get(PING, "no token").await.assert_error(401, "unauthenticated");
}

use crate::house::{House, text};
use chrono::TimeDelta;
use kernel::Role;

#[tokio::test(flavor = "multi_thread")]
async fn what_has_served_its_time_is_removed_and_what_has_not_stays() {
    let house = House::open().await;
    let old = house.user_in(Role::Client, "old@example.com").await;
    house
        .delete(text(&old["access_token"]), "/api/auth/sessions")
        .await;
    house.advance(29 * 24 * 3600);
    let young = house.user_in(Role::Client, "young@example.com").await;
    house.advance(2 * 24 * 3600);
    let before = house.count_sessions().await;
    assert_eq!(before, 2);
    house.jobs.every(vec![(TimeDelta::hours(1), auth::HOUSEKEEPING)]);
    testkit::eventually("the ended session goes", || async {
        (house.count_sessions().await == 1).then_some(())
    })
    .await;
    assert_eq!(house.refresh(&young["refresh_token"]).await.status, 200);
}

use crate::house::{House, PASSWORD, code, text};
use kernel::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_makes_the_first_administrator_once() {
    let house = House::open().await;
    let empty = house
        .send(house.request(reqwest::Method::GET, "/api/auth/setup"))
        .await;
    assert_eq!(
        (empty.status, &empty.body["needed"]),
        (200, &json!(true)),
        "{}",
        empty.text
    );
    assert!(text(&empty.body["how"]).contains("wealthctl admin create"));
    let replaced = house.setup.first_link().await.unwrap().unwrap();
    let link = house.setup.first_link().await.unwrap().unwrap();
    let request = |token: &str| json!({"token": token, "email": "boss@example.com", "password": PASSWORD, "name": "Boss"});
    for wrong in [
        "x",
        "0190a5c000007000800000000000000.x",
        &format!("{}x", link.token),
        &replaced.token,
    ] {
        let refused = house.post("/api/auth/setup", &request(wrong)).await;
        assert_eq!(
            (refused.status, code(&refused)),
            (401, "invalid_setup_token"),
            "{wrong}"
        );
    }
    let made = house.post("/api/auth/setup", &request(&link.token)).await;
    assert_eq!(
        (made.status, &made.body["role"]),
        (201, &json!("admin")),
        "{}",
        made.text
    );
    let again = house.post("/api/auth/setup", &request(&link.token)).await;
    assert_eq!(again.status, 401);
    let admin = house.log_in("boss@example.com").await;
    assert_eq!(
        house
            .get(text(&admin["access_token"]), "/api/v1/admin/users")
            .await
            .status,
        200
    );
    assert_eq!(house.setup.first_link().await.unwrap(), None);
    let done = house
        .send(house.request(reqwest::Method::GET, "/api/auth/setup?token=x"))
        .await;
    assert_eq!(done.body["needed"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_expires_and_is_given_back_when_no_user_came_of_it() {
    let house = House::open().await;
    house.make(Role::Client, "taken@example.com").await;
    let link = house.setup.first_link().await.unwrap().unwrap();
    let request =
        |email: &str| json!({"token": link.token, "email": email, "password": PASSWORD, "name": "Boss"});
    assert_eq!(
        house
            .post("/api/auth/setup", &request("taken@example.com"))
            .await
            .status,
        409
    );
    house.advance(24 * 60 * 60);
    assert_eq!(
        house
            .post("/api/auth/setup", &request("boss@example.com"))
            .await
            .status,
        401
    );
    let link = house.setup.first_link().await.unwrap().unwrap();
    let request =
        json!({"token": link.token, "email": "boss@example.com", "password": PASSWORD, "name": "Boss"});
    let (one, two) = tokio::join!(
        house.post("/api/auth/setup", &request),
        house.post("/api/auth/setup", &request)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401], "of two who try at once one wins");
}

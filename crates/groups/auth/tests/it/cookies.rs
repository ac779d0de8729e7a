use crate::house::{House, PASSWORD, cheap, code, text};
use auth::AuthPolicy;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

const PRIYA: &str = "priya@example.com";

async fn log_in(house: &House) -> Reply {
    let body = json!({"email": PRIYA, "password": PASSWORD, "cookie": true});
    house.post("/api/auth/login", &body).await
}

/// What a browser keeps and sends back.
fn cookie_of(reply: &Reply) -> String {
    let set = reply.header("set-cookie").unwrap();
    set.split(';').next().unwrap().to_owned()
}

async fn refresh(house: &House, cookie: &str, csrf: bool) -> Reply {
    let request = house.request(Method::POST, "/api/v1/auth/refresh");
    let request = request
        .header("cookie", format!("theme=dark; {cookie}"))
        .json(&json!({}));
    let request = if csrf {
        request.header("x-csrf", "1")
    } else {
        request
    };
    house.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_can_leave_its_refresh_token_to_the_browser() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    let login = log_in(&house).await;
    assert_eq!((login.status, &login.body["refresh_token"]), (200, &Value::Null));
    let set = login.header("set-cookie").unwrap();
    for attribute in ["Path=/api", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"] {
        assert!(set.contains(attribute), "{set}");
    }
    let cookie = cookie_of(&login);
    let next = refresh(&house, &cookie, true).await;
    assert_eq!((next.status, &next.body["refresh_token"]), (200, &Value::Null));
    assert_ne!(cookie_of(&next), cookie);
    let again = refresh(&house, &cookie, true).await;
    assert_eq!(code(&again), "refresh_in_progress");

    let token = text(&next.body["access_token"]);
    let request = house.request(Method::POST, "/api/auth/logout").bearer_auth(token);
    let out = house.send(request.header("cookie", cookie_of(&next))).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(refresh(&house, &cookie_of(&next), true).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_another_site_has_sent_is_not_believed() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    let cookie = cookie_of(&log_in(&house).await);
    let forged = refresh(&house, &cookie, false).await;
    assert_eq!((forged.status, code(&forged)), (403, "csrf_header_missing"));
    assert_eq!(
        refresh(&house, &cookie, true).await.status,
        200,
        "it was not used up"
    );
    let nothing = house.post("/api/auth/refresh", &json!({})).await;
    assert_eq!((nothing.status, nothing.fields()), (422, vec!["refresh_token"]));
}

/// Over HTTPS the cookie belongs to this very host: what a neighbouring host puts beside it is not looked at.
#[tokio::test(flavor = "multi_thread")]
async fn over_https_no_neighbour_can_put_its_cookie_in_the_place_of_ours() {
    let house = House::with(AuthPolicy {
        password_cost: cheap(),
        secure_cookies: true,
        ..AuthPolicy::default()
    })
    .await;
    house.make(Role::Client, PRIYA).await;
    let login = log_in(&house).await;
    let set = login.header("set-cookie").unwrap();
    for part in [
        "__Host-wealthos_refresh=",
        "Path=/;",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
    ] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = cookie_of(&login);
    let neighbour = cookie.trim_start_matches("__Host-").to_owned();
    assert_eq!(
        refresh(&house, &neighbour, true).await.status,
        422,
        "as if none was sent"
    );
    assert_eq!(refresh(&house, &cookie, true).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_is_set_unless_it_is_asked_for() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let plain = house.try_log_in(PRIYA, PASSWORD).await;
    assert_eq!(plain.header("set-cookie"), None);
    let refreshed = house.refresh(&grant["refresh_token"]).await;
    assert_eq!(refreshed.header("set-cookie"), None);
    let me = house.request(Method::GET, "/api/auth/me");
    let with_cookie_only = house
        .send(me.header(
            "cookie",
            format!("wealthos_refresh={}", text(&grant["access_token"])),
        ))
        .await;
    assert_eq!(with_cookie_only.status, 401, "a cookie is no access token");
}

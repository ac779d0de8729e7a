use crate::house::{House, code, text};
use futures::future::join_all;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_access_token_and_a_good_refresh_token_bring_the_next_pair() {
    let house = House::open().await;
    let first = house.advisor("rajesh@example.com").await;
    house.advance(3600);
    assert_eq!(
        house
            .get(text(&first["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    // Clients like to send the expired token along: it does not matter.
    let request = house
        .request(reqwest::Method::POST, "/api/v1/auth/refresh")
        .bearer_auth(text(&first["access_token"]))
        .json(&json!({"refresh_token": first["refresh_token"]}));
    let second = house.send(request).await;
    assert_eq!(second.status, 200, "{:?}", second.body);
    assert_ne!(second.body["refresh_token"], first["refresh_token"]);
    assert_eq!(second.body["user"], first["user"]);
    assert_eq!(second.headers["cache-control"], "no-store");
    let me = house
        .get(text(&second.body["access_token"]), "/api/auth/me")
        .await;
    assert_eq!(me.status, 200);
    let third = house.refresh(&second.body["refresh_token"]).await;
    assert_eq!(third.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_that_refresh_at_once_exactly_one_wins() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let replies = join_all((0..50).map(|_| house.refresh(&grant["refresh_token"]))).await;
    let winners: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(winners.len(), 1);
    for loser in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!((loser.status, code(loser)), (409, "refresh_in_progress"));
    }
    let next = house.refresh(&winners[0].body["refresh_token"]).await;
    assert_eq!(next.status, 200, "the winner's session lives on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_comes_back_within_ten_seconds_is_told_to_use_the_other_answer() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let next = house.refresh(&grant["refresh_token"]).await;
    house.advance(10);
    let again = house.refresh(&grant["refresh_token"]).await;
    assert_eq!((again.status, code(&again)), (409, "refresh_in_progress"));
    assert_eq!(house.refresh(&next.body["refresh_token"]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_comes_back_later_ends_the_session_and_all_its_tokens() {
    let house = House::open().await;
    let stolen = house.advisor("rajesh@example.com").await;
    let other = house.log_in("rajesh@example.com").await;
    let next = house.refresh(&stolen["refresh_token"]).await;
    house.advance(11);
    let seq = house.store.last_seq().await.unwrap();
    let reused = house.refresh(&stolen["refresh_token"]).await;
    assert_eq!((reused.status, code(&reused)), (401, "invalid_refresh_token"));
    assert_eq!(
        house.acts_since(seq).await,
        ["session.revoked", "session.refresh_token_reused"]
    );
    assert_eq!(house.refresh(&next.body["refresh_token"]).await.status, 401);
    let access = text(&next.body["access_token"]);
    assert_eq!(house.get(access, "/api/auth/me").await.status, 401);
    assert_eq!(
        house.refresh(&other["refresh_token"]).await.status,
        200,
        "another session stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_was_not_used_for_its_life_has_expired() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    house.advance(29 * 86_400);
    let used = house.refresh(&grant["refresh_token"]).await;
    assert_eq!(used.status, 200, "each exchange begins a new life");
    house.advance(30 * 86_400);
    assert_eq!(house.refresh(&used.body["refresh_token"]).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_tokens_are_refused_alike() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let access_instead: &Value = &grant["access_token"];
    let too_long = house.refresh(access_instead).await;
    assert_eq!((too_long.status, too_long.fields()), (422, vec!["refresh_token"]));
    let mut changed = text(&grant["refresh_token"]).to_owned();
    changed.replace_range(..1, if changed.starts_with('A') { "B" } else { "A" });
    for made_up in [changed.as_str(), "x", "' OR 1=1 --"] {
        let reply = house.refresh(&json!(made_up)).await;
        assert_eq!(
            (reply.status, code(&reply)),
            (401, "invalid_refresh_token"),
            "{made_up}"
        );
    }
}

/// `REFRESH_ROUNDS=1000` makes more of them.
fn rounds() -> usize {
    let asked = std::env::var("REFRESH_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

#[tokio::test(flavor = "multi_thread")]
async fn again_and_again_one_of_fifty_wins_and_a_revoked_family_leaves_no_token_alive() {
    let house = House::open().await;
    let mut grant = house.advisor("rajesh@example.com").await;
    let mut access = vec![text(&grant["access_token"]).to_owned()];
    let mut used = Vec::new();
    for round in 0..rounds() {
        let replies = join_all((0..50).map(|_| house.refresh(&grant["refresh_token"]))).await;
        let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 200);
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|reply| code(reply) == "refresh_in_progress"));
        used.push(grant["refresh_token"].clone());
        grant = won[0].body.clone();
        access.push(text(&grant["access_token"]).to_owned());
    }
    // A thief comes back with an old one while the owner refreshes the newest: whoever is first, the family ends.
    house.advance(11);
    let thieves = join_all((0..10).map(|_| house.refresh(&used[3])));
    let owner = house.refresh(&grant["refresh_token"]);
    let (thieves, owner) = tokio::join!(thieves, owner);
    assert!(thieves.iter().all(|reply| reply.status == 401));
    if owner.status == 200 {
        access.push(text(&owner.body["access_token"]).to_owned());
        used.push(owner.body["refresh_token"].clone());
    }
    used.push(grant["refresh_token"].clone());
    for token in &used {
        assert_eq!(house.refresh(token).await.status, 401);
    }
    for token in &access {
        assert_eq!(house.get(token, "/api/auth/me").await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_ninety_days_however_often_it_is_used() {
    let house = House::open().await;
    let mut grant = house.advisor("rajesh@example.com").await;
    for _ in 0..4 {
        house.advance(22 * 24 * 3600);
        let next = house.refresh(&grant["refresh_token"]).await;
        assert_eq!(next.status, 200, "{}", next.text);
        grant = next.body;
    }
    house.advance(2 * 24 * 3600);
    let late = house.refresh(&grant["refresh_token"]).await;
    assert_eq!((late.status, code(&late)), (401, "invalid_refresh_token"));
    house.log_in("rajesh@example.com").await;
}

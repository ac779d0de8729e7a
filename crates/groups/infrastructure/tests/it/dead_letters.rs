use crate::setting::{Setting, other_firm};
use kernel::Role;
use serde_json::json;
use std::sync::atomic::Ordering;

const DEAD_LETTERS: &str = "/api/infrastructure/events/dead-letters";

/// Books that could not deal with so many deposits.
async fn with_dead_letters(count: u64) -> Setting {
    let setting = Setting::new().await;
    setting.counter.refuses.store(true, Ordering::SeqCst);
    let client = setting.harness.log_in(Role::Client);
    for seq in 1..=count {
        setting.deposit(&client, "money.deposited").await;
        // One after the other, so that they are given up at different moments.
        setting.books_reach(seq).await;
    }
    setting
}

async fn first_retry_path(setting: &Setting) -> String {
    let listed = setting
        .get(Role::Admin, &format!("{DEAD_LETTERS}?group=books"))
        .await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    format!(
        "{DEAD_LETTERS}/books/{}/retry",
        listed.body[0]["id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn overseers_see_what_could_not_be_dealt_with_page_by_page() {
    let setting = with_dead_letters(3).await;
    let overseer = setting.harness.log_in(Role::Compliance);
    let mut path = format!("{DEAD_LETTERS}?group=books&consumer=counter&limit=2");
    let mut seqs = Vec::new();
    loop {
        let page = setting.server.get(&path, &overseer.token).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for letter in page.body.as_array().unwrap() {
            assert_eq!(
                (
                    &letter["group"],
                    &letter["consumer"],
                    &letter["reason"],
                    &letter["event"]["producer"]
                ),
                (
                    &json!("books"),
                    &json!("counter"),
                    &json!("the abacus is broken"),
                    &json!("bank")
                )
            );
            seqs.push(letter["event"]["seq"].as_u64().unwrap());
        }
        match page.header("link") {
            Some(link) => path = link[1..link.find('>').unwrap()].to_owned(),
            None => break,
        }
    }
    assert_eq!(seqs, [1, 2, 3]);
    let others = format!("{DEAD_LETTERS}?group=books&consumer=somebody");
    assert_eq!(setting.get(Role::Admin, &others).await.body, json!([]));
}

#[tokio::test]
async fn dead_letters_are_for_overseers_and_need_a_group_that_there_is() {
    let setting = with_dead_letters(1).await;
    for role in [Role::Advisor, Role::Client, Role::Service] {
        let refused = setting.get(role, &format!("{DEAD_LETTERS}?group=books")).await;
        refused.assert_error(403, "forbidden");
    }
    for (query, field) in [
        ("", "group"),
        ("?group=garden", "group"),
        ("?group=books&colour=red", "colour"),
        ("?group=books&cursor=nonsense", "cursor"),
        ("?group=books&limit=0", "limit"),
    ] {
        let refused = setting.get(Role::Admin, &format!("{DEAD_LETTERS}{query}")).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused.fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn a_dead_letter_is_retried_until_it_works_and_then_is_gone() {
    let setting = with_dead_letters(1).await;
    let path = first_retry_path(&setting).await;
    let token = setting.harness.log_in(Role::Admin).token;
    let retry = || setting.server.post(&path, &token, &json!(null));
    retry().await.assert_error(409, "still_failing");

    setting.counter.refuses.store(false, Ordering::SeqCst);
    let retried = retry().await;
    assert_eq!((retried.status, retried.text.as_str()), (204, ""));
    assert_eq!(setting.counter.counted.load(Ordering::SeqCst), 1);
    retry().await.assert_error(404, "not_found");
    let left = setting
        .get(Role::Admin, &format!("{DEAD_LETTERS}?group=books"))
        .await;
    assert_eq!(left.body, json!([]));
}

#[tokio::test]
async fn only_admins_of_the_firm_retry() {
    let setting = with_dead_letters(1).await;
    let path = first_retry_path(&setting).await;
    setting.counter.refuses.store(false, Ordering::SeqCst);
    for role in [Role::Compliance, Role::Advisor, Role::Client, Role::Service] {
        let token = setting.harness.log_in(role).token;
        let refused = setting.server.post(&path, &token, &json!(null)).await;
        refused.assert_error(403, "forbidden");
    }
    let foreign = setting.harness.log_in_to(Role::Admin, other_firm());
    let refused = setting.server.post(&path, &foreign.token, &json!(null)).await;
    let admin = setting.harness.log_in(Role::Admin);
    for unknown in [
        "books/0190a5c0-0000-7000-8000-000000000000",
        "garden/0190a5c0-0000-7000-8000-000000000000",
        "books/7",
    ] {
        let unknown = format!("{DEAD_LETTERS}/{unknown}/retry");
        let unknown = setting.server.post(&unknown, &admin.token, &json!(null)).await;
        unknown.assert_error(404, "not_found");
        assert_eq!(unknown.text, refused.text, "foreign and unknown look the same");
    }
    assert_eq!(setting.counter.counted.load(Ordering::SeqCst), 0);
}

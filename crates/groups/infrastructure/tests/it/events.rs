use crate::setting::{Setting, other_firm, places};
use kernel::Role;
use testkit::Reply;

const EVENTS: &str = "/api/infrastructure/events";

fn expected(events: &[(&str, u64)]) -> Vec<(String, u64)> {
    events
        .iter()
        .map(|(kind, seq)| ((*kind).to_owned(), *seq))
        .collect()
}

#[tokio::test]
async fn overseers_see_the_firms_events_and_everybody_else_their_own() {
    let setting = Setting::new().await;
    let (admin, overseer) = (
        setting.harness.log_in(Role::Admin),
        setting.harness.log_in(Role::Compliance),
    );
    let (advisor, client) = (
        setting.harness.log_in(Role::Advisor),
        setting.harness.log_in(Role::Client),
    );
    let foreign = setting.harness.log_in_to(Role::Admin, other_firm());
    for login in [&advisor, &client, &foreign, &advisor] {
        setting.deposit(login, "money.deposited").await;
    }
    let seen = |seqs: &[u64]| -> Vec<(String, u64)> {
        seqs.iter()
            .map(|seq| ("money.deposited".to_owned(), *seq))
            .collect()
    };
    for (login, seqs) in [
        (&admin, &[1, 2, 4][..]),
        (&overseer, &[1, 2, 4]),
        (&advisor, &[1, 4]),
        (&client, &[2]),
        (&foreign, &[3]),
        (&setting.harness.log_in(Role::Service), &[]),
    ] {
        let of_group = setting
            .server
            .get(&format!("{EVENTS}?group=bank"), &login.token)
            .await;
        assert_eq!(places(&of_group), seen(seqs), "{:?}", login.principal.role);
        let mut newest = places(&setting.server.get(EVENTS, &login.token).await);
        newest.reverse();
        assert_eq!(newest, seen(seqs), "{:?}", login.principal.role);
    }
}

#[tokio::test]
async fn without_a_group_the_newest_of_all_come_first() {
    let setting = Setting::new().await;
    let admin = setting.harness.log_in(Role::Admin);
    setting.deposit(&admin, "money.deposited").await;
    setting.commit(&setting.books, &admin, "page.turned").await;
    setting.deposit(&admin, "money.withdrawn").await;
    let list = |query: &'static str| {
        let token = admin.token.clone();
        let server = &setting.server;
        async move { places(&server.get(&format!("{EVENTS}{query}"), &token).await) }
    };
    let (first, turned, last) = (("money.deposited", 1), ("page.turned", 1), ("money.withdrawn", 2));
    assert_eq!(list("").await, expected(&[last, turned, first]));
    assert_eq!(list("?limit=2").await, expected(&[last, turned]));
    assert_eq!(list("?type=page.turned").await, expected(&[turned]));
    assert_eq!(list("?type=page.torn").await, expected(&[]));
    let all = setting.get(Role::Admin, EVENTS).await;
    let subject = all.body[0]["subject"].as_str().unwrap();
    let query = format!("{EVENTS}?subject={}", subject.replace('/', "%2F"));
    let of_one = setting.get(Role::Admin, &query).await;
    let of_one = of_one.body.as_array().unwrap().clone();
    assert!(!of_one.is_empty() && of_one.iter().all(|event| event["subject"] == subject));
    assert_eq!(list("?subject=page%2Fnone").await, expected(&[]));
}

#[tokio::test]
async fn a_feed_is_paged_by_place_with_a_link_to_the_next() {
    let setting = Setting::new().await;
    let client = setting.harness.log_in(Role::Client);
    let other = setting.harness.log_in(Role::Client);
    for login in [&client, &other, &client, &client, &other, &client] {
        setting.deposit(login, "money.deposited").await;
    }
    let mut path = format!("{EVENTS}?group=bank&type=money.deposited&limit=2");
    let mut pages = Vec::new();
    loop {
        let page = setting.server.get(&path, &client.token).await;
        pages.push(places(&page).into_iter().map(|(_, seq)| seq).collect::<Vec<_>>());
        match next(&page) {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(pages, [vec![1, 3], vec![4, 6]]);
    let beyond = format!("{EVENTS}?group=bank&after=9223372036854775807");
    let beyond = setting.server.get(&beyond, &client.token).await;
    assert_eq!((places(&beyond), next(&beyond)), (Vec::new(), None));
}

fn next(page: &Reply) -> Option<String> {
    let link = page.header("link")?;
    let address = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(address.to_owned())
}

#[tokio::test]
async fn a_link_carries_whatever_type_was_asked_for() {
    let setting = Setting::new().await;
    let admin = setting.harness.log_in(Role::Admin);
    let kind = "a type & a half>; rel=\"prev\", ü";
    for _ in 0..2 {
        setting.deposit(&admin, kind).await;
    }
    let typed = "a%20type%20%26%20a%20half%3E%3B%20rel%3D%22prev%22%2C%20%C3%BC";
    let first = format!("{EVENTS}?group=bank&type={typed}&limit=1");
    let first = setting.server.get(&first, &admin.token).await;
    assert_eq!(places(&first), expected(&[(kind, 1)]));
    let second = setting.server.get(&next(&first).unwrap(), &admin.token).await;
    assert_eq!(places(&second), expected(&[(kind, 2)]));
}

#[tokio::test]
async fn many_events_of_others_do_not_hide_ones_own() {
    let setting = Setting::new().await;
    let (client, other) = (
        setting.harness.log_in(Role::Client),
        setting.harness.log_in(Role::Client),
    );
    setting.deposit(&client, "money.deposited").await;
    let cx = other.context(setting.harness.sources.ids());
    let mut batch = setting.bank.batch(&cx);
    for _ in 0..1100 {
        batch.event(kernel::NewEvent::new(
            &cx,
            "noise.made",
            "noise/1",
            serde_json::json!({}),
        ));
    }
    setting.bank.commit(batch).await.unwrap();
    setting.deposit(&client, "money.withdrawn").await;
    let (first, last) = (("money.deposited", 1), ("money.withdrawn", 1102));
    let newest = setting.server.get(EVENTS, &client.token).await;
    assert_eq!(places(&newest), expected(&[last, first]));
    let in_order = setting
        .server
        .get(&format!("{EVENTS}?group=bank"), &client.token)
        .await;
    assert_eq!(places(&in_order), expected(&[first, last]));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let setting = Setting::new().await;
    for (query, field) in [
        ("group=garden", "group"),
        ("group=", "group"),
        ("after=3", "after"),
        ("group=bank&after=-1", "after"),
        ("group=bank&after=x", "after"),
        ("group=bank&after=9223372036854775808", "after"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("type=", "type"),
        ("colour=red", "colour"),
        ("group=bank&group=books", "group"),
    ] {
        let refused = setting.get(Role::Admin, &format!("{EVENTS}?{query}")).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused.fields(), [field], "{query}");
    }
    let absent = setting.get(Role::Admin, &format!("{EVENTS}?group=attic")).await;
    absent.assert_error(503, "dependency_unavailable");
}

//! A backup that is taken while clients post, put back in another place.

use crate::{
    process::{Home, Remote, run},
    torture::{Journal, check},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

const CLIENTS: usize = 3;
static LOOKS: AtomicU64 = AtomicU64::new(0);
/// How many postings of each client stand before the backup begins.
const BEFORE: u64 = 10;

/// What a client sent: for each key the amount, and what was answered before and after the backup began.
#[derive(Default, Clone)]
struct Sent {
    number: usize,
    account: String,
    postings: BTreeMap<String, Posting>,
}

#[derive(Clone)]
struct Posting {
    amount: u64,
    /// Acknowledged before the backup began.
    early: bool,
    answer: String,
}

async fn operator(home: &Home, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = home.command("wealthctl");
    command.args(["--format", "json"]).args(arguments);
    run(command).await
}

async fn succeeds(home: &Home, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = operator(home, arguments).await;
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("no JSON: {stdout}"))
}

async fn refused(home: &Home, arguments: &[&str]) -> String {
    let (code, _, stderr) = operator(home, arguments).await;
    assert_eq!((code, stderr.lines().count()), (Some(1), 1), "{stderr}");
    stderr
}

fn email(client: usize) -> String {
    format!("client{client}@example.com")
}

/// Posts until told to stop.
async fn post_until_told(
    api: Remote,
    mut sent: Sent,
    began: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
) -> Sent {
    let (token, user) = api.newcomer(&email(sent.number), "client").await;
    let account = json!({ "name": "Savings", "kind": "checking", "user_id": user });
    let account = api.post("/api/v1/accounts", &token, &account).await;
    assert_eq!(account.status, 201, "{}", account.body);
    account.body["id"].as_str().unwrap().clone_into(&mut sent.account);
    let mut amount = 0;
    while !stop.load(Ordering::SeqCst) {
        amount += 1;
        let key = format!("client{}-{amount}", sent.number);
        let answer = post(&api, &token, &sent.account, &key, amount).await;
        let early = !began.load(Ordering::SeqCst);
        acknowledged.fetch_add(1, Ordering::SeqCst);
        sent.postings.insert(
            key,
            Posting {
                amount,
                early,
                answer,
            },
        );
    }
    sent
}

/// The bytes of the answer.
async fn post(api: &Remote, token: &str, account: &str, key: &str, amount: u64) -> String {
    let body = json!({ "type": "income", "amount": amount, "description": key, "account_id": account });
    let answer = api
        .request(Method::POST, "/api/v1/transactions", token)
        .header("Idempotency-Key", key)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.text().await.unwrap()
}

/// Everything that was acknowledged before is there, nothing is there that nobody sent, the figures agree; asking again
/// with the same keys gives the same bytes, and what came too late for the backup is posted once.
async fn check_restored(api: &Remote, sent: &Sent) {
    let (token, user) = api.log_in(&email(sent.number)).await;
    let journal: Journal = sent
        .postings
        .iter()
        .map(|(key, posting)| (key.clone(), (posting.amount, posting.early)))
        .collect();
    check(api, &token, &journal).await;
    let there = posted(api, &token).await;
    assert_eq!(
        balance(api, &token, &user).await,
        there.values().sum::<u64>(),
        "the balance is not the sum of the postings"
    );
    for (key, posting) in &sent.postings {
        let answer = post(api, &token, &sent.account, key, posting.amount).await;
        if there.contains_key(key) {
            assert_eq!(answer, posting.answer, "the key {key} has forgotten its answer");
        }
    }
    let all: Journal = journal
        .into_iter()
        .map(|(key, (amount, _))| (key, (amount, true)))
        .collect();
    check(api, &token, &all).await;
    let sum: u64 = all.values().map(|(amount, _)| amount).sum();
    assert_eq!(balance(api, &token, &user).await, sum);
}

async fn posted(api: &Remote, token: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut place = "/api/v1/transactions?limit=200".to_owned();
    loop {
        let page = api.get(&place, token).await;
        for transaction in page.body.as_array().unwrap() {
            let key = transaction["description"].as_str().unwrap().to_owned();
            found.insert(key, whole(&transaction["amount"]));
        }
        let Some(link) = page.headers.get("link") else {
            return found;
        };
        let link = link.to_str().unwrap();
        place = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
}

/// What lies on the user's accounts, once the balance is up to date.
async fn balance(api: &Remote, token: &str, user: &str) -> u64 {
    let accounts = api.get(&format!("/api/v1/accounts/{user}"), token).await;
    assert_eq!(accounts.status, 200, "{}", accounts.body);
    let accounts = accounts.body.as_array().unwrap().clone();
    accounts.iter().map(|account| whole(&account["balance"])).sum()
}

fn whole(number: &Value) -> u64 {
    let text = number.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    assert!(rest.bytes().all(|digit| digit == b'0'), "{text}");
    whole.parse().unwrap()
}

/// What opens the sensitive fields is no part of a backup: an operator keeps it elsewhere.
fn hand_over_secrets(from: &Home, to: &Home) {
    std::fs::create_dir_all(to.data_dir()).unwrap();
    for name in ["encryption.key", "jwt.secret"] {
        std::fs::copy(from.data_dir().join(name), to.data_dir().join(name)).unwrap();
    }
}

async fn a_backup_under_load_is_whole(home: Home, other: Home) {
    let monolith = home.start().await;
    let api = monolith.remote();
    let (began, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let acknowledged: Vec<Arc<AtomicU64>> = (0..CLIENTS).map(|_| Arc::default()).collect();
    let mut posting = JoinSet::new();
    for (number, count) in acknowledged.iter().enumerate() {
        let sent = Sent {
            number,
            ..Sent::default()
        };
        posting.spawn(post_until_told(
            api.clone(),
            sent,
            began.clone(),
            stop.clone(),
            count.clone(),
        ));
    }
    let is_behind = |count: &Arc<AtomicU64>| count.load(Ordering::SeqCst) < BEFORE;
    while acknowledged.iter().any(is_behind) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let place = home.place().join("backup");
    let place = place.to_str().unwrap();
    began.store(true, Ordering::SeqCst);
    let manifest = succeeds(&home, &["backup", place]).await;
    stop.store(true, Ordering::SeqCst);
    let mut all = Vec::new();
    while let Some(sent) = posting.join_next().await {
        all.push(sent.unwrap());
    }
    let during = all
        .iter()
        .flat_map(|sent| sent.postings.values())
        .filter(|posting| !posting.early)
        .count();
    assert!(
        during > 0,
        "nothing was posted while the backup ran: the test shows nothing"
    );
    monolith.kill().await;
    assert_eq!(manifest["groups"].as_array().unwrap().len(), 6);

    let other_key = refused(&other, &["restore", place]).await;
    assert!(other_key.contains("ENCRYPTION_KEY"), "{other_key}");
    hand_over_secrets(&home, &other);
    succeeds(&other, &["restore", place, "--check"]).await;
    let restored = succeeds(&other, &["restore", place]).await;
    assert_eq!(restored["restored"], manifest["groups"]);
    let again = refused(&other, &["restore", place]).await;
    assert!(again.contains("--replace"), "{again}");

    let monolith = other.start().await;
    let api = monolith.remote();
    for sent in &all {
        check_restored(&api, sent).await;
    }
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
    if home.database().is_none() {
        a_damaged_backup_changes_nothing(&other, place, &manifest).await;
    }
}

async fn a_damaged_backup_changes_nothing(other: &Home, place: &str, manifest: &Value) {
    let replaced = succeeds(other, &["restore", place, "--replace"]).await;
    assert_eq!(replaced["restored"], manifest["groups"]);
    damage(Path::new(place), manifest);
    let damaged = refused(other, &["restore", place, "--replace"]).await;
    assert!(damaged.contains("is not what was backed up"), "{damaged}");
    let monolith = other.start().await;
    let (token, _) = monolith.remote().log_in(&email(0)).await;
    assert!(!posted(&monolith.remote(), &token).await.is_empty());
    monolith.kill().await;
}

/// Changes one byte in the largest file.
fn damage(backup: &Path, manifest: &Value) {
    let files = manifest["groups"].as_array().unwrap().iter();
    let files = files.flat_map(|group| group["files"].as_array().unwrap());
    let largest = files.max_by_key(|file| file["bytes"].as_u64().unwrap()).unwrap();
    let path = backup.join(largest["path"].as_str().unwrap());
    let mut content = std::fs::read(&path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&path, content).unwrap();
}

#[tokio::test]
async fn a_backup_under_load_is_whole_on_sqlite() {
    a_backup_under_load_is_whole(Home::sqlite(), Home::sqlite()).await;
}

#[tokio::test]
async fn a_backup_under_load_is_whole_on_mongodb() {
    a_backup_under_load_is_whole(Home::mongodb(), Home::mongodb()).await;
}

#[tokio::test]
async fn data_that_a_server_works_on_is_not_replaced() {
    let home = Home::sqlite();
    let monolith = home.start().await;
    let place = home.place().join("backup");
    let place = place.to_str().unwrap();
    succeeds(&home, &["backup", place, "--groups", "auth,finance"]).await;
    let busy = refused(&home, &["restore", place, "--replace"]).await;
    assert!(busy.contains("stop every server"), "{busy}");
    let full = refused(&home, &["backup", place]).await;
    assert!(full.contains("is not empty"), "{full}");
    let absent = refused(&home, &["restore", place, "--groups", "advisory"]).await;
    assert!(absent.contains("no data of 'advisory'"), "{absent}");
    monolith.remote().newcomer("ann@example.com", "client").await;
    monolith.kill().await;
    succeeds(&home, &["restore", place, "--replace"]).await;
}

#[tokio::test]
async fn nobody_works_on_a_restore_that_was_broken_off() {
    let home = Home::sqlite();
    home.start().await.kill().await;
    let place = home.place().join("backup");
    let place = place.to_str().unwrap();
    succeeds(&home, &["backup", place]).await;
    // A directory stands where a file of the second group is to go: the first group has been put back by then.
    let order = std::fs::read_to_string(home.place().join("backup/manifest.json")).unwrap();
    let order: Value = serde_json::from_str(&order).unwrap();
    let second = order["groups"][1]["group"].as_str().unwrap();
    let obstacle = home.data_dir().join(format!("{second}.sqlite3-restoring"));
    std::fs::create_dir_all(&obstacle).unwrap();
    refused(&home, &["restore", place, "--replace"]).await;

    let told = |stderr: &str| assert!(stderr.contains("restore was broken off"), "{stderr}");
    let (code, _, stderr) = run(home.command("monolith")).await;
    assert_ne!(code, Some(0));
    told(&stderr);
    told(&refused(&home, &["audit", "verify"]).await);
    told(&refused(&home, &["backup", home.place().join("other").to_str().unwrap()]).await);

    std::fs::remove_dir(&obstacle).unwrap();
    succeeds(&home, &["restore", place, "--replace"]).await;
    home.start().await.kill().await;
}

#[tokio::test]
async fn readers_do_not_run_ahead_of_a_feed_that_went_back() {
    let home = Home::sqlite();
    let place = home.place().join("backup");
    let place = place.to_str().unwrap();
    let monolith = home.start().await;
    let api = monolith.remote();
    let (advisor, _) = api.newcomer("advisor@example.com", "advisor").await;
    let early = take_on(&api, &advisor).await;
    let account = json!({ "name": "Savings", "kind": "checking", "user_id": early });
    assert_eq!(api.post("/api/v1/accounts", &advisor, &account).await.status, 201);
    heard_up_to(&home, 1).await;
    succeeds(&home, &["backup", place]).await;
    let late = take_on(&api, &advisor).await;
    let account = json!({ "name": "Savings", "kind": "checking", "user_id": late });
    assert_eq!(api.post("/api/v1/accounts", &advisor, &account).await.status, 201);
    heard_up_to(&home, 2).await;
    monolith.kill().await;

    // Only the group that finance hears goes back: finance has seen what never happened now.
    let restored = succeeds(&home, &["restore", place, "--replace", "--groups", "advisory"]).await;
    let book = restored["readers"].as_array().unwrap().iter();
    let book = book.filter(|reader| reader["consumer"] == "finance.book");
    let book: Vec<&Value> = book.collect();
    assert_eq!(book.len(), 1, "{restored}");
    assert_eq!(
        (&book[0]["feed"], &book[0]["rebuilt"]),
        (&json!("advisory"), &json!(true))
    );

    let monolith = home.start().await;
    let api = monolith.remote();
    let (advisor, _) = api.log_in("advisor@example.com").await;
    let foreign = api.get(&format!("/api/v1/accounts/{late}"), &advisor).await;
    assert_eq!(
        foreign.status, 404,
        "a book that never was opens accounts: {}",
        foreign.body
    );
    let own = api.get(&format!("/api/v1/accounts/{early}"), &advisor).await;
    assert_eq!(own.body.as_array().map(Vec::len), Some(1), "{}", own.body);
    // What happens from now on is heard, and nothing is passed over.
    take_on(&api, &advisor).await;
    heard_up_to(&home, 2).await;
    monolith.kill().await;
}

/// A new client of the advisor's; answers the user.
async fn take_on(api: &Remote, token: &str) -> String {
    let client = json!({ "client_name": "New Client" });
    let made = api.post("/api/v1/clients", token, &client).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["user_id"].as_str().unwrap().to_owned()
}

/// Waits until finance has stamped what this many clients have, as its file says.
async fn heard_up_to(home: &Home, links: u64) {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let scratch = home
            .place()
            .join(format!("look-{}", LOOKS.fetch_add(1, Ordering::SeqCst)));
        let manifest = succeeds(
            home,
            &["backup", scratch.to_str().unwrap(), "--groups", "finance"],
        )
        .await;
        if manifest["groups"][0]["documents"]["book_links"] == links {
            return;
        }
        assert!(tokio::time::Instant::now() < end, "never heard: {manifest}");
    }
}

use crate::process::{Home, Remote, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};
use tokio::time::{Instant, sleep};

/// How many rows the statement has. The server that stands in for MongoDB takes its time for each.
const ON_SQLITE: usize = 12_000;
const ON_MONGODB: usize = 1_500;

/// How often the process is killed.
const KILLS: usize = 2;

/// How long one part may take on a loaded machine. A job that was killed is taken over when its lease of 20 s ends.
const PATIENCE: Duration = Duration::from_secs(180);

/// A year of payments, every fifth a coffee like the others of its day.
fn statement(rows: usize) -> String {
    let mut file = "Date,Description,Amount\n".to_owned();
    for row in 0..rows {
        let day = row * 336 / rows;
        let date = format!("2025-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
        match row % 5 {
            0 => writeln!(file, "{date},Coffee,-3.50").unwrap(),
            _ => writeln!(file, "{date},Payment {row},10.25").unwrap(),
        }
    }
    file
}

/// A large statement is imported while the process is killed; the figures are those of an import that nobody disturbed.
async fn a_killed_import_goes_on(home: Home, rows: usize) {
    let mut monolith = home.start().await;
    let mut api = monolith.remote();
    let (mut token, user) = api.newcomer("client@example.com", "client").await;
    let mut accounts = Vec::new();
    for name in ["Killed", "Undisturbed"] {
        let account = json!({ "name": name, "kind": "checking", "currency": "USD" });
        let made = api.post("/api/v1/accounts", &token, &account).await;
        assert_eq!(made.status, 201, "{}", made.body);
        accounts.push(made.body["id"].as_str().unwrap().to_owned());
    }
    let place = import(&api, &token, &accounts[0], rows).await;
    for kill in 0..KILLS {
        // In the middle: some rows are posted, and not all.
        let before = rows * kill / (KILLS + 1);
        let read = until(&api, &place, &token, |read| {
            read["rows_read"].as_u64().unwrap() > before as u64
        })
        .await;
        println!("killed after {} rows", read["rows_read"]);
        monolith.kill().await;
        monolith = home.start().await;
        api = monolith.remote();
        token = api.log_in("client@example.com").await.0;
    }
    let killed = until(&api, &place, &token, is_over).await;
    assert_eq!(killed["state"], "done", "{killed}");
    assert_eq!(
        (&killed["imported"], &killed["duplicates"]),
        (&json!(rows), &json!(0))
    );
    let place = import(&api, &token, &accounts[1], rows).await;
    let undisturbed = until(&api, &place, &token, is_over).await;
    assert_eq!(undisturbed["imported"], rows, "{undisturbed}");
    let mut reports = Vec::new();
    for account in &accounts {
        let path = format!("/api/v1/financial-report?user_id={user}&account_id={account}");
        let mut report = api.get(&path, &token).await.body;
        assert_eq!(report["transactions"], rows, "{report}");
        report["account_id"] = Value::Null;
        reports.push(report);
    }
    assert_eq!(reports[0], reports[1]);
    let again = import(&api, &token, &accounts[0], rows).await;
    let again = until(&api, &again, &token, is_over).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(rows))
    );
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
}

/// Sends the statement; answers where its progress is told.
async fn import(api: &Remote, token: &str, account: &str, rows: usize) -> String {
    let path = format!("/api/v1/transactions/import?background=true&account_id={account}");
    let request = api
        .request(Method::POST, &path, token)
        .header("Content-Type", "text/csv")
        .body(statement(rows));
    let accepted: Reply = api.try_send(request).await.unwrap();
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    accepted.headers["location"].to_str().unwrap().to_owned()
}

fn is_over(import: &Value) -> bool {
    matches!(import["state"].as_str(), Some("done" | "failed"))
}

async fn until(api: &Remote, place: &str, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let read = api.get(place, token).await;
        assert_eq!(read.status, 200, "{}", read.body);
        if wanted(&read.body) {
            return read.body;
        }
        assert!(Instant::now() < end, "the import does not go on: {}", read.body);
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_import_that_was_killed_goes_on_where_it_ended_on_sqlite() {
    a_killed_import_goes_on(Home::sqlite(), ON_SQLITE).await;
}

#[tokio::test]
async fn an_import_that_was_killed_goes_on_where_it_ended_on_mongodb() {
    a_killed_import_goes_on(Home::mongodb(), ON_MONGODB).await;
}

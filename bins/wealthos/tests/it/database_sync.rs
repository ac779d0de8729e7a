//! A database sync of a process that is killed, with a database that is killed.

use crate::process::{Home, Monolith, Remote};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};
use testkit::Database;
use tokio::time::{Instant, sleep};

const SYNCS: &str = "/api/integrations/database-syncs";
/// A job that was killed is taken over when its lease of 20 s ends.
const PATIENCE: Duration = Duration::from_secs(200);

/// How many rows the table has, and how many transactions the ledger. The server that stands in for MongoDB takes its
/// time for each.
struct Size {
    rows: u64,
    movements: u64,
}

fn books(rows: u64) -> String {
    format!(
        "CREATE TABLE transactions (id bigserial PRIMARY KEY, date date, amount numeric(14,2), type text,
             description text, category text, wealthos_id uuid UNIQUE);
         INSERT INTO transactions (date, amount, type, description)
             SELECT '2026-01-01'::date + (n % 28)::int, n, CASE n % 3 WHEN 0 THEN 'income' ELSE 'expense' END, 'row ' || n
             FROM generate_series(1, {rows}) AS n;"
    )
}

fn statement(movements: u64) -> String {
    let mut file = "Date,Description,Amount\n".to_owned();
    for movement in 1..=movements {
        writeln!(
            file,
            "2026-02-{:02},Movement {movement},-{movement}.25",
            1 + movement % 28
        )
        .unwrap();
    }
    file
}

async fn read_until(api: &Remote, place: &str, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let read = api.get(place, token).await;
        assert_eq!(read.status, 200, "{}", read.body);
        if wanted(&read.body) {
            return read.body;
        }
        assert!(Instant::now() < end, "it does not go on: {}", read.body);
        sleep(Duration::from_millis(20)).await;
    }
}

fn is_over(run: &Value) -> bool {
    matches!(run["state"].as_str(), Some("done" | "failed"))
}

async fn begin(api: &Remote, token: &str, sync: &str) -> String {
    let begun = api.post(&format!("{SYNCS}/{sync}/runs"), token, &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    begun.headers["location"].to_str().unwrap().to_owned()
}

async fn killed(mut monolith: Monolith, home: &Home) -> (Monolith, Remote, String) {
    monolith.kill().await;
    monolith = home.start().await;
    let api = monolith.remote();
    let token = api.log_in("priya@example.com").await.0;
    (monolith, api, token)
}

async fn a_killed_sync_goes_on(home: Home, size: Size) {
    let mut database = Database::start().await;
    let owner = database.client().await;
    owner.batch_execute(&books(size.rows)).await.unwrap();
    let mut monolith = home.start().await;
    let mut api = monolith.remote();
    let (mut token, _) = api.newcomer("priya@example.com", "client").await;
    let account = json!({ "name": "Everyday", "kind": "checking", "currency": "INR" });
    let account = api.post("/api/v1/accounts", &token, &account).await.body;
    let account = account["id"].as_str().unwrap();
    let path = format!("/api/v1/transactions/import?account_id={account}");
    let imported = api
        .request(Method::POST, &path, &token)
        .header("Content-Type", "text/csv")
        .body(statement(size.movements));
    let imported = api.try_send(imported).await.unwrap();
    assert_eq!(imported.body["imported"], size.movements, "{}", imported.body);
    let request = json!({ "type": "postgresql", "connection": database.address(), "currency": "INR", "account_id": account });
    let made = api.post(SYNCS, &token, &request).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let sync = made.body["id"].as_str().unwrap().to_owned();
    let place = begin(&api, &token, &sync).await;

    // Twice while rows come in, then the other database, and once while transactions go out.
    for third in 1..=2 {
        read_until(&api, &place, &token, |run| {
            run["posted"].as_u64().unwrap() >= size.rows * third / 3
        })
        .await;
        (monolith, api, token) = killed(monolith, &home).await;
        if third == 2 {
            database.kill();
            database.start_again().unwrap();
        }
    }
    read_until(&api, &place, &token, |run| run["written"].as_u64().unwrap() > 0).await;
    (monolith, api, token) = killed(monolith, &home).await;
    let run = read_until(&api, &place, &token, is_over).await;
    assert_eq!(
        (&run["state"], &run["problems"]),
        (&json!("done"), &json!([])),
        "{run}"
    );

    let all = size.rows + size.movements;
    let owner = database.client().await;
    let sums = "SELECT count(*), count(wealthos_id), count(DISTINCT wealthos_id),
                    (sum(amount) FILTER (WHERE type = 'income'))::text, (sum(amount) FILTER (WHERE type = 'expense'))::text
                FROM transactions";
    let row = owner.query_one(sums, &[]).await.unwrap();
    let counts: [i64; 3] = [row.get(0), row.get(1), row.get(2)];
    let movements = i64::try_from(size.movements).unwrap();
    assert_eq!(counts, [i64::try_from(all).unwrap(), movements, movements]);
    let report = api.get("/api/v1/financial-report", &token).await.body;
    assert_eq!(report["transactions"], all, "{report}");
    let sums: [String; 2] = [row.get(3), row.get(4)];
    assert_eq!(
        [
            report["total_income"].to_string(),
            report["total_expenses"].to_string()
        ],
        sums
    );
    // There is nothing left to do.
    let again = begin(&api, &token, &sync).await;
    let again = read_until(&api, &again, &token, is_over).await;
    assert_eq!(
        (&again["state"], &again["posted"], &again["written"]),
        (&json!("done"), &json!(0), &json!(0)),
        "{again}"
    );
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_killed_goes_on_where_it_ended_on_sqlite() {
    let size = Size {
        rows: 2_400,
        movements: 900,
    };
    a_killed_sync_goes_on(Home::sqlite(), size).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_killed_goes_on_where_it_ended_on_mongodb() {
    let size = Size {
        rows: 600,
        movements: 400,
    };
    a_killed_sync_goes_on(Home::mongodb(), size).await;
}

/// What becomes of a run with this address, by a server that trusts these certificates.
async fn ran_over_tls(environment: &[(&str, &str)], connection: String) -> Value {
    let home = Home::sqlite();
    let monolith = home.start_with(environment).await;
    let api = monolith.remote();
    let (token, _) = api.newcomer("priya@example.com", "client").await;
    let request = json!({ "type": "postgresql", "connection": connection });
    let made = api.post(SYNCS, &token, &request).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let place = begin(&api, &token, made.body["id"].as_str().unwrap()).await;
    let run = read_until(&api, &place, &token, |run| {
        is_over(run) || !run["failure"].is_null()
    })
    .await;
    monolith.kill().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_checked_where_the_address_says_so() {
    let database = Database::start().await;
    let owner = database.client().await;
    owner.batch_execute(&books(3)).await.unwrap();
    let certificate = database.certificate();
    let trusting = [("SSL_CERT_FILE", certificate.to_str().unwrap())];
    let with = |host: &str, mode: &str| format!("{}?sslmode={mode}", database.address_at(host));
    let run = ran_over_tls(&trusting, with("localhost", "verify-full")).await;
    assert_eq!(
        (&run["state"], &run["posted"]),
        (&json!("done"), &json!(3)),
        "{run}"
    );
    // Another name than the certificate's, and a certificate that nobody trusts.
    for (environment, host) in [(&trusting[..], "127.0.0.1"), (&[], "localhost")] {
        let run = ran_over_tls(environment, with(host, "verify-full")).await;
        let failure = run["failure"].as_str().unwrap_or_default();
        assert!(
            failure.contains("certificate") && run["posted"] == 0,
            "{host}: {run}"
        );
    }
    let run = ran_over_tls(&[], with("127.0.0.1", "require")).await;
    assert_eq!(run["state"], "done", "{run}");
}

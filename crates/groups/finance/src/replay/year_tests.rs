//! How long reading takes after a year of very many postings, and by which indexes.

use super::tests::{BOOK, Ledger, SCOPE, USER};
use crate::{
    accounts::{AccountKind, AccountRecord},
    balances::{BookChange, DayTotal, MonthTotal},
    journal::{Entry, LedgerAccount},
    transactions::TransactionRecord,
};
use advisory_contract::BookStub;
use auth_contract::UsersStub;
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Currency, Money, Role, TenantId, UserPrincipal};
use rust_decimal::Decimal;
use std::time::{Duration, Instant};
use store::{Document, Key, Query, Sort, Stored};
use uuid::Uuid;

/// How often each path is asked.
const ASKED: usize = 15;

/// The longest that an answer may take in the middle of its repetitions, where very many postings were asked for: in a
/// build for tests, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_millis(400);

/// `LEDGER_POSTINGS=1000000` makes more of them, which takes minutes.
fn asked_for() -> Option<usize> {
    std::env::var("LEDGER_POSTINGS").ok()?.parse().ok()
}

async fn accounts(ledger: &Ledger) -> [Stored<AccountRecord>; 2] {
    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    let accounts = [7, 8].map(|number| {
        let record = AccountRecord {
            user_id: USER,
            client_id: None,
            advisor_id: None,
            name: format!("Account {number}"),
            kind: AccountKind::Checking,
            currency: Currency::INR,
        };
        batch.insert(Uuid::from_u128(number), record)
    });
    ledger.store.commit(batch).await.unwrap();
    accounts
}

/// A year of so many postings in 4 categories, each 20th a transfer, 500 in a commit as an import posts them; folded.
async fn a_year(postings: usize) -> (Ledger, [Stored<AccountRecord>; 2]) {
    let ledger = Ledger::new().await;
    let [main, other] = accounts(&ledger).await;
    let cx = ledger.harness.system("finance");
    let first: NaiveDate = "2025-01-01".parse().unwrap();
    let amount = Money::new(Decimal::new(125, 2), Currency::INR).unwrap();
    for start in (0..postings).step_by(500) {
        let mut batch = ledger.store.batch(&cx);
        let mut page = ledger.journal.page(TenantId::DEFAULT, USER).await.unwrap();
        for number in start..(start + 500).min(postings) {
            let category = ["food", "rent", "travel", "fun"][number % 4];
            let day = first + chrono::Days::new((number * 365 / postings) as u64);
            let entry = match number % 20 {
                0 => Entry::transfer(&main, amount, &other, amount, day),
                _ => Entry::on_account(&main, TransactionKind::Expense, amount, category, day),
            };
            // Ids are in the order of time, as they are where time passes.
            ledger.harness.clock.advance(chrono::TimeDelta::milliseconds(1));
            let id = ledger.harness.sources.ids().next();
            page.post(&cx, &mut batch, id, entry.unwrap()).unwrap();
        }
        page.finish(&cx, &mut batch);
        ledger.store.commit(batch).await.unwrap();
    }
    ledger.fold().await;
    (ledger, [main, other])
}

/// The group over this store, behind the real shell, and a token of the book's owner.
fn served(ledger: &Ledger) -> (testkit::TestServer, String) {
    let harness = &ledger.harness;
    let group = crate::build(crate::FinanceNeeds {
        store: ledger.store.clone(),
        sources: harness.sources.clone(),
        tasks: harness.tasks.clone(),
        users: UsersStub::default().into_client(&harness.seam()),
        book: BookStub::default().into_client(&harness.seam()),
        currency: Currency::INR,
        timezone: chrono_tz::Asia::Kolkata,
        events_interval: Duration::from_secs(30),
        metrics: harness.registry.with(crate::LedgerMetrics::register),
        inventory_metrics: harness.registry.with(crate::InventoryMetrics::register),
    });
    let login = harness.log_in_as(UserPrincipal {
        user: USER,
        ..harness.log_in(Role::Client).principal
    });
    (harness.serve(vec![group.mount]), login.token)
}

/// The middle of how long a path takes to answer.
async fn asked(server: &testkit::TestServer, token: &str, path: &str) -> Duration {
    let mut took = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let began = Instant::now();
        let reply = server.get(path, token).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took[ASKED / 2]
}

#[tokio::test]
async fn what_is_read_does_not_grow_with_what_was_posted() {
    let postings = asked_for().unwrap_or(3_000);
    let began = Instant::now();
    let (ledger, [main, other]) = a_year(postings).await;
    println!("posting a year of {postings} took {:?}", began.elapsed());
    let (server, token) = served(&ledger);
    let (list, v1) = ("/api/v1/transactions", "/api/v1");
    for path in [
        format!("{v1}/accounts/{USER}/{}", main.id),
        format!("{v1}/financial-report"),
        format!("{v1}/financial-report?from=2025-02-14&to=2025-11-14"),
        format!("{v1}/financial-report?account_id={}", other.id),
        format!("{v1}/ledger/statements/trial-balance"),
        format!("{v1}/ledger/statements/trial-balance?as_of=2025-07-14"),
        format!("{v1}/ledger/statements/balance-sheet?as_of=2025-07-14"),
        format!("{v1}/ledger/statements/profit-and-loss?from=2025-02-14&to=2025-11-14"),
        format!("{v1}/ledger/statements/cash-flow?from=2025-02-14&to=2025-11-14"),
        format!("{v1}/ledger/accounts?as_of=2025-07-14"),
        format!("{v1}/financial-report/series/net-worth?from=2025-01-01&to=2025-12-31"),
        format!("{v1}/financial-report/series/cash-flow?from=2025-01-01&to=2025-12-31&interval=day"),
        format!("{list}?limit=200"),
        format!("{list}?account_id={}&limit=200", main.id),
        format!("{list}?account_id={}&limit=200&sort=-amount", main.id),
        format!("{list}?account_id={}&type=transfer&limit=200", other.id),
        format!(
            "{list}?account_id={}&category=food&from=2025-07-01&to=2025-07-31",
            main.id
        ),
        format!("{list}?account_id={}&count=true", main.id),
    ] {
        let took = asked(&server, &token, &path).await;
        println!("{:>9.1?} {path}", took);
        assert!(asked_for().is_none() || took < PATIENCE, "{path} took {took:?}");
    }
    // What is read grows with months, categories and days, not with postings.
    let months = ["2025-03-01".parse().unwrap(), "2025-11-01".parse().unwrap()];
    let flows = ledger
        .balances
        .flows(BOOK, "2025-11-14".parse().ok(), &months)
        .await
        .unwrap();
    assert!(flows.len() <= 11 * 5 + 2 * 31 * 5, "{}", flows.len());
    let now = ledger.balances.now(BOOK).await.unwrap();
    let balance = |account: &Stored<AccountRecord>| now.of(&LedgerAccount::Money(account.id), Currency::INR);
    let transferred = Decimal::from(postings.div_ceil(20)) * Decimal::new(125, 2);
    assert_eq!(balance(&other), transferred);
    assert_eq!(balance(&main), Decimal::from(postings) * Decimal::new(-125, 2));
}

/// How SQLite runs the statements of a query.
fn plan<T: Document>(file: &rusqlite::Connection, query: &Query) -> Vec<String> {
    let mut steps = Vec::new();
    for statement in store::page_statements::<T>(&SCOPE, query).unwrap() {
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        // What is bound decides nothing: the index is named.
        let rows = plan.raw_query().mapped(|row| row.get::<_, String>("detail"));
        steps.extend(rows.map(Result::unwrap));
    }
    steps
}

#[tokio::test]
async fn every_path_is_served_by_an_index() {
    const ON_ACCOUNT: &str = "account_id|to_account_id|also_on";
    let ledger = Ledger::new().await;
    let path = ledger.harness.directory().join("finance.sqlite3");
    let file = rusqlite::Connection::open(path).unwrap();
    let day = |text: &str| Some(Key::from(text.parse::<NaiveDate>().unwrap()));
    let of_book = |sort: &str| Query::sorted(Sort::ascending(sort)).equals("book", USER.0);
    let on_account = |sort: &str| Query::sorted(Sort::parse(sort)).equals(ON_ACCOUNT, Uuid::nil());
    let days = (day("2025-02-01"), day("2025-03-01"));
    let mut steps = vec![
        plan::<BookChange>(&file, &of_book("id")),
        plan::<MonthTotal>(&file, &of_book("date").between(None, days.1.clone())),
        plan::<DayTotal>(&file, &of_book("date").between(days.0.clone(), days.1.clone())),
        plan::<TransactionRecord>(
            &file,
            &on_account("-date").between(days.0.clone(), days.1.clone()),
        ),
        plan::<TransactionRecord>(&file, &on_account("-date").equals("type", "transfer")),
        plan::<TransactionRecord>(&file, &on_account("date").equals("category", "food")),
        plan::<TransactionRecord>(
            &file,
            &Query::sorted(Sort::parse("-date")).between(days.0, days.1),
        ),
    ];
    for sort in ["date", "-created_at", "amount", "-amount"] {
        steps.push(plan::<TransactionRecord>(&file, &on_account(sort)));
        steps.push(plan::<TransactionRecord>(
            &file,
            &Query::sorted(Sort::parse(sort)),
        ));
    }
    for steps in steps {
        assert!(!steps.is_empty());
        for step in &steps {
            let indexed = step.contains("USING INDEX")
                || step.contains("USING COVERING INDEX")
                || step.contains("USING PRIMARY KEY");
            assert!(step.starts_with("SEARCH") && indexed, "{steps:?}");
        }
    }
}

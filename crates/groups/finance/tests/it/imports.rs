use crate::setting::{Setting, id};
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use testkit::{Login, Reply};

/// A year of a checking account: 200 rows in the order of dates, which end with 624.39.
pub(crate) const STATEMENT: &str = include_str!("../fixtures/checking-2024-2025-usd.csv");

const HEADER: &str = "Date,Description,Amount\n";

/// `rows`, `imported`, `duplicates`, `skipped`.
fn counts(reply: &Reply) -> [u64; 4] {
    assert_eq!(reply.status, 200, "{}", reply.text);
    ["rows", "imported", "duplicates", "skipped"].map(|field| reply[field].as_u64().unwrap())
}

/// The header and these rows.
fn file<Row: AsRef<str>>(header: &str, rows: &[Row]) -> Vec<u8> {
    let rows: String = rows
        .iter()
        .map(|row| format!("{}\n", row.as_ref().trim()))
        .collect();
    format!("{}\n{rows}", header.trim()).into_bytes()
}

#[tokio::test]
async fn a_dry_run_tells_everything_and_writes_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let dry = setting
        .import(&setting.user, &account, "&dry_run=true", STATEMENT.as_bytes())
        .await;
    assert_eq!(counts(&dry), [200, 200, 0, 0]);
    assert_eq!(dry["totals"]["net"].to_string(), "624.39");
    assert_eq!(dry["errors"], json!([]));
    let wrong = format!("{HEADER}2026-01-05,Coffee,-3.50\n05/01/2026,Tea,x\n");
    let told = setting
        .import(&setting.user, &account, "&dry_run=true", wrong.as_bytes())
        .await;
    assert_eq!(counts(&told)[..2], [2, 1]);
    assert_eq!(told["errors"][0]["row"], 2, "{}", told.text);
    assert_eq!(setting.count(&setting.user, &account).await, 0);
    assert_eq!(setting.balance(&setting.user, &account).await, "0.00");
}

#[tokio::test]
async fn a_statement_that_is_sent_twice_is_there_once() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "USD").await;
    let first = setting
        .import(&setting.client, &account, "", STATEMENT.as_bytes())
        .await;
    assert_eq!(counts(&first), [200, 200, 0, 0]);
    assert_eq!(setting.balance(&setting.client, &account).await, "624.39");
    // The advisor has the same file, written by another program.
    let respelt = STATEMENT
        .replace('\n', "\r\n")
        .replace("Hoogle Payroll", "HOOGLE  payroll ");
    let respelt = format!("\u{feff}{respelt}");
    for login in [&setting.client, &setting.advisor] {
        let again = setting.import(login, &account, "", respelt.as_bytes()).await;
        assert_eq!(counts(&again), [200, 0, 200, 0]);
    }
    assert_eq!(setting.count(&setting.client, &account).await, 200);
    assert_eq!(setting.balance(&setting.client, &account).await, "624.39");
    let elsewhere = setting.account(&setting.client, "USD").await;
    let other = setting
        .import(&setting.client, &elsewhere, "", STATEMENT.as_bytes())
        .await;
    assert_eq!(counts(&other), [200, 200, 0, 0]);
}

#[tokio::test]
async fn parts_that_overlap_add_only_what_is_new() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let lines: Vec<&str> = STATEMENT.lines().collect();
    let (header, rows) = lines.split_first().unwrap();
    for (part, new) in [(50..150, 100), (0..80, 50), (0..200, 50), (120..200, 0)] {
        let part = file(header, &rows[part]);
        let imported = setting.import(&setting.user, &account, "", &part).await;
        assert_eq!(counts(&imported)[1], new);
    }
    assert_eq!(setting.count(&setting.user, &account).await, 200);
    assert_eq!(setting.balance(&setting.user, &account).await, "624.39");
}

#[tokio::test]
async fn a_later_statement_may_restate_its_opening_balance() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let first = "Date,Description,Amount\n2026-01-01,Opening Balance,100.00\n2026-01-05,Coffee,-3.50\n";
    let second = "Date,Description,Amount\n2026-01-05,Opening Balance,100.00\n2026-01-05,Coffee,-3.50\n2026-01-06,Tea,-2.00\n";
    let read = async |file: &str| counts(&setting.import(&setting.user, &account, "", file.as_bytes()).await);
    assert_eq!(read(first).await, [2, 2, 0, 0]);
    assert_eq!(read(second).await, [3, 1, 1, 1]);
    assert_eq!(read(second).await, [3, 0, 2, 1]);
    assert_eq!(read(first).await, [2, 0, 2, 0]);
    assert_eq!(setting.balance(&setting.user, &account).await, "94.50");
}

#[tokio::test]
async fn the_same_file_sent_at_the_same_moment_is_there_once() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let sent = (0..4).map(|_| setting.import(&setting.user, &account, "", STATEMENT.as_bytes()));
    let imported: u64 = futures::future::join_all(sent)
        .await
        .iter()
        .map(|reply| counts(reply)[1])
        .sum();
    assert_eq!(imported, 200);
    assert_eq!(setting.balance(&setting.user, &account).await, "624.39");
}

#[tokio::test]
async fn two_equal_rows_stay_two_and_rows_of_nothing_are_skipped() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let coffee = "2026-01-05,Coffee,-3.50";
    let text = file(HEADER, &[coffee, coffee, "2026-01-05,Card check,0.00"]);
    for new in [2, 0] {
        let imported = setting.import(&setting.user, &account, "", &text).await;
        assert_eq!(counts(&imported), [3, new, 2 - new, 1]);
    }
    let third = file(HEADER, &[coffee, coffee, coffee]);
    let imported = setting.import(&setting.user, &account, "", &third).await;
    assert_eq!(counts(&imported), [3, 1, 2, 0]);
    assert_eq!(setting.balance(&setting.user, &account).await, "-10.50");
}

#[tokio::test]
async fn whoever_may_not_see_an_account_imports_nothing_into_it() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "USD").await;
    for stranger in [&setting.user, &setting.other_advisor] {
        let refused = setting.import(stranger, &account, "", STATEMENT.as_bytes()).await;
        refused.assert_error(404, "not_found");
    }
    assert_eq!(setting.count(&setting.client, &account).await, 0);
}

/// The day of a month, and the row as it stands in the file.
type DayAndRow = (u32, String);

/// A statement of few days with few different rows, so that equal ones are frequent, and spans of days that are cut
/// from it. Each span stands for the file that a bank exports for it.
fn statements() -> impl Strategy<Value = (Vec<DayAndRow>, Vec<(u32, u32)>)> {
    let row = (1_u32..=9, -3_i32..=3, 0_usize..3).prop_map(|(day, amount, what)| {
        let description = ["Coffee", "Rent", "Payroll"][what];
        (day, format!("2026-01-0{day},{description},{amount}.05"))
    });
    let rows = vec(row, 1..40).prop_map(|mut rows| {
        rows.sort_by_key(|(day, _)| *day);
        rows
    });
    (rows, vec((1_u32..=9, 0_u32..=8), 0..5))
}

async fn listed(setting: &Setting, login: &Login, account: &Value) -> Vec<String> {
    let path = format!("/api/v1/transactions?account_id={}&limit=200", id(account));
    let reply = setting.server.get(&path, &login.token).await;
    let mut rows: Vec<String> = reply
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            ["date", "type", "amount", "description"]
                .map(|field| row[field].to_string())
                .join(" ")
        })
        .collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn any_overlapping_parts_add_up_to_the_whole() {
    let setting = Setting::new().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..16 {
        let (rows, mut spans) = statements().new_tree(&mut runner).unwrap().current();
        let of_days = |from: u32, to: u32| -> Vec<u8> {
            let part: Vec<&str> = rows
                .iter()
                .filter(|(day, _)| (from..=to).contains(day))
                .map(|(_, row)| row.as_str())
                .collect();
            file(HEADER, &part)
        };
        // Whatever the spans left out comes in two parts that share a day.
        spans = spans
            .into_iter()
            .map(|(from, days)| (from, from + days))
            .collect();
        spans.extend([(4, 9), (1, 4)]);
        let whole = setting.account(&setting.user, "USD").await;
        let imported = setting.import(&setting.user, &whole, "", &of_days(1, 9)).await;
        assert_eq!(counts(&imported)[1], rows.len() as u64);
        let parts = setting.account(&setting.user, "USD").await;
        for (from, to) in &spans {
            let imported = setting
                .import(&setting.user, &parts, "", &of_days(*from, *to))
                .await;
            assert_eq!(imported.status, 200, "{}", imported.text);
        }
        assert_eq!(
            listed(&setting, &setting.user, &parts).await,
            listed(&setting, &setting.user, &whole).await,
            "{rows:?} in {spans:?}"
        );
        assert_eq!(
            setting.balance(&setting.user, &parts).await,
            setting.balance(&setting.user, &whole).await
        );
    }
}

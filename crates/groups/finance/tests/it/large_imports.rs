//! Statements that are posted in the background.

use crate::setting::Setting;
use serde_json::json;

/// So many rows over the days of 2025, coffees among them that are equal.
fn rows(count: usize) -> String {
    let mut file = "Date,Description,Amount\n".to_owned();
    for row in 0..count {
        let (month, day) = (1 + row * 12 / count, 1 + row * 12 * 28 / count % 28);
        match row % 5 {
            0 => file += &format!("2025-{month:02}-{day:02},Coffee,-3.50\n"),
            _ => file += &format!("2025-{month:02}-{day:02},Payment {row},10.25\n"),
        }
    }
    file
}

fn balance(count: usize) -> String {
    let coffees = count.div_ceil(5);
    let cents = (count - coffees) * 1025 - coffees * 350;
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[tokio::test]
async fn a_large_file_is_checked_at_once_and_posted_in_the_background() {
    const ROWS: usize = 6_000;
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "USD").await;
    let file = rows(ROWS);
    let wrong = format!("{file}2025-13-01,Tea,1\n");
    let refused = setting
        .import_as(&setting.client, &account, "text/csv", "", wrong)
        .await;
    let named = refused.assert_error(422, "validation_error").fields();
    assert_eq!(named, [format!("row {}", ROWS + 1)]);
    assert_eq!(setting.count(&setting.client, &account).await, 0);

    let dry = setting
        .import_as(
            &setting.client,
            &account,
            "text/csv",
            "&dry_run=true",
            file.clone(),
        )
        .await;
    let dry = setting.ended(&setting.client, &dry).await;
    assert_eq!((&dry["state"], &dry["imported"]), (&json!("done"), &json!(ROWS)));
    assert_eq!(setting.count(&setting.client, &account).await, 0);

    for imported in [ROWS, 0] {
        let accepted = setting
            .import_as(&setting.client, &account, "text/csv", "", file.clone())
            .await;
        let place = accepted.header("location").unwrap().to_owned();
        setting
            .server
            .get(&place, &setting.user.token)
            .await
            .assert_error(404, "not_found");
        let ended = setting.ended(&setting.client, &accepted).await;
        assert_eq!(ended["state"], "done", "{ended}");
        assert_eq!(
            (
                &ended["rows"],
                &ended["rows_read"],
                &ended["imported"],
                &ended["duplicates"]
            ),
            (
                &json!(ROWS),
                &json!(ROWS),
                &json!(imported),
                &json!(ROWS - imported)
            )
        );
        assert_eq!(setting.balance(&setting.client, &account).await, balance(ROWS));
    }
    let path = format!(
        "/api/v1/transactions/imports?account_id={}",
        crate::setting::id(&account)
    );
    let listed = setting.server.get(&path, &setting.advisor.token).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 3, "{}", listed.text);
    setting
        .server
        .get(&path, &setting.user.token)
        .await
        .assert_error(404, "not_found");
    let left = setting.store.feed(0, 1).await.unwrap();
    assert!(!left.is_empty());
}

#[tokio::test]
async fn overlapping_files_in_the_background_add_up_to_the_whole() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let file = rows(2_000);
    let (header, rows) = file.split_once('\n').unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    // Whole days: 2,000 rows over 336 days.
    let day = |line: &str| line.split(',').next().unwrap().to_owned();
    let part = |from: &str, to: &str| {
        let rows: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| (from.to_owned()..=to.to_owned()).contains(&day(line)))
            .collect();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let parts = [
        part("2025-03-01", "2025-09-20"),
        part("2025-01-01", "2025-04-10"),
        part("2025-08-01", "2025-12-31"),
        file.clone(),
    ];
    let sent = parts.iter().map(|part| {
        setting.import_as(
            &setting.user,
            &account,
            "text/csv",
            "&background=true",
            part.clone(),
        )
    });
    let accepted = futures::future::join_all(sent).await;
    let mut imported = 0;
    for reply in &accepted {
        let ended = setting.ended(&setting.user, reply).await;
        assert_eq!(ended["state"], "done", "{ended}");
        imported += ended["imported"].as_u64().unwrap();
    }
    assert_eq!(imported, 2_000);
    assert_eq!(setting.balance(&setting.user, &account).await, balance(2_000));
}

#[tokio::test]
async fn a_file_that_reaches_into_a_closed_period_posts_nothing_unless_that_is_known() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let known = "Date,Description,Amount\n2026-01-05,Tea,-1.00\n";
    let read = setting
        .import(&setting.user, &account, "", known.as_bytes())
        .await;
    assert_eq!(read["imported"], 1, "{}", read.text);
    let close = json!({ "through": "2026-01-31", "reason": "the year is over" });
    let closed = setting
        .server
        .post("/api/v1/ledger/periods/close", &setting.user.token, &close)
        .await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    // Newest first, as many banks write: what is open stands before what is closed.
    let reaching = "Date,Description,Amount\n2026-02-01,Pay,5\n2026-01-06,Rent,-2\n2026-01-05,Tea,-1.00\n";
    let refused = setting
        .import(&setting.user, &account, "", reaching.as_bytes())
        .await;
    refused.assert_error(409, "period_closed");
    let accepted = setting
        .import_as(&setting.user, &account, "text/csv", "&background=true", reaching)
        .await;
    let ended = setting.ended(&setting.user, &accepted).await;
    assert_eq!(ended["state"], "failed", "{ended}");
    assert!(ended["failure"].as_str().unwrap().contains("closed"), "{ended}");
    assert_eq!(setting.count(&setting.user, &account).await, 1);
    let overlapping = "Date,Description,Amount\n2026-02-01,Pay,5\n2026-01-05,Tea,-1.00\n";
    let read = setting
        .import(&setting.user, &account, "", overlapping.as_bytes())
        .await;
    assert_eq!(
        (&read["imported"], &read["duplicates"]),
        (&json!(1), &json!(1)),
        "{}",
        read.text
    );
}

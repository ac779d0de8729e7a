use crate::setting::{Setting, id};
use reqwest::{Method, header::CONTENT_TYPE};

#[tokio::test]
async fn what_is_no_statement_is_refused_and_nothing_is_written() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let long = format!(
        "Date,Description,Amount\n2026-01-04,Tea,-1\n2026-01-05,{},-1\n",
        "x".repeat(1_000_000)
    );
    let cases: Vec<(&str, &[u8], &str)> = vec![
        ("empty", b"", "file"),
        ("no column", b"Date,Amount\n2026-01-05,-1\n", "file"),
        (
            "a broken quote",
            b"Date,Description,Amount\n2026-01-05,\"Tea,-1\n",
            "file",
        ),
        ("NUL", b"Date,Description,Amount\n2026-01-05,T\0a,-1\n", "file"),
        (
            "no UTF-8",
            b"Date,Description,Amount\n2026-01-05,Caf\xe9,-1\n",
            "file",
        ),
        ("a very long line", long.as_bytes(), "row 2"),
        (
            "a wrong date",
            b"Date,Description,Amount\n2026-01-05,Tea,-1\n05/01/2026,Tea,-1\n",
            "row 2",
        ),
        (
            "a wrong amount",
            b"Date,Description,Amount\n2026-01-05,Tea,\"1,234\"\n2026-01-05,Tea,-1\n",
            "row 1",
        ),
        (
            "too fine an amount",
            b"Date,Description,Amount\n2026-01-05,Tea,-1.005\n",
            "row 1",
        ),
        (
            "a cell too few",
            b"Date,Description,Amount\n2026-01-05,Tea\n",
            "row 1",
        ),
        (
            "a formula",
            b"Date,Description,Amount\n2026-01-05,=1+1,-1\n",
            "row 1",
        ),
    ];
    for (what, file, field) in cases {
        let refused = setting.import(&setting.user, &account, "", file).await;
        let named = refused.assert_error(422, "validation_error").fields();
        assert_eq!(named, [field], "{what}: {}", refused.text);
        assert!(refused.text.len() < 2_000, "{what}: the answer repeats the file");
    }
    let good = "Date,Description,Amount\n2026-01-05,Tea,-1\n";
    let path = format!("/api/v1/transactions/import?account_id={}", id(&account));
    for wrong in ["application/json", "text/plain", "multipart/form-data"] {
        let request = setting
            .server
            .request(Method::POST, &path, Some(&setting.user.token));
        let refused = setting
            .server
            .send(request.header(CONTENT_TYPE, wrong).body(good))
            .await;
        assert_eq!(refused.status, 415, "{wrong}: {}", refused.text);
    }
    let refused = setting
        .import(&setting.user, &account, "&dry_run=perhaps", good.as_bytes())
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(setting.count(&setting.user, &account).await, 0);
    assert_eq!(setting.balance(&setting.user, &account).await, "0.00");
}

#[tokio::test]
async fn every_wrong_row_is_named() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let file = "Date,Description,Amount\n2026-01-05,Tea,-1\nx,Tea,y\n2026-01-06,Tea,-1.001\n";
    let refused = setting.import(&setting.user, &account, "", file.as_bytes()).await;
    let named = refused.assert_error(422, "validation_error").fields();
    assert_eq!(named, ["row 2", "row 2", "row 3"], "{}", refused.text);
    assert_eq!(setting.count(&setting.user, &account).await, 0);
}

//! What somebody may do who has not confirmed their e-mail, where that is limited. The mail lies in files.

use crate::served::{Served, access};
use reqwest::Method;
use runtime::settings::Unverified;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

/// The code in the only mail there is.
async fn mailed_code(served: &Served) -> String {
    let directory = served.directory.path().join("mail");
    let file = testkit::eventually("a mail is written", || async {
        let files = fs::read_dir(&directory).ok()?;
        let mut files = files.filter_map(|file| Some(file.ok()?.path()));
        files.find(|path| path.extension().is_some_and(|end| end == "eml"))
    })
    .await;
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "codes are nobody else's");
    let text = fs::read_to_string(file).unwrap();
    let is_code = |line: &&str| line.len() == 43 && !line.contains(' ');
    text.lines().map(str::trim).find(is_code).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_user_reads_and_keeps_their_account_and_changes_nothing_else() {
    let served = Served::with(|settings| settings.auth.unverified = Some(Unverified::Limited)).await;
    let login = served.newcomer("asha@example.com", "advisor").await;
    let token = access(&login);
    for path in [
        "/api/v1/clients",
        "/api/v1/transactions",
        "/api/auth/me",
        "/api/auth/sessions",
    ] {
        assert_eq!(served.get(path, token).await.status, 200, "{path}");
    }
    let client = json!({ "client_name": "Priya" });
    let refused = served.post("/api/v1/clients", token, &client).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(refused.text.contains("advisory.write"), "{}", refused.text);
    let invitation = json!({ "email": "x@example.com", "name": "X", "role": "client" });
    let refused = served.post("/api/auth/invitations", token, &invitation).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let rename = served.request(Method::PATCH, "/api/auth/me", token);
    let renamed = served.send(rename.json(&json!({ "name": "Asha" }))).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);

    let code = mailed_code(&served).await;
    let verified = served
        .post("/api/auth/email/verify", "", &json!({ "token": code }))
        .await;
    assert_eq!(verified.status, 204, "{}", verified.text);
    let body = json!({ "refresh_token": login["refresh_token"] });
    let fresh = served.post("/api/auth/refresh", "", &body).await;
    let made = served.post("/api/v1/clients", access(&fresh.body), &client).await;
    assert_eq!(made.status, 201, "{}", made.text);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_development_nobody_is_held_up() {
    let served = Served::new().await;
    let login = served.newcomer("asha@example.com", "advisor").await;
    let client = json!({ "client_name": "Priya" });
    let made = served.post("/api/v1/clients", access(&login), &client).await;
    assert_eq!(made.status, 201, "{}", made.text);
    served.stop().await;
}

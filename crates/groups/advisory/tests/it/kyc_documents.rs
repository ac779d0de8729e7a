use crate::setting::Setting;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use testkit::{Login, Reply};

const PDF: &[u8] = b"%PDF-1.7\nwho the client is\n";

async fn send(setting: &Setting, login: &Login, path: &str, media_type: &str, file: Vec<u8>) -> Reply {
    let request = setting.server.request(Method::POST, path, Some(&login.token));
    setting
        .server
        .send(request.header(CONTENT_TYPE, media_type).body(file))
        .await
}

fn place(client: &Value) -> String {
    format!(
        "/api/v1/compliance/kyc/{}/documents",
        client["id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn a_paper_is_kept_listed_read_and_taken_away() {
    let setting = Setting::new().await;
    let (server, advisor) = (&setting.server, &setting.advisor);
    let client = setting.client("Priya").await;
    let path = place(&client);
    let made = send(
        &setting,
        advisor,
        &format!("{path}?name=Passport.pdf&kind=passport"),
        "application/pdf",
        PDF.to_vec(),
    )
    .await;
    assert_eq!(
        (made.status, &made["bytes"]),
        (201, &json!(PDF.len())),
        "{}",
        made.text
    );
    let listed = server.get(&path, &advisor.token).await;
    assert_eq!(listed.body, json!([made.body]));
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let content = format!("{one}/content");
    for login in [advisor, &setting.admin] {
        let read = server.get(&content, &login.token).await;
        assert_eq!((read.status, read.text.as_bytes()), (200, PDF));
        assert_eq!(read.header("content-type"), Some("application/pdf"));
        assert_eq!(
            read.header("content-disposition"),
            Some("attachment; filename=\"Passport.pdf\"")
        );
    }
    // Nobody else's.
    let other = &setting.other_advisor;
    server
        .get(&path, &other.token)
        .await
        .assert_error(404, "not_found");
    server
        .get(&content, &other.token)
        .await
        .assert_error(404, "not_found");
    let request = server.request(Method::DELETE, &one, Some(&other.token));
    server.send(request).await.assert_error(404, "not_found");
    let query = format!("{path}?name=x&kind=other");
    send(&setting, other, &query, "application/pdf", PDF.to_vec())
        .await
        .assert_error(404, "not_found");
    // A paper of one client is not found under another one.
    let second = setting.client("Arun").await;
    let elsewhere = format!("{}/{}/content", place(&second), made["id"].as_str().unwrap());
    server
        .get(&elsewhere, &advisor.token)
        .await
        .assert_error(404, "not_found");
    let request = server.request(Method::DELETE, &one, Some(&advisor.token));
    assert_eq!(server.send(request).await.status, 204);
    server
        .get(&content, &advisor.token)
        .await
        .assert_error(404, "not_found");
    assert_eq!(server.get(&path, &advisor.token).await.body, json!([]));
}

#[tokio::test]
async fn what_is_no_paper_leaves_nothing() {
    let setting = Setting::new().await;
    let advisor = &setting.advisor;
    let client = setting.client("Priya").await;
    let path = place(&client);
    let named = format!("{path}?name=x&kind=other");
    for (query, media_type, file, status) in [
        (named.clone(), "text/html", PDF.to_vec(), 415),
        (named.clone(), "image/png", PDF.to_vec(), 422),
        (named.clone(), "application/pdf", Vec::new(), 422),
        (format!("{path}?kind=other"), "application/pdf", PDF.to_vec(), 422),
        (
            format!("{path}?name=x&kind=secret"),
            "application/pdf",
            PDF.to_vec(),
            422,
        ),
        (
            named.clone(),
            "application/pdf",
            [PDF, &vec![b'x'; 11 * 1024 * 1024]].concat(),
            413,
        ),
    ] {
        let refused = send(&setting, advisor, &query, media_type, file).await;
        assert_eq!(refused.status, status, "{query} {media_type}: {}", refused.text);
    }
    assert_eq!(setting.server.get(&path, &advisor.token).await.body, json!([]));
}

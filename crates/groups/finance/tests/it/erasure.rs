//! What goes when a user is erased.

use crate::setting::{Setting, id};
use kernel::UserId;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use testkit::{Harness, Login};

/// A receipt on a transaction of this user; answers where it can be read.
async fn receipt(setting: &Setting, login: &Login) -> String {
    let account = setting.account(login, "INR").await;
    let body =
        json!({ "type": "expense", "amount": 50, "account_id": id(&account), "description": "Doctor" });
    let posted = setting.post(login, &body).await;
    let place = format!("/api/v1/transactions/{}/attachments", id(&posted["data"]));
    let path = format!("{place}/files?name=receipt.txt");
    let request = setting.server.request(Method::POST, &path, Some(&login.token));
    let file = "A receipt of the doctor. ".repeat(20_000);
    let made = setting
        .server
        .send(request.header(CONTENT_TYPE, "text/plain").body(file))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    format!("{place}/{}/content", id(&made.body))
}

/// How many documents of a collection there are, by what encrypting it anew looks at.
async fn chunks(setting: &Setting) -> u64 {
    let chunks = setting
        .store
        .reencrypt(&setting.harness.system("finance"))
        .await
        .unwrap();
    let found = chunks.iter().find(|of| of.collection == "blob_chunks");
    found.map_or(0, |of| of.documents)
}

pub(crate) async fn receipts_of_an_erased_user_are_gone(harness: Harness) {
    let setting = Setting::on(harness).await;
    let (erased, kept) = (
        receipt(&setting, &setting.user).await,
        receipt(&setting, &setting.client).await,
    );
    assert_eq!(chunks(&setting).await, 4);
    let cx = setting.harness.system("finance");
    let user: UserId = setting.user.user();
    assert!(setting.store.erase_user(&cx, user).await.unwrap() > 0);
    assert_eq!(chunks(&setting).await, 2);
    let gone = setting.server.get(&erased, &setting.user.token).await;
    gone.assert_error(404, "not_found");
    let list = erased.rsplit_once("/attachments").unwrap().0;
    let left = setting
        .server
        .get(&format!("{list}/attachments"), &setting.user.token)
        .await;
    assert_eq!(left.body, json!([]));
    // Figures stay, and so does what is somebody else's.
    let transaction = setting.server.get(list, &setting.user.token).await;
    assert_eq!(
        (
            &transaction["amount"].to_string()[..],
            &transaction["description"]
        ),
        ("50.00", &json!(null))
    );
    let read = setting.server.get(&kept, &setting.client.token).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.text.len(), 500_000);
}

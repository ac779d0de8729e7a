use crate::{inventory::ITEMS, setting::Setting};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use testkit::Login;

#[tokio::test]
async fn items_go_out_as_csv_and_come_back() {
    let setting = Setting::new().await;
    let send = async |login: &Login, more: &str, file: &str| {
        let path = format!("{ITEMS}/import{more}");
        let request = setting.server.request(Method::POST, &path, Some(&login.token));
        setting
            .server
            .send(request.header(CONTENT_TYPE, "text/csv").body(file.to_owned()))
            .await
    };
    let file = "sku,name,unit,valuation,reorder_point\nA-1,Apples,kg,lifo,20\nB-2,'=SUM(A1),,,\n";
    let dry = send(&setting.user, "?dry_run=true", file).await;
    assert_eq!((dry.status, &dry["imported"]), (200, &json!(2)), "{}", dry.text);
    assert_eq!(
        setting.server.get(ITEMS, &setting.user.token).await.body,
        json!([])
    );
    for (imported, duplicates) in [(2, 0), (0, 2)] {
        let done = send(&setting.user, "", file).await;
        assert_eq!(
            (&done["imported"], &done["duplicates"]),
            (&json!(imported), &json!(duplicates)),
            "{}",
            done.text
        );
    }
    let listed = setting.server.get(ITEMS, &setting.user.token).await;
    assert_eq!(
        (&listed.body[0]["valuation"], &listed.body[1]["name"]),
        (&json!("lifo"), &json!("=SUM(A1)"))
    );
    let out = setting
        .server
        .get(&format!("{ITEMS}/export"), &setting.user.token)
        .await;
    assert!(out.text.contains("'=SUM(A1)"), "{}", out.text);
    let back = send(&setting.client, "", &out.text).await;
    assert_eq!(back["imported"], 2, "{}", back.text);
    let wrong = send(
        &setting.user,
        "",
        "sku,name,reorder_point\nC,,1\nD,Dates,many\nE,Eggs,1,2\n",
    )
    .await;
    wrong.assert_error(422, "validation_error");
    assert_eq!(wrong.fields(), ["row 1", "row 2", "row 3"]);
    assert_eq!(send(&setting.user, "", "a,b\n").await.fields(), ["file"]);
}

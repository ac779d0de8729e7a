use crate::setting::Setting;
use reqwest::Method;
use serde_json::json;
use testkit::Reply;

async fn import(setting: &Setting, query: &str, text: impl Into<String>) -> Reply {
    let place = format!("/api/v1/clients/import{query}");
    let request = setting
        .server
        .request(Method::POST, &place, Some(&setting.advisor.token));
    let request = request.header("content-type", "text/csv").body(text.into());
    setting.server.send(request).await
}

#[tokio::test]
async fn what_is_exported_is_imported_and_a_second_time_adds_nothing() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let file = "client_name,email,risk_profile,total_assets,tags\n\
                Priya,priya@example.com,Aggressive,100.50,nri; tax\n'=cmd,,,,\n";
    let rehearsed = import(&setting, "?dry_run=true", file).await;
    assert_eq!(
        (rehearsed.status, &rehearsed["created"]),
        (200, &json!(2)),
        "{}",
        rehearsed.text
    );
    assert_eq!(server.get("/api/v1/clients", token).await.body, json!([]));
    let done = import(&setting, "", file).await;
    assert_eq!(
        (&done["created"], &done["skipped"]),
        (&json!(2), &json!(0)),
        "{}",
        done.text
    );
    let again = import(&setting, "", file).await;
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &json!(2)));
    let clients = server.get("/api/v1/clients", token).await;
    assert_eq!(clients.body[0]["client_name"], "=cmd");
    assert_eq!(clients.body[1]["tags"], json!(["nri", "tax"]));
    let exported = server.get("/api/v1/clients/export", token).await;
    assert!(exported.text.contains("\n'=cmd,"), "{}", exported.text);
    let back = import(&setting, "", exported.text.clone()).await;
    assert_eq!(
        (&back["created"], &back["skipped"]),
        (&json!(0), &json!(2)),
        "{}",
        back.text
    );
    let foreign = server
        .get("/api/v1/clients/export", &setting.other_advisor.token)
        .await;
    assert_eq!(foreign.text.lines().count(), 1);
}

#[tokio::test]
async fn one_wrong_row_refuses_the_file_and_a_rehearsal_tells_all() {
    let setting = Setting::new().await;
    let file = "client_name,email,total_assets\nPriya,nobody,1\n,x@example.com,-5\nArun,,NaN\nArun,,1\n";
    let told = import(&setting, "?dry_run=true", file).await;
    let errors: Vec<(u64, &str)> = told["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["row"].as_u64().unwrap(), error["field"].as_str().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [(1, "email"), (2, "client_name"), (3, "total_assets")],
        "{}",
        told.text
    );
    let refused = import(&setting, "", file).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["row 1", "row 2", "row 3"]
    );
    for broken in [
        "",
        "email\nx@example.com\n",
        "client_name,client_name\na,b\n",
        "client_name,colour\na,red\n",
        "client_name\n\"open\n",
        "client_name\na\u{0}b\n",
    ] {
        let refused = import(&setting, "", broken).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            ["file"],
            "{broken:?}"
        );
    }
    let clients = setting
        .server
        .get("/api/v1/clients", &setting.advisor.token)
        .await;
    assert_eq!(clients.body, json!([]));
}

//! The first day of a new installation as its people live it, against a real process: from the set-up link to a lost phone.

use crate::process::{Home, Remote, Reply, run};
use serde_json::{Value, json};
use std::{path::Path, time::SystemTime};
use testkit::Authenticator;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const BOSS: &str = "boss@example.com";
const ASHA: &str = "asha@example.com";
const PASSWORD: &str = "a long enough password";

/// A process that nobody has set up, the address at which it is, and the link that it printed.
async fn fresh(home: &Home) -> (Child, Remote, String) {
    let mut command = home.command("monolith");
    command.args(["--port", "0"]).env("METRICS_PORT", "0");
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut address = String::new();
    loop {
        let line = lines.next_line().await.unwrap().expect("the monolith ended");
        if let Some(found) = line.trim().strip_prefix("address") {
            address = found.trim().to_owned();
        }
        if let Some(link) = line.trim().strip_prefix("set up") {
            let link = link.trim().to_owned();
            // What comes on standard output later is nobody's business, and must not stop the process.
            tokio::spawn(async move { while lines.next_line().await.is_ok_and(|line| line.is_some()) {} });
            return (child, Remote::at(&address), link);
        }
    }
}

fn text(reply: &Reply, field: &str) -> String {
    let found = reply.body[field].as_str();
    found
        .unwrap_or_else(|| panic!("no {field}: {}", reply.body))
        .to_owned()
}

fn assert_told(reply: &Reply, status: u16, hint: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    let message = reply.body["message"].as_str().unwrap_or_default();
    assert!(message.contains(hint), "{hint:?} is not told: {}", reply.body);
}

async fn post(api: &Remote, path: &str, token: &str, body: Value, status: u16) -> Reply {
    let reply = api.post(path, token, &body).await;
    assert_eq!(reply.status, status, "{path}: {}", reply.body);
    reply
}

async fn log_in(api: &Remote, email: &str) -> Reply {
    api.post(
        "/api/auth/login",
        "",
        &json!({ "email": email, "password": PASSWORD }),
    )
    .await
}

/// What the handbook says to type to get at the code in the newest mail.
async fn code_as_documented(home: &Home) -> String {
    let handbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating.md");
    let handbook = std::fs::read_to_string(handbook).unwrap();
    let line = handbook.lines().find(|line| line.starts_with("CODE=")).unwrap();
    testkit::eventually("the code is in the newest mail", || async {
        let mut shell = Command::new("bash");
        shell
            .current_dir(home.place())
            .arg("-c")
            .arg(format!("{line}\necho \"$CODE\""));
        let (_, code, _) = run(shell).await;
        Some(code.trim().to_owned()).filter(|code| !code.is_empty())
    })
    .await
}

#[tokio::test]
async fn the_first_day_of_an_installation_goes_as_the_handbook_tells_it() {
    let home = Home::sqlite();
    let (mut child, api, link) = fresh(&home).await;

    let (path, token) = link.split_once("?token=").unwrap();
    let path = path
        .split_once("/api")
        .map(|(_, rest)| format!("/api{rest}"))
        .unwrap();
    let told = api.get(&format!("{path}?token={token}"), "").await;
    assert!(text(&told, "how").contains("POST"), "{}", told.body);
    let boss = json!({ "token": token, "email": BOSS, "password": PASSWORD, "name": "The Boss" });
    post(&api, &path, "", boss.clone(), 201).await;
    assert_told(
        &api.post(&path, "", &boss).await,
        401,
        "wealthctl admin setup-link",
    );
    let admin = text(&log_in(&api, BOSS).await, "access_token");

    let asha = json!({ "email": ASHA, "name": "Asha Rao", "role": "advisor" });
    let invited = post(&api, "/api/auth/invitations", &admin, asha, 201).await;
    let accept = json!({ "token": code_as_documented(&home).await, "password": PASSWORD });
    post(&api, "/api/auth/invitations/accept", "", accept.clone(), 200).await;
    assert_eq!(
        api.post("/api/auth/invitations/accept", "", &accept).await.status,
        422,
        "once"
    );

    let codes = enrol(&api).await;
    lose_the_phone(&api, &codes).await;
    let id = text(&invited, "id");
    lose_the_codes_too(&api, &admin, &id).await;
    child.kill().await.unwrap();
}

/// Asha takes an authenticator app into use; answers her recovery codes.
async fn enrol(api: &Remote) -> Vec<String> {
    let token = text(&log_in(api, ASHA).await, "access_token");
    let early = api
        .post("/api/auth/mfa/confirm", &token, &json!({ "code": "123456" }))
        .await;
    assert_told(&early, 409, "/api/auth/mfa/enroll");
    let proof = json!({ "proof": { "password": PASSWORD } });
    let enrolled = post(api, "/api/auth/mfa/enroll", &token, proof, 200).await;
    let app = Authenticator::scan(&text(&enrolled, "otpauth_uri"));
    let code = json!({ "code": app.code(SystemTime::now().into()) });
    let confirmed = post(api, "/api/auth/mfa/confirm", &token, code, 200).await;
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    codes
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

/// She logs in with a recovery code, which is good once, and enrols the app on the new phone with another.
async fn lose_the_phone(api: &Remote, codes: &[String]) {
    let begun = log_in(api, ASHA).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    let challenge = |field: &str, code: &str| {
        let mut body = json!({ "mfa_token": begun.body["mfa_token"] });
        body[field] = json!(code);
        body
    };
    let path = "/api/auth/mfa/challenge";
    let without = json!({ "mfa_token": begun.body["mfa_token"] });
    assert_told(&api.post(path, "", &without).await, 403, "recovery_code");
    let guessed = api
        .post(path, "", &challenge("recovery_code", "AAAA-BBBB-CCCC-DDDD"))
        .await;
    assert_told(&guessed, 403, "recovery code");
    let granted = post(api, path, "", challenge("recovery_code", &codes[0]), 200).await;
    let token = text(&granted, "access_token");
    let left = api.get("/api/auth/mfa", &token).await;
    assert_eq!(left.body["recovery_codes_left"], 9, "{}", left.body);

    let proof = |code: &str| json!({ "proof": { "password": PASSWORD, "recovery_code": code } });
    assert_told(
        &api.post("/api/auth/mfa/enroll", &token, &proof(&codes[0])).await,
        403,
        "another recovery code",
    );
    let enrolled = post(api, "/api/auth/mfa/enroll", &token, proof(&codes[1]), 200).await;
    let app = Authenticator::scan(&text(&enrolled, "otpauth_uri"));
    let code = json!({ "code": app.code(SystemTime::now().into()) });
    let confirmed = post(api, "/api/auth/mfa/confirm", &token, code, 200).await;
    let anew = confirmed.body["recovery_codes"].as_array().unwrap();
    assert!(
        anew.len() == 10 && anew.iter().all(|code| *code != codes[2]),
        "the old codes are over"
    );
}

/// The administrator takes the second factor away, with a proof of their own; the password alone lets her in again.
async fn lose_the_codes_too(api: &Remote, admin: &str, id: &str) {
    let path = format!("/api/v1/admin/users/{id}/mfa/reset");
    assert_eq!(api.post(&path, admin, &json!({})).await.status, 422);
    post(
        api,
        &path,
        admin,
        json!({ "proof": { "password": PASSWORD } }),
        204,
    )
    .await;
    let back = log_in(api, ASHA).await;
    assert_eq!(back.status, 200, "{}", back.body);
}

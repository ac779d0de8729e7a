use crate::setting::Setting;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Reply, eventually};

const PLACE: &str = "/api/v1/communications";

/// A client of the advisor's with an address.
async fn client(setting: &Setting, email: &str) -> Value {
    let body = json!({ "client_name": "Priya Sharma", "email": email });
    let made = setting
        .server
        .post("/api/v1/clients", &setting.advisor.token, &body)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

async fn draft(setting: &Setting, client: &Value) -> Value {
    let body = json!({ "client_id": client["id"], "subject": "For {{client_name}}", "body": "Hello,\nall is well." });
    let made = setting.server.post(PLACE, &setting.advisor.token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

async fn step(setting: &Setting, message: &Value, step: &str) -> Reply {
    let place = format!("{PLACE}/{}/{step}", message["id"].as_str().unwrap());
    setting
        .server
        .post(&place, &setting.advisor.token, &json!({}))
        .await
}

/// A message that was sent, as far as this side goes.
async fn sending(setting: &Setting, client: &Value) -> Value {
    let message = draft(setting, client).await;
    assert_eq!(step(setting, &message, "approve").await.status, 200);
    let sent = step(setting, &message, "send").await;
    assert_eq!((sent.status, &sent["status"]), (202, &json!("sending")));
    sent.body
}

/// The message, once it stands so.
async fn becomes(setting: &Setting, message: &Value, status: &str) -> Value {
    let place = format!("{PLACE}/{}", message["id"].as_str().unwrap());
    eventually("the message comes to stand so", || async {
        let read = setting.server.get(&place, &setting.advisor.token).await;
        (read["status"] == *status).then_some(read.body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_drafted_approved_sent_once_and_kept_in_the_log() {
    let setting = Setting::new().await;
    let client = client(&setting, "priya@example.com").await;
    let message = draft(&setting, &client).await;
    assert_eq!(message["subject"], "For Priya Sharma");
    assert_eq!(
        (&message["status"], &message["address"]),
        (&json!("draft"), &Value::Null)
    );
    step(&setting, &message, "send")
        .await
        .assert_error(409, "illegal_step");
    let approved = step(&setting, &message, "approve").await;
    assert_eq!((approved.status, &approved["status"]), (200, &json!("approved")));
    let place = format!("{PLACE}/{}", message["id"].as_str().unwrap());
    let change = json!({ "subject": "x", "body": "y" });
    let late = setting.server.put(&place, &setting.advisor.token, &change).await;
    late.assert_error(409, "illegal_step");
    assert_eq!(step(&setting, &message, "send").await.status, 202);
    step(&setting, &message, "send")
        .await
        .assert_error(409, "illegal_step");
    step(&setting, &message, "cancel")
        .await
        .assert_error(409, "illegal_step");

    setting.work();
    let sent = becomes(&setting, &message, "sent").await;
    assert_eq!(sent["address"], "priya@example.com");
    assert_eq!((&sent["attempts"], &sent["reason"]), (&json!(1), &Value::Null));
    let mails = setting.mail.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "For Priya Sharma");
    assert_eq!(mails[0].text.trim_end(), "Hello,\nall is well.");
    let id = message["id"].as_str().unwrap();
    assert!(mails[0].id.starts_with(&format!("<{id}@")), "{}", mails[0].id);
    for ended in ["approve", "send", "cancel"] {
        step(&setting, &message, ended)
            .await
            .assert_error(409, "illegal_step");
    }
    let log = format!("{PLACE}?client_id={}&status=sent", client["id"].as_str().unwrap());
    assert_eq!(
        setting.server.get(&log, &setting.advisor.token).await.body,
        json!([sent])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let setting = Setting::new().await;
    let client = client(&setting, "priya@example.com").await;
    setting.mail.refuse_next("451 try later");
    let message = sending(&setting, &client).await;
    setting.work();
    // The pause before the next attempt is by the clock of the tests; tokens are good for five minutes of it.
    let pauses = std::cell::Cell::new(0);
    eventually("it is tried again", || async {
        if pauses.replace(pauses.get() + 1) < 60 {
            setting.harness.clock.advance(chrono::TimeDelta::seconds(2));
        }
        (setting.mail.mails().len() == 1).then_some(())
    })
    .await;
    let sent = becomes(&setting, &message, "sent").await;
    assert_eq!(sent["attempts"], 2);
    setting.mail.refuse_next("550 no such mailbox");
    let refused = sending(&setting, &client).await;
    let failed = becomes(&setting, &refused, "failed").await;
    assert_eq!(failed["reason"], "refused");
    assert_eq!(setting.mail.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_addresses_wins_whoever_has_put_one_there() {
    let setting = Setting::new().await;
    let client = client(&setting, "Priya@Example.com").await;
    let waiting = sending(&setting, &client).await;
    let approved = draft(&setting, &client).await;
    assert_eq!(step(&setting, &approved, "approve").await.status, 200);
    let left = draft(&setting, &client).await;
    let entry = json!({ "email": "priya@example.COM", "reason": "asked not to be written to" });
    let place = "/api/v1/communications/suppressions";
    let said = setting
        .server
        .post(place, &setting.other_advisor.token, &entry)
        .await;
    assert_eq!(said.status, 201, "{}", said.text);
    let again = setting
        .server
        .post(place, &setting.other_advisor.token, &entry)
        .await;
    assert_eq!(again.body, said.body);
    for message in [&waiting, &approved] {
        let cancelled = becomes(&setting, message, "cancelled").await;
        assert_eq!(cancelled["reason"], "suppressed");
    }
    step(&setting, &left, "approve")
        .await
        .assert_error(409, "suppressed");
    setting.work();
    // Who did not say it does not see it, nor take it back.
    let seen = setting.server.get(place, &setting.advisor.token).await;
    assert_eq!(seen.body, json!([]));
    let entry = format!("{place}/{}", said["id"].as_str().unwrap());
    setting
        .server
        .delete(&entry, &setting.advisor.token)
        .await
        .assert_error(404, "not_found");
    let released = setting.server.delete(&entry, &setting.other_advisor.token).await;
    assert_eq!(released.status, 204);
    assert_eq!(step(&setting, &left, "approve").await.status, 200);
    assert_eq!(step(&setting, &left, "send").await.status, 202);
    becomes(&setting, &left, "sent").await;
    assert_eq!(setting.mail.mails().len(), 1);
}

/// The client's address is put on the list after the message was sent off, before anything looked at it.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_asked_at_the_moment_of_sending() {
    let setting = Setting::new().await;
    let priya = client(&setting, "priya@example.com").await;
    let message = sending(&setting, &priya).await;
    let entry = json!({ "email": "new@example.com", "reason": "bounces" });
    let said = setting
        .server
        .post(
            "/api/v1/communications/suppressions",
            &setting.advisor.token,
            &entry,
        )
        .await;
    assert_eq!(said.status, 201);
    let place = format!("/api/v1/clients/{}", priya["id"].as_str().unwrap());
    let moved = json!({ "client_name": "Priya", "email": "new@example.com", "risk_profile": "moderate" });
    let moved = setting.server.put(&place, &setting.advisor.token, &moved).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    setting.work();
    let cancelled = becomes(&setting, &message, "cancelled").await;
    assert_eq!(cancelled["reason"], "suppressed");
    assert!(setting.mail.mails().is_empty());
}

#[tokio::test]
async fn templates_are_filled_and_what_is_missing_or_given_in_vain_is_named() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = client(&setting, "priya@example.com").await;
    let template = json!({
        "name": "Review", "subject": "{{client_name}}, your review",
        "body": "Dear {{client_name}},\nshall we meet {{when}}? Your KYC ends {{kyc_expiry_date}}.\n{{advisor_name}}, {{today}}",
    });
    let made = server
        .post("/api/v1/communications/templates", token, &template)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(
        made["variables"],
        json!(["advisor_name", "client_name", "kyc_expiry_date", "today", "when"])
    );
    server
        .post("/api/v1/communications/templates", token, &template)
        .await
        .assert_error(409, "name_taken");
    let mut body =
        json!({ "client_id": client["id"], "template_id": made["id"], "variables": { "colour": "red" } });
    let refused = server.post(PLACE, token, &body).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["variables.kyc_expiry_date", "variables.when", "variables.colour"]
    );
    body["variables"] = json!({ "when": "on {{today}}", "kyc_expiry_date": "soon" });
    let drafted = server.post(PLACE, token, &body).await;
    assert_eq!(drafted.status, 201, "{}", drafted.text);
    assert_eq!(drafted["subject"], "Priya Sharma, your review");
    assert_eq!(
        drafted["body"],
        "Dear Priya Sharma,\nshall we meet on {{today}}? Your KYC ends soon.\nSomebody, 2026-01-15"
    );
    let listed = server.get(PLACE, token).await;
    assert_eq!(listed.body, json!([drafted.body]));
}

#[tokio::test]
async fn wrong_input_is_named_and_nothing_is_written() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = client(&setting, "priya@example.com").await;
    let good = json!({ "client_id": client["id"], "subject": "a", "body": "b" });
    for (field, value) in [
        ("subject", json!("a\r\nBcc: everybody@example.com")),
        ("subject", json!("")),
        ("subject", json!(null)),
        ("subject", json!("{{")),
        ("body", json!("\u{0}")),
        ("body", json!("{{A B}}")),
        ("body", json!("x".repeat(20_001))),
        ("variables", json!([])),
        ("client_id", json!("0190a5c0-0000-7000-8000-000000000000")),
        ("template_id", json!(7)),
        ("status", json!("sent")),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let refused = server.post(PLACE, token, &wrong).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{wrong}"
        );
    }
    for query in [
        "status=lost",
        "client_id=x",
        "since=today",
        "sort=body",
        "limit=0",
    ] {
        let refused = server.get(&format!("{PLACE}?{query}"), token).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.text);
    }
    assert_eq!(server.get(PLACE, token).await.body, json!([]));
    let addressless = setting.client("Without Address").await;
    let message = draft(&setting, &addressless).await;
    step(&setting, &message, "approve")
        .await
        .assert_error(409, "no_address");
}

#[tokio::test]
async fn the_same_key_drafts_one_message_and_a_stale_version_changes_nothing() {
    let setting = Setting::new().await;
    let client = client(&setting, "priya@example.com").await;
    let send = |subject: &str| {
        let request = setting
            .server
            .request(Method::POST, PLACE, Some(&setting.advisor.token));
        let body = json!({ "client_id": client["id"], "subject": subject, "body": "b" });
        setting
            .server
            .send(request.header("Idempotency-Key", "one").json(&body))
    };
    let (first, second) = (send("a").await, send("a").await);
    assert_eq!((second.status, second.text), (201, first.text.clone()));
    send("c").await.assert_error(409, "idempotency_key_reused");
    let place = format!("{PLACE}/{}", first["id"].as_str().unwrap());
    let change = json!({ "subject": "new", "body": "text", "version": 1 });
    let changed = setting.server.put(&place, &setting.advisor.token, &change).await;
    assert_eq!((changed.status, &changed["subject"]), (200, &json!("new")));
    let stale = setting.server.put(&place, &setting.advisor.token, &change).await;
    stale.assert_error(409, "version_conflict");
    let approve = setting
        .server
        .request(
            Method::POST,
            &format!("{place}/approve"),
            Some(&setting.advisor.token),
        )
        .header("If-Match", "\"1\"");
    setting
        .server
        .send(approve)
        .await
        .assert_error(412, "precondition_failed");
}

#[tokio::test]
async fn what_is_another_advisors_is_the_same_404_and_events_tell_no_text() {
    let setting = Setting::new().await;
    let (server, other) = (&setting.server, setting.other_advisor.token.as_str());
    let client = client(&setting, "secret@example.com").await;
    let message = draft(&setting, &client).await;
    let template = json!({ "name": "n", "subject": "s", "body": "b" });
    let template = server
        .post(
            "/api/v1/communications/templates",
            &setting.advisor.token,
            &template,
        )
        .await;
    let nobody = "0190a5c0-0000-7000-8000-000000000000";
    let change = json!({ "subject": "x", "body": "y", "name": "z" });
    for (folder, id) in [("", &message["id"]), ("/templates", &template["id"])] {
        let id = id.as_str().unwrap();
        let at = |id: &str| format!("{PLACE}{folder}/{id}");
        let body = match folder {
            "" => json!({ "subject": "x", "body": "y" }),
            _ => change.clone(),
        };
        let foreign = [
            server.get(&at(id), other).await,
            server.put(&at(id), other, &body).await,
        ];
        let unknown = [
            server.get(&at(nobody), other).await,
            server.put(&at(nobody), other, &body).await,
        ];
        for (foreign, unknown) in foreign.iter().zip(&unknown) {
            foreign.assert_error(404, "not_found");
            assert_eq!(foreign.text, unknown.text);
        }
    }
    for verb in ["approve", "send", "cancel"] {
        let place = format!("{PLACE}/{}/{verb}", message["id"].as_str().unwrap());
        server
            .post(&place, other, &json!({}))
            .await
            .assert_error(404, "not_found");
    }
    for list in [PLACE, "/api/v1/communications/templates"] {
        assert_eq!(server.get(list, other).await.body, json!([]), "{list}");
        let client = setting.harness.log_in(Role::Client);
        server
            .get(list, &client.token)
            .await
            .assert_error(403, "forbidden");
    }
    let stolen = json!({ "client_id": client["id"], "subject": "a", "body": "b" });
    let refused = server.post(PLACE, other, &stolen).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["client_id"]
    );
    let stolen = json!({ "client_id": client["id"], "template_id": template["id"] });
    let own = json!({ "client_name": "Own" });
    let own = server.post("/api/v1/clients", other, &own).await;
    let mut stolen_template = stolen;
    stolen_template["client_id"] = own["id"].clone();
    let refused = server.post(PLACE, other, &stolen_template).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["template_id"]
    );
    let events = serde_json::to_string(&setting.store.feed(0, 100).await.unwrap()).unwrap();
    assert!(events.contains("message.drafted"));
    for text in ["Priya", "secret@example.com", "all is well"] {
        assert!(!events.contains(text), "{text} stands in {events}");
    }
}

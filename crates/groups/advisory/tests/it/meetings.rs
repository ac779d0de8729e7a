use crate::setting::Setting;
use kernel::Role;
use serde_json::{Value, json};

const PLACE: &str = "/api/v1/meetings";
const TASKS: &str = "/api/v1/meetings/tasks";
const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

async fn post(setting: &Setting, path: &str, body: &Value) -> Value {
    let made = setting.server.post(path, &setting.advisor.token, body).await;
    assert_eq!(made.status, 201, "{path}: {}", made.text);
    made.body
}

async fn meeting(setting: &Setting, client: &Value) -> Value {
    let body = json!({
        "client_id": client["id"], "title": "Review; plans, hopes", "starts_at": "2026-02-01T10:00:00+05:30",
        "ends_at": "2026-02-01T11:00:00+05:30", "location": "Office\\2", "notes": "bring the papers",
        "participants": [{ "name": "Anil \"AK\" Kumar", "email": "anil@example.com" }, { "name": "Meera" }],
    });
    post(setting, PLACE, &body).await
}

fn at(folder: &str, thing: &Value) -> String {
    format!("{folder}/{}", thing["id"].as_str().unwrap())
}

/// The lines of a calendar, unfolded.
fn lines(text: &str) -> Vec<String> {
    assert!(text.ends_with("\r\n"), "{text}");
    let unfolded = text.replace("\r\n ", "");
    unfolded.split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_meeting_is_scheduled_moved_cancelled_and_every_calendar_can_follow() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let made = meeting(&setting, &client).await;
    assert_eq!(made["starts_at"], "2026-02-01T10:00:00+05:30");
    assert_eq!(made["timezone"], "Asia/Kolkata");
    let place = at(PLACE, &made);
    let calendar = server.get(&format!("{place}/calendar"), token).await;
    assert_eq!(
        calendar.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    let first = lines(&calendar.text);
    let uid = format!("UID:{}@wealthos", made["id"].as_str().unwrap());
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        uid.as_str(),
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "DTSTART:20260201T043000Z",
        "DTEND:20260201T053000Z",
        r"SUMMARY:Review\; plans\, hopes",
        r"LOCATION:Office\\2",
        r#"ATTENDEE;CN="Anil ^'AK^' Kumar":mailto:anil@example.com"#,
        "DESCRIPTION:With Meera",
        "END:VCALENDAR",
    ] {
        assert!(first.iter().any(|known| known == line), "{line} in {first:#?}");
    }
    assert!(!calendar.text.contains("bring the papers"));

    let change = json!({
        "title": "Review", "starts_at": "2026-02-02T10:00:00Z", "ends_at": "2026-02-02T11:00:00Z", "version": 1,
        "timezone": "Europe/Berlin",
    });
    let moved = server.put(&place, token, &change).await;
    assert_eq!((moved.status, &moved["sequence"]), (200, &json!(1)));
    assert_eq!(moved["starts_at"], "2026-02-02T11:00:00+01:00");
    assert_eq!(moved["participants"], json!([]));
    server
        .put(&place, token, &change)
        .await
        .assert_error(409, "version_conflict");
    let cancelled = server.post(&format!("{place}/cancel"), token, &json!({})).await;
    assert_eq!(
        (cancelled.status, &cancelled["status"]),
        (200, &json!("cancelled"))
    );
    for step in ["cancel", "complete"] {
        let again = server.post(&format!("{place}/{step}"), token, &json!({})).await;
        again.assert_error(409, "illegal_step");
    }
    let other = json!({
        "client_id": client["id"], "title": "Far away", "starts_at": "2026-05-01T10:00:00Z", "ends_at": "2026-05-01T11:00:00Z",
    });
    let far = post(&setting, PLACE, &other).await;
    let range = "from=2026-02-01T00:00:00Z&until=2026-03-01T00:00:00Z";
    let calendar = server.get(&format!("{PLACE}/calendar?{range}"), token).await;
    let text = lines(&calendar.text);
    assert_eq!(text.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 1);
    for line in [uid.as_str(), "SEQUENCE:2", "STATUS:CANCELLED"] {
        assert!(text.iter().any(|known| known == line), "{line} in {text:#?}");
    }
    let listed = server.get(&format!("{PLACE}?status=scheduled"), token).await;
    assert_eq!(listed.body, json!([far]));
    assert_eq!(server.delete(&place, token).await.status, 204);
    server.get(&place, token).await.assert_error(404, "not_found");
}

#[tokio::test]
async fn tasks_are_due_overdue_and_done() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let meeting = meeting(&setting, &client).await;
    // The clock stands on 2026-01-15, at noon in India.
    let late = json!({ "title": "Call", "due_date": "2026-01-14", "client_id": client["id"] });
    let late = post(&setting, TASKS, &late).await;
    let today = json!({ "title": "Print\u{fc}", "due_date": "2026-01-15", "meeting_id": meeting["id"] });
    let today = post(&setting, TASKS, &today).await;
    let own = post(
        &setting,
        TASKS,
        &json!({ "title": "Tidy up", "due_date": "2026-01-13" }),
    )
    .await;
    assert_eq!(
        (&late["overdue"], &today["overdue"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(today["client_id"], client["id"]);
    assert_eq!(own["client_id"], Value::Null);
    let listed = async |query: &str| server.get(&format!("{TASKS}?{query}"), token).await.body;
    assert_eq!(listed("overdue=true").await, json!([own, late]));
    let of_meeting = format!("meeting_id={}", meeting["id"].as_str().unwrap());
    assert_eq!(listed(&of_meeting).await, json!([today]));
    let done = server
        .post(&format!("{}/done", at(TASKS, &late)), token, &json!({}))
        .await;
    assert_eq!((done.status, &done["status"]), (200, &json!("done")));
    let again = server
        .post(&format!("{}/done", at(TASKS, &late)), token, &json!({}))
        .await;
    assert_eq!(again.body, done.body);
    assert_eq!(listed("overdue=true").await, json!([own]));
    let of_client = format!("client_id={}&status=done", client["id"].as_str().unwrap());
    assert_eq!(listed(&of_client).await, json!([done.body]));
    let open = server
        .post(&format!("{}/reopen", at(TASKS, &late)), token, &json!({}))
        .await;
    assert_eq!(
        (&open["status"], &open["done_at"]),
        (&json!("open"), &Value::Null)
    );
    let change = json!({ "title": "Call again", "due_date": "2026-03-01" });
    let changed = server.put(&at(TASKS, &late), token, &change).await;
    assert_eq!((changed.status, &changed["overdue"]), (200, &json!(false)));
    assert_eq!(server.delete(&at(TASKS, &own), token).await.status, 204);
    server
        .get(&at(TASKS, &own), token)
        .await
        .assert_error(404, "not_found");
}

#[tokio::test]
async fn a_brief_tells_facts_and_says_what_it_does_not_know() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = json!({
        "client_name": "Priya Sharma", "email": "priya@example.com", "kyc_expiry_date": "2026-02-14",
        "total_assets": "1250.50", "risk_profile": "aggressive",
    });
    let client = post(&setting, "/api/v1/clients", &client).await;
    let made = meeting(&setting, &client).await;
    let earlier = json!({
        "client_id": client["id"], "title": "First talk", "starts_at": "2026-01-02T10:00:00Z", "ends_at": "2026-01-02T11:00:00Z",
    });
    let earlier = post(&setting, PLACE, &earlier).await;
    let task = json!({ "title": "Call", "due_date": "2026-01-14", "client_id": client["id"] });
    let task = post(&setting, TASKS, &task).await;
    let message = json!({ "client_id": client["id"], "subject": "Hello", "body": "text" });
    post(&setting, "/api/v1/communications", &message).await;
    let brief = server.get(&format!("{}/brief", at(PLACE, &made)), token).await;
    assert_eq!(brief.status, 200, "{}", brief.text);
    assert_eq!(brief["meeting"], made);
    assert_eq!(brief["client"]["total_assets"].to_string(), "1250.50");
    assert_eq!(
        brief["kyc"],
        json!({ "state": "expiring", "expiry_date": "2026-02-14", "days_left": 30 })
    );
    assert_eq!(brief["open_tasks"], json!([task]));
    assert_eq!(
        (&brief["overdue_tasks"], &brief["goals"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(brief["recent_messages"][0]["subject"], "Hello");
    assert_eq!(brief["recent_messages"][0]["status"], "draft");
    assert_eq!(brief["earlier_meetings"], json!([earlier]));
    let missing = |brief: &Value| -> Vec<String> {
        let gaps = brief["missing"].as_array().unwrap().iter();
        gaps.map(|gap| gap["what"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(missing(&brief.body), ["portfolio", "accounts"]);
    let composed = json!({
        "portfolio_id": uuid::Uuid::from_u128(7), "user_id": client["user_id"], "client_id": client["id"],
        "currency": "INR", "date": "2026-01-15", "value": "1000", "complete": true, "has_targets": true,
        "classes": [{ "key": "equity", "value": "600", "weight": "0.6" }, { "key": "cash", "value": "400", "weight": "0.4" }],
        "drifted": [{ "key": "equity", "target": "0.5", "actual": "0.6" }],
    });
    setting
        .hear(wealth_contract::PORTFOLIO_COMPOSED, composed, 1)
        .await;
    let brief = server.get(&format!("{}/brief", at(PLACE, &made)), token).await;
    assert_eq!(missing(&brief.body), ["accounts"]);
    let portfolio = &brief["portfolios"][0];
    assert_eq!(
        (&portfolio["drift"], portfolio["value"].to_string()),
        (&json!("drifted"), "1000".to_owned())
    );
    assert_eq!(portfolio["allocation"][0]["key"], "equity");
    assert_eq!(portfolio["outside"][0]["actual"].to_string(), "0.6");
}

#[tokio::test]
async fn wrong_input_is_named_and_nothing_is_written() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let good = json!({
        "client_id": client["id"], "title": "a", "starts_at": "2026-02-01T10:00:00Z", "ends_at": "2026-02-01T11:00:00Z",
    });
    for (field, value) in [
        ("title", json!("")),
        ("title", json!("a\nb")),
        ("starts_at", json!("2026-02-01T10:00:00")),
        ("starts_at", json!("2026-02-30T10:00:00Z")),
        ("starts_at", json!("0001-01-01T10:00:00Z")),
        ("ends_at", json!("2026-02-01T10:00:00Z")),
        ("ends_at", json!("2026-02-09T10:00:00Z")),
        ("timezone", json!("Mars/Olympus")),
        ("client_id", json!(NOBODY)),
        ("notes", json!("\u{0}")),
        ("participants", json!(vec![json!({ "name": "x" }); 51])),
        ("status", json!("completed")),
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
    for (field, value) in [
        ("title", json!(" ")),
        ("due_date", json!("tomorrow")),
        ("due_date", json!(null)),
        ("client_id", json!(NOBODY)),
        ("meeting_id", json!(NOBODY)),
        ("done_at", json!("2026-02-01T10:00:00Z")),
    ] {
        let mut wrong = json!({ "title": "a", "due_date": "2026-01-20" });
        wrong[field] = value;
        let refused = server.post(TASKS, token, &wrong).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{wrong}"
        );
    }
    for query in [
        "meetings?from=x",
        "meetings?status=lost",
        "meetings/calendar?until=2020-01-01T00:00:00Z",
        "meetings/calendar?from=2020-01-01T00:00:00Z&until=2026-01-01T00:00:00Z",
        "meetings/calendar?limit=5",
        "meetings/tasks?overdue=perhaps",
        "meetings/tasks?overdue=true&status=done",
    ] {
        let refused = server.get(&format!("/api/v1/{query}"), token).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.text);
    }
    for list in [PLACE, TASKS] {
        assert_eq!(server.get(list, token).await.body, json!([]));
    }
}

#[tokio::test]
async fn what_is_another_advisors_is_the_same_404_and_events_tell_no_text() {
    let setting = Setting::new().await;
    let (server, other) = (&setting.server, setting.other_advisor.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let made = meeting(&setting, &client).await;
    let task = json!({ "title": "Secret task", "due_date": "2026-01-14", "meeting_id": made["id"] });
    let task = post(&setting, TASKS, &task).await;
    let changes = [
        (
            PLACE,
            &made,
            json!({ "title": "x", "starts_at": "2026-02-02T10:00:00Z", "ends_at": "2026-02-02T11:00:00Z" }),
        ),
        (TASKS, &task, json!({ "title": "x", "due_date": "2026-01-01" })),
    ];
    let nobody = json!({ "id": NOBODY });
    for (folder, thing, change) in &changes {
        let unknown = server.get(&at(folder, &nobody), other).await;
        unknown.assert_error(404, "not_found");
        let place = at(folder, thing);
        for foreign in [
            server.get(&place, other).await,
            server.put(&place, other, change).await,
            server.delete(&place, other).await,
        ] {
            assert_eq!((foreign.status, &foreign.text), (404, &unknown.text));
        }
        assert_eq!(server.get(folder, other).await.body, json!([]));
    }
    for step in ["cancel", "complete"] {
        let foreign = server
            .post(&format!("{}/{step}", at(PLACE, &made)), other, &json!({}))
            .await;
        foreign.assert_error(404, "not_found");
    }
    for step in ["done", "reopen"] {
        let foreign = server
            .post(&format!("{}/{step}", at(TASKS, &task)), other, &json!({}))
            .await;
        foreign.assert_error(404, "not_found");
    }
    for read in ["brief", "calendar"] {
        let foreign = server.get(&format!("{}/{read}", at(PLACE, &made)), other).await;
        foreign.assert_error(404, "not_found");
    }
    let calendar = server
        .get(&format!("{PLACE}/calendar?from=2026-01-01T00:00:00Z"), other)
        .await;
    assert!(!calendar.text.contains("VEVENT"), "{}", calendar.text);
    let stolen = json!({ "title": "a", "due_date": "2026-01-20", "meeting_id": made["id"] });
    let refused = server.post(TASKS, other, &stolen).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["meeting_id"]
    );
    let reader = setting.harness.log_in(Role::Client);
    server
        .get(PLACE, &reader.token)
        .await
        .assert_error(403, "forbidden");
    let events = serde_json::to_string(&setting.store.feed(0, 100).await.unwrap()).unwrap();
    assert!(events.contains("meeting.scheduled") && events.contains("task.created"));
    for text in ["Review", "Secret", "Anil", "papers", "Priya"] {
        assert!(!events.contains(text), "{text} stands in {events}");
    }
}

//! Messages, meetings and tasks. What takes an id is asked for one that nobody has: the request is as it should be, and the
//! answer says that it is not there.

use super::valid::{Facts, Known};
use serde_json::{Value, json};

pub(super) fn contact(id: &str, facts: &Facts) -> Option<Known> {
    let body = |body: Value| Known {
        body,
        ..Known::default()
    };
    let absent = |body: Value| Known {
        body,
        status: Some(404),
        ..Known::default()
    };
    let template =
        json!({ "name": facts.fresh_email, "subject": "Hello {{client_name}}", "body": "All is well." });
    let text = json!({ "subject": "Hello", "body": "All is well." });
    let meeting = json!({
        "title": "Review", "starts_at": "2026-02-01T10:00:00Z", "ends_at": "2026-02-01T11:00:00Z"
    });
    let task = json!({ "title": "Call", "due_date": "2026-01-30" });
    let with_client = |mut value: Value| {
        value["client_id"] = json!(facts.client);
        value
    };
    Some(match id.trim_end_matches("_v1") {
        "advisory_create_template" => body(template),
        "advisory_update_template" => absent(template),
        "advisory_draft_message" => body(with_client(text)),
        "advisory_update_message" => absent(text),
        "advisory_suppress_address" => body(json!({ "email": facts.fresh_email, "reason": "bounces" })),
        "advisory_schedule_meeting" => body(with_client(meeting)),
        "advisory_update_meeting" => absent(meeting),
        "advisory_create_task" => body(with_client(task)),
        "advisory_update_task" => absent(task),
        "advisory_get_template"
        | "advisory_delete_template"
        | "advisory_release_address"
        | "advisory_get_message"
        | "advisory_approve_message"
        | "advisory_send_message"
        | "advisory_cancel_message"
        | "advisory_get_meeting"
        | "advisory_get_meeting_brief"
        | "advisory_cancel_meeting"
        | "advisory_complete_meeting"
        | "advisory_delete_meeting"
        | "advisory_export_meeting"
        | "advisory_get_task"
        | "advisory_finish_task"
        | "advisory_reopen_task"
        | "advisory_delete_task" => absent(Value::Null),
        _ => return None,
    })
}

use super::{attacks::Attack, document::Operation};
use testkit::Reply;

/// What is wrong with the answer to something that had to be refused.
pub(super) fn of_refused(operation: &Operation, attack: &Attack, reply: &Reply) -> Option<String> {
    let refused = (400..500).contains(&reply.status) && !matches!(reply.status, 401 | 403 | 429);
    let wrong = if !refused {
        Some("was not refused")
    } else if reply.status == 422 && !names(reply, attack.field.as_deref()) {
        Some("is refused without naming the field")
    } else {
        of_shape(operation, reply)
    };
    wrong.map(|wrong| told(operation, attack, reply, wrong))
}

/// What is wrong with the answer to something that is hostile but not forbidden. `usual` is the status of a valid request
/// that is not 2xx, where there is one.
pub(super) fn of_tolerated(
    operation: &Operation,
    attack: &Attack,
    reply: &Reply,
    usual: Option<u16>,
) -> Option<String> {
    let wrong = if reply.status >= 500 && Some(reply.status) != usual {
        Some("broke something")
    } else {
        of_shape(operation, reply)
    };
    wrong.map(|wrong| told(operation, attack, reply, wrong))
}

/// What every answer of an operation has to be.
fn of_shape(operation: &Operation, reply: &Reply) -> Option<&'static str> {
    if !operation.statuses.contains(&reply.status) {
        return Some("is answered with a status that is not documented");
    }
    if reply.status < 400 {
        return None;
    }
    let keys: Vec<&String> = reply
        .body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .collect();
    let texts = reply.body["error"].is_string() && reply.body["message"].is_string();
    let details = &reply.body["details"];
    if keys != ["details", "error", "message"] || !texts || !(details.is_null() || details.is_array()) {
        return Some("is answered by something else than error, message and details");
    }
    if reply.header("content-type") != Some("application/json") {
        return Some("is answered by something that does not call itself JSON");
    }
    let empty = details.as_array().is_none_or(Vec::is_empty);
    (reply.status == 422 && empty).then_some("is refused without details")
}

fn names(reply: &Reply, field: Option<&str>) -> bool {
    let details = reply.body["details"].as_array().into_iter().flatten();
    let mut named = details.filter_map(|detail| detail["field"].as_str());
    named.any(|named| match field {
        None => !named.is_empty(),
        // The field itself, or something inside of it.
        Some(field) => named
            .strip_prefix(field)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])),
    })
}

fn told(operation: &Operation, attack: &Attack, reply: &Reply, wrong: &str) -> String {
    let text: String = reply.text.chars().take(300).collect();
    format!(
        "{}: {} {wrong}: {} {text}",
        operation.id, attack.name, reply.status
    )
}

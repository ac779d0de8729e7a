use crate::{CallError, FieldError, IdempotencyKey, repeated_member};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Something to be done, by its name: the same message on every way in (HTTP, socket, queue).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Command {
    /// What is to be done, as in `create_transaction`.
    pub command: String,
    /// What it needs; nothing when it is left out.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// Names the intention: the same id of the same caller makes one effect, whichever way it comes.
    #[serde(default)]
    pub id: Option<IdempotencyKey>,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommandOutcome {
    /// What it made or found, as the route of the same name answers it.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl Command {
    /// Reads a message. What has another shape is refused, with the field that is wrong.
    pub fn parse(message: &[u8]) -> Result<Self, CallError> {
        Self::from_members(Self::members(
            message,
            "must be an object with 'command' and 'params'",
        )?)
    }

    /// Takes a message apart; refuses what is no JSON object, with `wanted`, and what says one thing twice.
    pub fn members(message: &[u8], wanted: &str) -> Result<Map<String, Value>, CallError> {
        let whole = |reason: &str| CallError::invalid("message", reason);
        let value = serde_json::from_slice::<Value>(message).map_err(|_| whole("is not JSON"))?;
        let Value::Object(members) = value else {
            return Err(whole(wanted));
        };
        match repeated_member(message) {
            None => Ok(members),
            Some(place) => Err(CallError::invalid(named(&place), "must be sent only once")),
        }
    }

    /// Reads the members of a message that was taken apart already.
    pub fn from_members(mut members: Map<String, Value>) -> Result<Self, CallError> {
        let mut details = Vec::new();
        let command = match members.remove("command") {
            Some(Value::String(name)) if !name.trim().is_empty() => name,
            Some(_) => {
                details.push(FieldError::new("command", "must be the name of a command"));
                String::new()
            }
            None => {
                details.push(FieldError::new("command", "is required"));
                String::new()
            }
        };
        let params = match members.remove("params") {
            Some(Value::Object(params)) => params,
            None | Some(Value::Null) => Map::new(),
            Some(_) => {
                details.push(FieldError::new("params", "must be an object"));
                Map::new()
            }
        };
        let id = match members.remove("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match IdempotencyKey::parse(&text) {
                Ok(key) => Some(key),
                Err(_) => {
                    details.push(FieldError::new(
                        "id",
                        "must be 1 to 200 printable ASCII characters",
                    ));
                    None
                }
            },
            Some(_) => {
                details.push(FieldError::new("id", "must be a text"));
                None
            }
        };
        let unknown = members.keys().map(|name| named(name));
        details.extend(
            unknown
                .take(20)
                .map(|name| FieldError::new(name, "is not a known field")),
        );
        match details.is_empty() {
            true => Ok(Self { command, params, id }),
            false => Err(CallError::Invalid { details }),
        }
    }
}

/// A name that somebody sent, as far as it may be told.
fn named(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(message: &str) -> Vec<String> {
        match Command::parse(message.as_bytes()) {
            Err(CallError::Invalid { details }) => details.into_iter().map(|detail| detail.field).collect(),
            other => panic!("{message}: {other:?}"),
        }
    }

    #[test]
    fn the_message_of_source_004_is_read_with_its_exact_digits() {
        let text =
            r#"{"command":"create_transaction","params":{"type":"expense","amount":12345678901234567.89}}"#;
        let command = Command::parse(text.as_bytes()).unwrap();
        assert_eq!(command.command, "create_transaction");
        assert_eq!(command.params["amount"].to_string(), "12345678901234567.89");
        assert_eq!(command.id, None);
        let command = Command::parse(br#"{"command":"financial_report","id":"k-1"}"#).unwrap();
        assert_eq!(command.id.unwrap().as_str(), "k-1");
        assert!(command.params.is_empty());
    }

    #[test]
    fn a_wrong_shape_is_refused_by_its_field() {
        for (message, fields) in [
            ("", vec!["message"]),
            ("{", vec!["message"]),
            ("[]", vec!["message"]),
            ("\"create_transaction\"", vec!["message"]),
            ("{}", vec!["command"]),
            (r#"{"command":7}"#, vec!["command"]),
            (r#"{"command":" "}"#, vec!["command"]),
            (r#"{"command":"a","params":[1]}"#, vec!["params"]),
            (r#"{"command":"a","id":7}"#, vec!["id"]),
            (r#"{"command":"a","id":""}"#, vec!["id"]),
            (r#"{"command":"a","param":{}}"#, vec!["param"]),
            (r#"{"command":"a","params":{"x":1,"x":1}}"#, vec!["params.x"]),
            (
                r#"{"command":null,"params":1,"id":""}"#,
                vec!["command", "params", "id"],
            ),
        ] {
            assert_eq!(wrong(message), fields, "{message}");
        }
    }
}

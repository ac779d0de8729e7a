use redis::{FromRedisValue, streams::StreamId};
use serde_json::{Map, Value};

/// The message in an entry of a stream: the field `message` as it stands, or the fields `command`, `params` and `id`,
/// which are easier to write by hand.
pub(crate) fn message_of(entry: &StreamId) -> Vec<u8> {
    if let Some(message) = field(entry, "message") {
        return message;
    }
    let mut members = Map::new();
    for name in entry.map.keys() {
        let Some(bytes) = field(entry, name) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let value = match name.as_str() {
            "params" => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            _ => Value::String(text),
        };
        members.insert(name.clone(), value);
    }
    Value::Object(members).to_string().into_bytes()
}

fn field(entry: &StreamId, name: &str) -> Option<Vec<u8>> {
    let value = entry.map.get(name)?;
    Vec::<u8>::from_redis_value(value.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fields: &[(&str, &str)]) -> StreamId {
        let mut entry = StreamId::default();
        for (name, text) in fields {
            let value = redis::Value::BulkString(text.as_bytes().to_vec());
            entry.map.insert((*name).to_owned(), value);
        }
        entry
    }

    #[test]
    fn an_entry_is_a_message_or_its_members() {
        let whole = entry(&[("message", r#"{"command":"a"}"#)]);
        assert_eq!(message_of(&whole), br#"{"command":"a"}"#);
        let members = entry(&[("command", "a"), ("params", r#"{"amount":1.10}"#), ("id", "k")]);
        let read: Value = serde_json::from_slice(&message_of(&members)).unwrap();
        assert_eq!(read["command"], "a");
        assert_eq!(read["params"]["amount"].to_string(), "1.10");
        assert_eq!(read["id"], "k");
        // What is no JSON stays a text, which the inbox then refuses by name.
        let broken = entry(&[("command", "a"), ("params", "{")]);
        let read: Value = serde_json::from_slice(&message_of(&broken)).unwrap();
        assert_eq!(read["params"], "{");
    }
}

use super::document::Operation;
use serde_json::Value;
use std::fmt::Write;

/// A request to an operation, before it is put on the wire.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) path: Vec<(String, Vec<u8>)>,
    pub(super) query: Vec<(String, Vec<u8>)>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Body,
}

#[derive(Debug, Clone, Default)]
pub(super) enum Body {
    #[default]
    None,
    Json(Value),
    /// Content type and bytes.
    Raw(String, Vec<u8>),
}

/// Stands in a JSON body for a text of ten megabytes, so that not every attack carries one.
pub(super) const HUGE: &str = "@huge@";

impl Request {
    /// The same with one more parameter, or with another value of it.
    pub(super) fn with_query(&self, name: &str, value: &[u8]) -> Self {
        let mut changed = self.clone();
        set(&mut changed.query, name, value);
        changed
    }

    pub(super) fn with_path(&self, name: &str, value: &[u8]) -> Self {
        let mut changed = self.clone();
        set(&mut changed.path, name, value);
        changed
    }

    pub(super) fn with_header(&self, name: &str, value: &[u8]) -> Self {
        let mut changed = self.clone();
        set(&mut changed.headers, name, value);
        changed
    }

    pub(super) fn with_body(&self, body: Body) -> Self {
        Self { body, ..self.clone() }
    }

    pub(super) fn target(&self, operation: &Operation) -> String {
        let mut target = operation.path.clone();
        for (name, value) in &self.path {
            target = target.replace(&format!("{{{name}}}"), &encoded(value));
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            write!(target, "{}={}", encoded(name.as_bytes()), encoded(value)).unwrap();
        }
        target
    }

    /// Content type and bytes.
    pub(super) fn body_bytes(&self) -> Option<(String, Vec<u8>)> {
        match &self.body {
            Body::None => None,
            Body::Raw(kind, bytes) => Some((kind.clone(), bytes.clone())),
            Body::Json(value) => {
                let mut text = value.to_string();
                if text.contains(HUGE) {
                    text = text.replace(HUGE, &"x".repeat(10_000_000));
                }
                Some(("application/json".to_owned(), text.into_bytes()))
            }
        }
    }
}

fn set(pairs: &mut Vec<(String, Vec<u8>)>, name: &str, value: &[u8]) {
    pairs.retain(|(known, _)| known != name);
    pairs.push((name.to_owned(), value.to_vec()));
}

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            write!(text, "%{byte:02X}").unwrap();
        }
        text
    })
}

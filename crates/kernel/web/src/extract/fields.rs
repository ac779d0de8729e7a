//! From what serde says to what a client is told: which field, and what would be right. Never the value that was sent,
//! never the name of a type of ours.

use super::objects::Objects;
use crate::Failure;
use kernel::{CallError, ErrorKind, FieldError, repeated_member};
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde_ignored::Path as Ignored;

/// What is said of a field that is not known.
const UNKNOWN: &str = "is not a known field";
/// The longest complaint.
const LONGEST: usize = 300;
/// The most unknown fields that are named.
const MOST: usize = 50;

/// Reads the parameters of a command as strictly as a body; what is wrong is named below `params`.
pub fn from_params<T: DeserializeOwned>(
    params: &serde_json::Map<String, serde_json::Value>,
) -> Result<T, CallError> {
    // By way of the text: an exact number reads the same as in a body.
    let text = serde_json::to_vec(params).map_err(CallError::internal)?;
    let mut source = serde_json::Deserializer::from_slice(&text);
    known_fields(Objects(&mut source)).map_err(|mut details| {
        for detail in &mut details {
            detail.field = match detail.field.as_str() {
                "body" => "params".to_owned(),
                field => format!("params.{field}"),
            };
        }
        CallError::Invalid { details }
    })
}

/// Reads JSON as strictly as a body: 400 when it is none, 422 with the field when it is not what is wanted.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let read = known_fields(Objects(&mut source))
        .map_err(Failure::invalid)
        .and_then(|value| match source.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(not_json(bytes, &error)),
        })
        .and_then(|value| match repeated_member(bytes) {
            None => Ok(value),
            Some(place) => {
                let repeated = FieldError::new(shortened(place), "must be sent only once");
                Err(Failure::invalid(vec![repeated]))
            }
        });
    // Whether it is JSON at all is only asked of what was refused: the first thing that is wrong in it need not be
    // what makes it unreadable.
    read.map_err(|refused| unreadable(bytes).unwrap_or(refused))
}

fn unreadable(bytes: &[u8]) -> Option<Failure> {
    if std::str::from_utf8(bytes).is_err() {
        return Some(Failure::new(ErrorKind::Malformed, "the body is not UTF-8 text"));
    }
    let error = serde_json::from_slice::<IgnoredAny>(bytes).err()?;
    Some(not_json(bytes, &error))
}

/// Reads `name=value` pairs as they stand in a query or form.
pub(crate) fn from_pairs<'a, T: DeserializeOwned>(
    pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
) -> Result<T, Failure> {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(pairs);
    let text = encoded.finish();
    let source = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
    known_fields(source).map_err(Failure::invalid)
}

/// Refuses pairs that are not UTF-8 once decoded: they would otherwise be changed silently.
pub(crate) fn require_utf8(encoded: &str, place: &str) -> Result<(), Failure> {
    let spaced = encoded.replace('+', " ");
    match percent_encoding::percent_decode_str(&spaced).decode_utf8() {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::new(
            ErrorKind::Malformed,
            format!("the {place} is not UTF-8 text"),
        )),
    }
}

fn not_json(bytes: &[u8], error: &serde_json::Error) -> Failure {
    let message = if bytes.is_empty() {
        "the body is empty: send a JSON object".to_owned()
    } else {
        format!(
            "the body is not valid JSON: line {}, column {}",
            error.line(),
            error.column()
        )
    };
    Failure::new(ErrorKind::Malformed, message)
}

fn known_fields<'de, D, T>(source: D) -> Result<T, Vec<FieldError>>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let mut unknown = Vec::new();
    let mut note = |path: Ignored<'_>| {
        if unknown.len() < MOST {
            unknown.push(FieldError::new(shortened(ignored_path(&path)), UNKNOWN));
        }
    };
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(source, &mut track);
    match serde_ignored::deserialize::<_, _, T>(tracked, &mut note) {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => Err(unknown),
        Err(error) => {
            let path = track.path().to_string();
            Err(vec![complaint(&path, &error.to_string())])
        }
    }
}

fn ignored_path(path: &Ignored<'_>) -> String {
    match path {
        Ignored::Root => String::new(),
        Ignored::Seq { parent, index } => format!("{}[{index}]", ignored_path(parent)),
        Ignored::Map { parent, key } => joined(&ignored_path(parent), key),
        Ignored::Some { parent } | Ignored::NewtypeStruct { parent } | Ignored::NewtypeVariant { parent } => {
            ignored_path(parent)
        }
    }
}

fn joined(parent: &str, field: &str) -> String {
    if parent.is_empty() {
        field.to_owned()
    } else {
        format!("{parent}.{field}")
    }
}

/// Translates one message of serde.
fn complaint(path: &str, message: &str) -> FieldError {
    let path = if path == "." { "" } else { path };
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(name) = quoted_after(message, "missing field ") {
        return FieldError::new(shortened(joined(path, name)), "is required");
    }
    if let Some(name) = quoted_after(message, "unknown field ") {
        // The path already ends in it where the field itself was being read.
        let place = if path.ends_with(name) {
            path.to_owned()
        } else {
            joined(path, name)
        };
        return FieldError::new(shortened(place), UNKNOWN);
    }
    if let Some(name) = quoted_after(message, "duplicate field ") {
        let place = if path.ends_with(name) {
            path.to_owned()
        } else {
            joined(path, name)
        };
        return FieldError::new(shortened(place), "must be sent only once");
    }
    let place = if path.is_empty() { "body" } else { path };
    FieldError::new(shortened(place.to_owned()), shortened(wanted(message)))
}

fn quoted_after<'a>(message: &'a str, beginning: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(beginning)?;
    let rest = rest.strip_prefix('`')?;
    rest.split('`').next()
}

/// What would be right. What was sent stands before `expected` in serde's messages and is left out.
fn wanted(message: &str) -> String {
    let of_serde = [
        "invalid type: ",
        "invalid value: ",
        "invalid length ",
        "unknown variant ",
    ]
    .iter()
    .any(|beginning| message.starts_with(beginning));
    if of_serde {
        return match message.rsplit_once(", expected ") {
            Some((_, expected)) => format!("must be {}", in_words(expected)),
            None => "is not right".to_owned(),
        };
    }
    if message == "expected value" {
        return "is not one of the accepted values".to_owned();
    }
    if message == "recursion limit exceeded" {
        return "is nested too deeply".to_owned();
    }
    if message.starts_with("data did not match any variant") {
        return "has none of the accepted forms".to_owned();
    }
    if message.starts_with("invalid digit") || message.contains("integer from empty string") {
        return "must be a whole number".to_owned();
    }
    if message.starts_with("number too ") || message.starts_with("provided string was not") {
        return "is out of range or not one of the accepted values".to_owned();
    }
    message.to_owned()
}

fn in_words(expected: &str) -> String {
    let words = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" | "unit struct" => "null",
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => "an object",
        text if text.starts_with("enum ") || text.starts_with("adjacently tagged enum ") => {
            "one of the accepted values"
        }
        text if text.starts_with("tuple ") => "a list",
        text if text.contains("UUID") => "a UUID",
        text => text,
    };
    words.to_owned()
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

use super::{
    number::{self, Range},
    object,
    shape::{Kind, Shape, alternatives},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deeper than any type that a person would write.
const DEEPEST: usize = 64;

/// One side of a call: who it is in a sentence, and what its references lead to.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) name: &'a str,
    pub(super) schemas: &'a BTreeMap<String, Value>,
}

/// Something that the writer may send and the reader cannot read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gap {
    pub(super) place: String,
    pub(super) reason: String,
}

/// Asks of two schemas whether the reader of one can read all that the writer of the other may send.
pub(super) struct Cover<'a> {
    pub(super) reader: Side<'a>,
    pub(super) writer: Side<'a>,
    /// The pairs that are being compared further up: recursive types end here.
    under_way: Vec<(String, String)>,
}

impl<'a> Cover<'a> {
    pub(super) fn new(reader: Side<'a>, writer: Side<'a>) -> Self {
        Self {
            reader,
            writer,
            under_way: Vec::new(),
        }
    }

    /// All gaps between two schemas; none means that everything can be read.
    pub(super) fn gaps(&mut self, reader: &Value, writer: &Value, place: &str) -> Vec<Gap> {
        let pair = (reader.to_string(), writer.to_string());
        if self.under_way.contains(&pair) {
            return Vec::new();
        }
        if self.under_way.len() >= DEEPEST {
            return self.gap(place, "is nested too deeply to be compared".to_owned());
        }
        self.under_way.push(pair);
        let known = alternatives(reader, self.reader.schemas);
        let mut found: Vec<Gap> = Vec::new();
        for sent in alternatives(writer, self.writer.schemas) {
            for gap in self.of_alternative(&known, &sent, place) {
                if !found.contains(&gap) {
                    found.push(gap);
                }
            }
        }
        self.under_way.pop();
        found
    }

    pub(super) fn gap(&self, place: &str, reason: String) -> Vec<Gap> {
        vec![Gap {
            place: place.to_owned(),
            reason,
        }]
    }

    /// One thing that the writer may send, against all that the reader knows.
    fn of_alternative(&mut self, known: &[Shape], sent: &Shape, place: &str) -> Vec<Gap> {
        if let Some(values) = sent.values() {
            return self.of_values(known, values, place);
        }
        let fitting: Vec<&Shape> = known
            .iter()
            .filter(|shape| shape.kind().takes(sent.kind()))
            .collect();
        if fitting.is_empty() {
            let reason = format!(
                "{} may send {}, and {} expects {}",
                self.writer.name,
                sent.kind().phrase(),
                self.reader.name,
                phrases(known)
            );
            return self.gap(place, reason);
        }
        if sent.kind() == Kind::Object {
            let variants = known.iter().filter(|shape| shape.kind() != Kind::Null).count() > 1;
            return object::gaps(self, &fitting, variants, sent, place);
        }
        let each = fitting.iter().map(|shape| self.of_shape(shape, sent, place));
        fewest(each.collect())
    }

    fn of_values(&self, known: &[Shape], values: &[Value], place: &str) -> Vec<Gap> {
        let unknown: Vec<String> = values
            .iter()
            .filter(|value| !known.iter().any(|shape| accepts(shape, value)))
            .map(Value::to_string)
            .collect();
        if unknown.is_empty() {
            return Vec::new();
        }
        let reason = format!(
            "{} may send {}, which {} does not know",
            self.writer.name,
            unknown.join(" or "),
            self.reader.name
        );
        self.gap(place, reason)
    }

    /// Two shapes of which the reader's takes the writer's kind.
    fn of_shape(&mut self, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
        if let Some(values) = known.values() {
            let listed: Vec<String> = values.iter().map(Value::to_string).collect();
            let reason = format!(
                "{} may send any value, and {} knows only {}",
                self.writer.name,
                self.reader.name,
                listed.join(", ")
            );
            return self.gap(place, reason);
        }
        match known.kind() {
            Kind::Integer | Kind::Number => self.of_numbers(known, sent, place),
            Kind::String => self.of_strings(known, sent, place),
            Kind::Array => self.of_arrays(known, sent, place),
            Kind::Any | Kind::Null | Kind::Boolean | Kind::Object => Vec::new(),
        }
    }

    fn of_numbers(&self, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
        if let Some(beyond) = Range::of(known).misses(&Range::of(sent)) {
            let reason = format!(
                "{} may send a number {beyond}, which {} does not accept",
                self.writer.name, self.reader.name
            );
            return self.gap(place, reason);
        }
        let widths = number::is_width(known) || known.text("format") == Some("double");
        let words = if widths {
            &["multipleOf"][..]
        } else {
            &["format", "multipleOf"][..]
        };
        self.of_words(known, sent, words, place)
    }

    fn of_strings(&self, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
        let mut found = self.of_words(known, sent, &["format", "pattern"], place);
        found.extend(self.of_counts(known, sent, ["minLength", "maxLength"], "characters", place));
        found
    }

    fn of_arrays(&mut self, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
        let mut found = self.of_counts(known, sent, ["minItems", "maxItems"], "items", place);
        let first = |shape: &Shape| -> Vec<Value> {
            shape
                .get("prefixItems")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let rest = |shape: &Shape| shape.get("items").cloned().unwrap_or(Value::Bool(true));
        let (ours, theirs) = (first(known), first(sent));
        let at = |items: &[Value], rest: &Value, index: usize| items.get(index).unwrap_or(rest).clone();
        for index in 0..ours.len().max(theirs.len()) {
            let one = at(&ours, &rest(known), index);
            let other = at(&theirs, &rest(sent), index);
            if other == Value::Bool(false) {
                let reason = format!(
                    "{} does not send it, and {} needs it",
                    self.writer.name, self.reader.name
                );
                found.extend(self.gap(&format!("{place}[{index}]"), reason));
            } else {
                found.extend(self.gaps(&one, &other, &format!("{place}[{index}]")));
            }
        }
        found.extend(self.gaps(&rest(known), &rest(sent), &format!("{place}[]")));
        found
    }

    /// Keywords that the writer must have as the reader does, if the reader has them.
    fn of_words(&self, known: &Shape, sent: &Shape, keywords: &[&str], place: &str) -> Vec<Gap> {
        keywords
            .iter()
            .filter_map(|keyword| Some((*keyword, known.get(keyword)?)))
            .filter(|(keyword, value)| sent.get(keyword) != Some(value))
            .flat_map(|(keyword, value)| {
                let theirs = sent
                    .get(keyword)
                    .map_or_else(|| "any".to_owned(), Value::to_string);
                let reason = format!(
                    "{} expects the {keyword} {value}, and {} may send {theirs}",
                    self.reader.name, self.writer.name
                );
                self.gap(place, reason)
            })
            .collect()
    }

    fn of_counts(
        &self,
        known: &Shape,
        sent: &Shape,
        [least, most]: [&str; 2],
        what: &str,
        place: &str,
    ) -> Vec<Gap> {
        let limits = |shape: &Shape| {
            (
                shape.count(least).unwrap_or(0),
                shape.count(most).unwrap_or(u64::MAX),
            )
        };
        let (ours, theirs) = (limits(known), limits(sent));
        let beyond = if theirs.0 < ours.0 {
            format!("fewer than {}", ours.0)
        } else if theirs.1 > ours.1 {
            format!("more than {}", ours.1)
        } else {
            return Vec::new();
        };
        let reason = format!(
            "{} may send {beyond} {what}, which {} does not accept",
            self.writer.name, self.reader.name
        );
        self.gap(place, reason)
    }
}

/// The shortest of several complaints: what was most probably meant.
pub(super) fn fewest(complaints: Vec<Vec<Gap>>) -> Vec<Gap> {
    complaints.into_iter().min_by_key(Vec::len).unwrap_or_default()
}

/// Whether a reader of this shape can read this value. Formats and patterns of texts are not tried: a reader that has
/// one accepts no listed text that it does not list itself.
pub(super) fn accepts(shape: &Shape, value: &Value) -> bool {
    if let Some(values) = shape.values() {
        return values.contains(value);
    }
    if !shape.kind().takes(Kind::of_value(value)) {
        return false;
    }
    match (shape.kind(), value) {
        (Kind::Any | Kind::Null | Kind::Boolean, _) => true,
        (Kind::Integer | Kind::Number, Value::Number(number)) => number
            .as_f64()
            .is_some_and(|number| Range::of(shape).holds(number)),
        (Kind::String, Value::String(text)) => {
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            shape.get("format").is_none()
                && shape.get("pattern").is_none()
                && length >= shape.count("minLength").unwrap_or(0)
                && length <= shape.count("maxLength").unwrap_or(u64::MAX)
        }
        _ => false,
    }
}

fn phrases(shapes: &[Shape]) -> String {
    let mut phrases: Vec<&str> = Vec::new();
    for phrase in shapes.iter().map(|shape| shape.kind().phrase()) {
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    if phrases.is_empty() {
        return "nothing".to_owned();
    }
    phrases.join(" or ")
}

use super::{
    cover::{Cover, Gap, Side, accepts, fewest},
    shape::{Kind, Shape, alternatives},
};
use serde_json::Value;

/// An object that the writer may send, against the objects that the reader knows: the variants of an enum are told
/// apart by their tags.
pub(super) fn gaps(
    cover: &mut Cover<'_>,
    known: &[&Shape],
    variants: bool,
    sent: &Shape,
    place: &str,
) -> Vec<Gap> {
    let tags = tags(sent, cover.writer);
    let matches: Vec<Match<'_>> = known
        .iter()
        .map(|shape| Match::of(shape, &tags, cover.reader))
        .collect();
    let mut fitting: Vec<&Shape> = known
        .iter()
        .zip(&matches)
        .filter(|(_, found)| found.unknown.is_none())
        .map(|(shape, _)| *shape)
        .collect();
    if fitting.is_empty() {
        let nearest = matches.iter().max_by_key(|found| found.agreed);
        if let Some((name, value)) = nearest.and_then(|found| found.unknown) {
            return unknown_variant(cover, place, &format!("{name}={}", bare(value)));
        }
    }
    if let Some(name) = wrapper(sent, &tags).filter(|_| variants) {
        fitting.retain(|shape| shape.kind() == Kind::Any || shape.property(name).is_some());
        if fitting.is_empty() {
            return unknown_variant(cover, place, name);
        }
    }
    let place = match variants {
        true => within_variant(place, &tags),
        false => place.to_owned(),
    };
    let each = fitting.iter().map(|shape| of_pair(cover, shape, sent, &place));
    fewest(each.collect())
}

/// How far an object of the reader has the tags of one of the writer.
struct Match<'t> {
    agreed: usize,
    unknown: Option<&'t (String, Value)>,
}

impl<'t> Match<'t> {
    fn of(shape: &Shape, tags: &'t [(String, Value)], reader: Side<'_>) -> Self {
        let mut found = Match {
            agreed: 0,
            unknown: None,
        };
        for tag in tags {
            let (name, value) = tag;
            let Some(schema) = shape.property(name) else {
                continue;
            };
            let knows = alternatives(schema, reader.schemas)
                .iter()
                .any(|one| accepts(one, value));
            match knows {
                true => found.agreed += 1,
                false => found.unknown = found.unknown.or(Some(tag)),
            }
        }
        found
    }
}

fn unknown_variant(cover: &Cover<'_>, place: &str, variant: &str) -> Vec<Gap> {
    let reason = format!(
        "{} may send the variant {variant}, which {} does not know",
        cover.writer.name, cover.reader.name
    );
    cover.gap(place, reason)
}

fn within_variant(place: &str, tags: &[(String, Value)]) -> String {
    if tags.is_empty() {
        return place.to_owned();
    }
    let tags: Vec<String> = tags
        .iter()
        .map(|(name, value)| format!("{name}={}", bare(value)))
        .collect();
    format!("{place}({})", tags.join(", "))
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The members that always have one and the same value: the tags of a variant.
fn tags(sent: &Shape, writer: Side<'_>) -> Vec<(String, Value)> {
    sent.properties()
        .filter(|(name, _)| sent.requires(name))
        .filter_map(|(name, schema)| {
            let shapes = alternatives(schema, writer.schemas);
            match shapes.as_slice() {
                [shape] => match shape.values()? {
                    [value] => Some((name.clone(), value.clone())),
                    _ => None,
                },
                _ => None,
            }
        })
        .collect()
}

/// The name of the only member, which is how serde tags a variant from outside.
fn wrapper<'a>(sent: &'a Shape, tags: &[(String, Value)]) -> Option<&'a String> {
    let mut properties = sent.properties();
    match (properties.next(), properties.next()) {
        (Some((name, _)), None) if tags.is_empty() && sent.requires(name) => Some(name),
        _ => None,
    }
}

fn of_pair(cover: &mut Cover<'_>, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
    if known.kind() == Kind::Any {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (name, schema) in known.properties() {
        found.extend(of_property(cover, known, sent, (name, schema), place));
    }
    for (name, schema) in sent.properties() {
        if known.property(name).is_none() {
            found.extend(of_addition(cover, known, (name, schema), place));
        }
    }
    found.extend(of_others(cover, known, sent, place));
    found
}

/// A member that the reader knows.
fn of_property(
    cover: &mut Cover<'_>,
    known: &Shape,
    sent: &Shape,
    (name, schema): (&str, &Value),
    place: &str,
) -> Vec<Gap> {
    let place = format!("{place}.{name}");
    let needed = known.requires(name);
    let Some(theirs) = sent.property(name) else {
        if needed {
            let reason = format!(
                "{} does not send it, and {} needs it",
                cover.writer.name, cover.reader.name
            );
            return cover.gap(&place, reason);
        }
        // The member of a map may have this name.
        return match sent.others() {
            Some(theirs) => cover.gaps(schema, theirs, &place),
            None => Vec::new(),
        };
    };
    let mut found = cover.gaps(schema, theirs, &place);
    if needed && !sent.requires(name) {
        let reason = format!(
            "{} may leave it out, and {} needs it",
            cover.writer.name, cover.reader.name
        );
        found.extend(cover.gap(&place, reason));
    }
    found
}

/// A member that the reader does not know: ignored, unless the reader reads a map.
fn of_addition(
    cover: &mut Cover<'_>,
    known: &Shape,
    (name, schema): (&str, &Value),
    place: &str,
) -> Vec<Gap> {
    let place = format!("{place}.{name}");
    match known.others() {
        None => Vec::new(),
        Some(Value::Bool(_)) => {
            let reason = format!(
                "{} may send it, and {} refuses what it does not know",
                cover.writer.name, cover.reader.name
            );
            cover.gap(&place, reason)
        }
        Some(ours) => cover.gaps(ours, schema, &place),
    }
}

/// The members of a map.
fn of_others(cover: &mut Cover<'_>, known: &Shape, sent: &Shape, place: &str) -> Vec<Gap> {
    let anything = Value::Bool(true);
    let Some(ours) = known.others() else {
        return Vec::new();
    };
    let theirs = match (sent.get("additionalProperties"), sent.properties().next()) {
        (Some(Value::Bool(false)), _) | (None, Some(_)) => return Vec::new(),
        (Some(theirs), _) => theirs,
        (None, None) => &anything,
    };
    let place = format!("{place}.*");
    let mut found = cover.gaps(ours, theirs, &place);
    if let Some(names) = known.get("propertyNames") {
        let text = serde_json::json!({"type": "string"});
        let theirs = sent.get("propertyNames").unwrap_or(&text);
        found.extend(cover.gaps(names, theirs, &format!("{place} (names)")));
    }
    found
}

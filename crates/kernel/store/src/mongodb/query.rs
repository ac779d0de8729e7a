//! A checked query as a MongoDB filter. Every value stands behind an explicit operator, so data is never syntax.

use super::{
    json::uuid_to_bson,
    keys::{self, is_envelope},
};
use crate::{
    Collection, FieldKind, Key, StoreError,
    backend::{RawQuery, Seek},
};
use bson::{Bson, Document, doc};

/// What a list needs of the server.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) filter: Document,
    pub(super) sort: Document,
}

/// The sort field of a query.
struct SortField {
    path: String,
    kind: FieldKind,
    nullable: bool,
}

/// The filter and order of a query; nothing when no document can match.
pub(super) fn plan(collection: &Collection, query: &RawQuery) -> Result<Option<Plan>, StoreError> {
    let sort = sort_field(collection, query)?;
    if query.until == Some(Key::Null) {
        return Ok(None);
    }
    let mut filter = Document::new();
    if let Some(tenant) = query.tenant {
        filter.insert("tenant_id", doc! { "$eq": uuid_to_bson(tenant.0) });
    }
    filter.insert("deleted_at", doc! { "$eq": Bson::Null });
    let mut conditions = Vec::new();
    for (field, key) in &query.equals {
        conditions.push(on(&keys::path(field), operator("$eq", keys::to_bson(key)?)));
    }
    conditions.extend(bounds(&sort, query)?);
    if let Some(after) = &query.after {
        conditions.extend(seek(&sort, after, query.descending)?);
    }
    if !conditions.is_empty() {
        filter.insert("$and", conditions);
    }
    Ok(Some(Plan {
        filter,
        sort: order(&sort, query.descending),
    }))
}

fn sort_field(collection: &Collection, query: &RawQuery) -> Result<SortField, StoreError> {
    let kind = match query.sort.as_str() {
        "id" => FieldKind::Uuid,
        name => {
            collection
                .declared(name)
                .ok_or_else(|| StoreError::internal(format!("'{name}' is not declared")))?
                .kind
        }
    };
    Ok(SortField {
        path: keys::path(&query.sort),
        kind,
        nullable: !is_envelope(&query.sort),
    })
}

fn order(sort: &SortField, descending: bool) -> Document {
    let direction = if descending { -1 } else { 1 };
    let mut order = Document::new();
    order.insert(sort.path.clone(), direction);
    order.insert("_id", direction);
    order
}

/// The range and the beginning that bound the sort field; null lies in neither.
fn bounds(sort: &SortField, query: &RawQuery) -> Result<Vec<Document>, StoreError> {
    let mut bounds = Vec::new();
    match &query.from {
        Some(Key::Null) => bounds.push(operator("$gte", keys::smallest(sort.kind)?)),
        Some(from) => bounds.push(operator("$gte", keys::to_bson(from)?)),
        None => {}
    }
    if let Some(until) = &query.until {
        bounds.push(operator("$lt", keys::to_bson(until)?));
    }
    if let Some(prefix) = &query.prefix {
        bounds.push(operator("$gte", Bson::String(prefix.clone())));
        bounds.extend(after_prefix(prefix).map(|end| operator("$lt", Bson::String(end))));
    }
    Ok(bounds.into_iter().map(|bound| on(&sort.path, bound)).collect())
}

/// The smallest text after all texts that begin with `prefix`, if there is one.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        if let Some(next) = next_char(last) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

fn next_char(letter: char) -> Option<char> {
    match letter {
        '\u{d7ff}' => Some('\u{e000}'),
        other => char::from_u32(u32::from(other) + 1),
    }
}

/// Documents behind the last one of the page before. Null comes first in ascending order.
///
/// Beside the exact condition stands a plain bound of the sort field where there is one: with it a server reads the
/// index from there on and need not begin at the first page.
fn seek(sort: &SortField, after: &Seek, descending: bool) -> Result<Vec<Document>, StoreError> {
    let beyond = if descending { "$lt" } else { "$gt" };
    if sort.path == "_id" {
        return Ok(vec![on("_id", operator(beyond, uuid_to_bson(after.id)))]);
    }
    let key = keys::to_bson(&after.key)?;
    let mut tie = on(&sort.path, operator("$eq", key.clone()));
    tie.insert("_id", operator(beyond, uuid_to_bson(after.id)));
    let any_of = |others: Vec<Document>| {
        let branches: Vec<Document> = std::iter::once(tie.clone())
            .chain(others.into_iter().map(|condition| on(&sort.path, condition)))
            .collect();
        doc! { "$or": branches }
    };
    Ok(match (&after.key, descending) {
        (Key::Null, true) => vec![tie],
        (Key::Null, false) => vec![any_of(vec![operator("$gte", keys::smallest(sort.kind)?)])],
        (_, false) => vec![
            on(&sort.path, operator("$gte", key.clone())),
            any_of(vec![operator("$gt", key)]),
        ],
        (_, true) if sort.nullable => vec![
            // What is not greater: the smaller ones, and null.
            on(&sort.path, doc! { "$not": operator("$gt", key.clone()) }),
            any_of(vec![operator("$lt", key), operator("$eq", Bson::Null)]),
        ],
        (_, true) => vec![
            on(&sort.path, operator("$lte", key.clone())),
            any_of(vec![operator("$lt", key)]),
        ],
    })
}

fn on(path: &str, condition: Document) -> Document {
    let mut document = Document::new();
    document.insert(path, condition);
    document
}

fn operator(name: &str, value: Bson) -> Document {
    let mut document = Document::new();
    document.insert(name, value);
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text() {
        assert_eq!(after_prefix("ab"), Some("ac".to_owned()));
        assert_eq!(after_prefix("a\u{10ffff}"), Some("b".to_owned()));
        assert_eq!(after_prefix("\u{d7ff}"), Some("\u{e000}".to_owned()));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix(""), None);
    }
}

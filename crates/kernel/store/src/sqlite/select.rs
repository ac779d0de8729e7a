use super::{
    column::{after_prefix, column_of, id_value, key_value, least, quoted},
    index::{leading_array, served_shape, serving},
    layout::side_name,
};
use crate::{
    Collection, Key, StoreError,
    backend::{RawQuery, Seek},
};
use rusqlite::types::Value;

/// A statement and what is bound to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) sql: String,
    pub(super) params: Vec<Value>,
}

/// The columns of a document, in the order in which rows are read.
pub(super) const DOCUMENT: &str =
    "t.id, t.version, t.tenant_id, t.created_at, t.updated_at, t.deleted_at, json(t.body)";

/// The statements of a page, to be run one after the other until the page is full. There are two where nulls and
/// other values of the sort field lie on both sides of the place where the page begins: each is one range of an index.
pub(super) fn page(collection: &Collection, query: &RawQuery) -> Result<Vec<Select>, StoreError> {
    let source = Source::of(collection, query)?;
    let parts = parts(collection, query, &source)?;
    Ok(parts
        .into_iter()
        .map(|part| {
            let mut builder = source.conditions(query);
            builder.add(part.conditions);
            let direction = if query.descending { " DESC" } else { "" };
            let id = source.id();
            let order = match part.by_id_only {
                true => format!("{id}{direction}"),
                false => format!("{}{direction}, {id}{direction}", source.column(&query.sort)),
            };
            builder.params.push(Value::Integer(i64::from(query.limit)));
            Select {
                sql: format!(
                    "SELECT {DOCUMENT} FROM {} WHERE {} ORDER BY {order} LIMIT ?",
                    source.from(),
                    builder.text()
                ),
                params: builder.params,
            }
        })
        .collect())
}

/// How many match, counting no further than `cap`.
pub(super) fn count(collection: &Collection, query: &RawQuery, cap: u64) -> Result<Select, StoreError> {
    let source = Source::of(collection, query)?;
    let mut builder = source.conditions(query);
    let bounds = bounds(query, &source.column(&query.sort), true, true);
    builder.add(bounds);
    builder
        .params
        .push(Value::Integer(i64::try_from(cap).unwrap_or(i64::MAX)));
    Ok(Select {
        sql: format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT ?)",
            source.rows(),
            builder.text()
        ),
        params: builder.params,
    })
}

/// Conditions and their parameters, in step.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    params: Vec<Value>,
}

impl Conditions {
    fn push(&mut self, text: String, params: impl IntoIterator<Item = Value>) {
        self.texts.push(text);
        self.params.extend(params);
    }

    fn add(&mut self, other: Conditions) {
        self.texts.extend(other.texts);
        self.params.extend(other.params);
    }

    fn text(&self) -> String {
        if self.texts.is_empty() {
            "true".to_owned()
        } else {
            self.texts.join(" AND ")
        }
    }
}

/// Where the rows come from: the table, or the side table of an array field that is filtered by.
struct Source<'a> {
    collection: &'a Collection,
    array: Option<&'a str>,
    /// The index to walk. Without statistics SQLite takes two bounds on the order for more telling than one more value
    /// that must be equal, and would read the whole firm's week to find one account's.
    index: Option<String>,
}

impl<'a> Source<'a> {
    fn of(collection: &'a Collection, query: &'a RawQuery) -> Result<Self, StoreError> {
        for (name, _) in &query.equals {
            if name != "id" && collection.declared(name).is_none() {
                return Err(StoreError::internal(format!("'{name}' is not a declared field")));
            }
        }
        // The side table that leads is the one of the served shape's first array field.
        let shape = served_shape(collection, query);
        let leading = shape.and_then(|shape| leading_array(collection, shape));
        Ok(Self {
            collection,
            array: leading.map(|field| field.name),
            index: shape.and_then(|shape| serving(collection, shape, query)),
        })
    }

    fn is_array(&self, name: &str) -> bool {
        self.collection.declared(name).is_some_and(|field| field.many)
    }

    fn id(&self) -> &'static str {
        if self.array.is_some() { "s.doc_id" } else { "t.id" }
    }

    fn column(&self, field: &str) -> String {
        match (field, self.array) {
            ("id", _) => self.id().to_owned(),
            (name, Some(_)) => format!("s.{}", quoted(&column_of(name))),
            (name, None) => format!("t.{}", quoted(&column_of(name))),
        }
    }

    /// The tables that find rows.
    fn rows(&self) -> String {
        let rows = match self.array {
            Some(field) => format!("{} s", quoted(&side_name(self.collection.name(), field))),
            None => format!("{} t", quoted(self.collection.name())),
        };
        match &self.index {
            Some(index) => format!("{rows} INDEXED BY {}", quoted(index)),
            None => rows,
        }
    }

    /// The tables that find and show documents.
    fn from(&self) -> String {
        match self.array {
            Some(_) => format!(
                "{} CROSS JOIN {} t ON t.id = s.doc_id",
                self.rows(),
                quoted(self.collection.name())
            ),
            None => self.rows(),
        }
    }

    /// Firm, scope and filters.
    fn conditions(&self, query: &RawQuery) -> Conditions {
        let mut conditions = Conditions::default();
        let alias = if self.array.is_some() { "s" } else { "t" };
        if let Some(tenant) = query.tenant {
            conditions.push(format!("{alias}.tenant_id = ?"), [id_value(tenant.0)]);
        }
        let mut led = false;
        for (name, key) in &query.equals {
            if self.is_array(name) {
                let value = key_value(key);
                if self.array == Some(name) && !led {
                    led = true;
                    conditions.push("s.value = ?".to_owned(), [value]);
                } else {
                    let side = quoted(&side_name(self.collection.name(), name));
                    let id = self.id();
                    conditions.push(
                        format!("EXISTS (SELECT 1 FROM {side} o WHERE o.doc_id = {id} AND o.value = ?)"),
                        [value],
                    );
                }
                continue;
            }
            let column = self.column(name);
            match key {
                Key::Null => conditions.push(format!("{column} IS NULL"), []),
                key => conditions.push(format!("{column} = ?"), [key_value(key)]),
            }
        }
        if self.array.is_none() {
            conditions.push("t.deleted_at IS NULL".to_owned(), []);
        }
        conditions
    }
}

/// One range of an index.
struct Part {
    conditions: Conditions,
    /// The sort field is the same for all rows.
    by_id_only: bool,
}

impl Part {
    fn ordered(conditions: Conditions) -> Self {
        Self {
            conditions,
            by_id_only: false,
        }
    }

    fn by_id(conditions: Conditions) -> Self {
        Self {
            conditions,
            by_id_only: true,
        }
    }
}

fn parts(collection: &Collection, query: &RawQuery, source: &Source<'_>) -> Result<Vec<Part>, StoreError> {
    let column = source.column(&query.sort);
    let constant = query.equals.iter().any(|(name, _)| *name == query.sort);
    if query.sort == "id" || constant {
        let mut conditions = bounds(query, &column, true, true);
        if let Some(seek) = &query.after {
            conditions.add(beyond_id(query, source, seek));
        }
        return Ok(vec![Part::by_id(conditions)]);
    }
    let Some(seek) = &query.after else {
        return Ok(vec![Part::ordered(bounds(query, &column, true, true))]);
    };
    let field = collection
        .declared(&query.sort)
        .ok_or_else(|| StoreError::internal(format!("'{}' is not a declared field", query.sort)))?;
    let bounded = query.from.is_some() || query.until.is_some() || query.prefix.is_some();
    let nulls = |beyond: Option<Conditions>| {
        let mut conditions = Conditions::default();
        conditions.push(format!("{column} IS NULL"), []);
        conditions.add(beyond.unwrap_or_default());
        Part::by_id(conditions)
    };
    if seek.key == Key::Null {
        let rest = nulls(Some(beyond_id(query, source, seek)));
        if query.descending {
            return Ok(vec![rest]);
        }
        let mut values = Conditions::default();
        values.push(format!("{column} >= ?"), [least(field.kind)]);
        return Ok(vec![rest, Part::ordered(values)]);
    }
    let comparison = if query.descending { '<' } else { '>' };
    let mut conditions = bounds(query, &column, query.descending, !query.descending);
    conditions.push(
        format!("({column}, {}) {comparison} (?, ?)", source.id()),
        [key_value(&seek.key), id_value(seek.id)],
    );
    let mut parts = vec![Part::ordered(conditions)];
    let nullable = !matches!(query.sort.as_str(), "created_at" | "updated_at");
    if query.descending && nullable && !bounded {
        parts.push(nulls(None));
    }
    Ok(parts)
}

fn beyond_id(query: &RawQuery, source: &Source<'_>, seek: &Seek) -> Conditions {
    let comparison = if query.descending { '<' } else { '>' };
    let mut conditions = Conditions::default();
    conditions.push(format!("{} {comparison} ?", source.id()), [id_value(seek.id)]);
    conditions
}

/// The range and the beginning that the sort field is bound to.
fn bounds(query: &RawQuery, column: &str, lower: bool, upper: bool) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(from) = query.from.as_ref().filter(|_| lower) {
        conditions.push(format!("{column} >= ?"), [key_value(from)]);
    }
    if let Some(until) = query.until.as_ref().filter(|_| upper) {
        conditions.push(format!("{column} < ?"), [key_value(until)]);
    }
    if let Some(prefix) = &query.prefix {
        if lower {
            conditions.push(format!("{column} >= ?"), [Value::Text(prefix.clone())]);
        }
        if let Some(end) = after_prefix(prefix).filter(|_| upper) {
            conditions.push(format!("{column} < ?"), [Value::Text(end)]);
        }
    }
    conditions
}

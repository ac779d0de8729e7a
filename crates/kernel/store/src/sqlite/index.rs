use super::{
    column::{column_of, quoted},
    layout::side_name,
};
use crate::{Collection, Field, QueryShape, backend::RawQuery};
use std::collections::BTreeMap;

/// An index that a collection needs: its name says all that it is, so that repeating it changes nothing.
pub(super) struct Index {
    pub(super) name: String,
    pub(super) sql: String,
    /// The declared fields of a unique index.
    pub(super) unique: Vec<&'static str>,
}

/// All indexes of a collection: one per served shape and kind of caller, one per shape for queries across all firms
/// (consumers, jobs, log-in) unless it says that there are none, and the unique ones.
pub(super) fn indexes(collection: &Collection) -> Vec<Index> {
    let mut found = BTreeMap::new();
    let across = (!collection.is_within_firms()).then_some((false, None));
    for shape in collection.shapes() {
        let firm = collection
            .indexed_scopes(shape)
            .into_iter()
            .map(|scope| (true, scope));
        for (tenant, scope) in firm.chain(across) {
            if let Some(index) = shape_index(collection, shape, tenant, scope) {
                found.insert(index.name.clone(), index);
            }
        }
    }
    for unique in collection.uniques() {
        let mut columns: Vec<String> = unique.fields.iter().map(|field| column_of(field)).collect();
        let mut live = vec!["deleted_at IS NULL".to_owned()];
        live.extend(
            columns
                .iter()
                .map(|column| format!("{} IS NOT NULL", quoted(column))),
        );
        if unique.per_tenant {
            columns.insert(0, "tenant_id".to_owned());
        }
        let name = format!("unique {} ({})", collection.name(), columns.join(", "));
        let sql = format!(
            "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {} ({}) WHERE {}",
            quoted(&name),
            quoted(collection.name()),
            listed(&columns),
            live.join(" AND ")
        );
        let index = Index {
            name: name.clone(),
            sql,
            unique: unique.fields.clone(),
        };
        found.insert(name, index);
    }
    found.into_values().collect()
}

/// The declared pair that serves a query: the one with its order that uses most of its filters.
pub(super) fn served_shape<'a>(collection: &'a Collection, query: &RawQuery) -> Option<&'a QueryShape> {
    collection
        .shapes()
        .iter()
        .filter(|shape| {
            shape.sort == query.sort && shape.filters.iter().all(|filter| compares(query, filter))
        })
        .max_by_key(|shape| shape.filters.len())
}

/// The name of the index that serves a query of this pair; none where the primary key serves.
pub(super) fn serving(collection: &Collection, shape: &QueryShape, query: &RawQuery) -> Option<String> {
    let firm = query.tenant.is_some();
    if !firm && collection.is_within_firms() {
        return None;
    }
    let scopes = collection.indexed_scopes(shape).into_iter().flatten();
    let scope = scopes.rev().find(|scope| firm && compares(query, scope));
    shape_index(collection, shape, firm, scope).map(|index| index.name)
}

fn compares(query: &RawQuery, field: &str) -> bool {
    query.equals.iter().any(|(name, _)| name == field)
}

/// The columns of a side table beside document, value and firm: all that the shapes with this array field need.
pub(super) fn side_columns(collection: &Collection, array: &Field) -> Vec<String> {
    let mut columns = Vec::new();
    let shapes = collection
        .shapes()
        .iter()
        .filter(|shape| leading_array(collection, shape).is_some_and(|field| field.name == array.name));
    for shape in shapes {
        let scopes = collection.scope_fields().into_iter().flatten();
        let wanted = scopes
            .chain(shape.filters.iter().copied())
            .chain([shape.sort])
            .filter(|name| *name != "id")
            .filter(|name| collection.declared(name).is_some_and(|field| !field.many));
        for name in wanted {
            let column = column_of(name);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    columns
}

/// The array field whose side table leads a query of this shape.
pub(super) fn leading_array<'a>(collection: &'a Collection, shape: &QueryShape) -> Option<&'a Field> {
    shape
        .filters
        .iter()
        .filter_map(|name| collection.declared(name))
        .find(|field| field.many)
}

/// The index of one shape; none where the primary key serves.
fn shape_index(
    collection: &Collection,
    shape: &QueryShape,
    tenant: bool,
    scope: Option<&str>,
) -> Option<Index> {
    let array = leading_array(collection, shape);
    let (table, id) = match array {
        Some(field) => (side_name(collection.name(), field.name), "doc_id"),
        None => (collection.name().to_owned(), "id"),
    };
    let mut columns = Vec::new();
    if tenant {
        columns.push("tenant_id".to_owned());
    }
    columns.extend(scope.map(column_of));
    if array.is_some() {
        columns.push("value".to_owned());
    }
    let filters = shape
        .filters
        .iter()
        .filter(|name| collection.declared(name).is_none_or(|field| !field.many));
    let mut filters: Vec<String> = filters.map(|name| column_of(name)).collect();
    filters.sort_unstable();
    columns.extend(filters);
    columns.push(column_of(shape.sort));
    columns.push("id".to_owned());
    let mut columns = without_repeats(columns);
    if columns == ["id"] {
        return None;
    }
    for column in &mut columns {
        if column == "id" {
            id.clone_into(column);
        }
    }
    let name = format!("index {table} ({})", columns.join(", "));
    let sql = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} ({}){}",
        quoted(&name),
        quoted(&table),
        listed(&columns),
        if array.is_some() {
            ""
        } else {
            " WHERE deleted_at IS NULL"
        }
    );
    Some(Index {
        name,
        sql,
        unique: Vec::new(),
    })
}

fn without_repeats(columns: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for column in columns {
        if !kept.contains(&column) {
            kept.push(column);
        }
    }
    kept
}

fn listed(columns: &[String]) -> String {
    columns
        .iter()
        .map(|column| quoted(column))
        .collect::<Vec<_>>()
        .join(", ")
}

//! Every declared query is served by an index: no scan, no sorting of what was found.

use super::{file, layout::Layout, schema::Preparation, select};
use crate::{
    Collection, FieldKind, Key, Scoping,
    backend::{RawQuery, Seek},
};
use kernel::TenantId;
use rusqlite::{Connection, params_from_iter};
use rust_decimal::Decimal;
use std::path::Path;
use uuid::Uuid;

fn collection(scoping: Scoping) -> Collection {
    Collection::new("accounts", scoping)
        .field("name", FieldKind::Text)
        .field("status", FieldKind::Text)
        .field("balance", FieldKind::Decimal)
        .field("opened", FieldKind::Time)
        .field("rank", FieldKind::Int)
        .field("active", FieldKind::Bool)
        .field("address.city", FieldKind::Text)
        .field("version", FieldKind::Int)
        .many("tags")
        .many("labels")
        .unique(&["name"])
        .unique_in_installation(&["version"])
        .serves(
            &[],
            &["name", "balance", "opened", "updated_at", "rank", "version"],
        )
        .serves(&["status"], &["id", "created_at", "name", "opened", "status"])
        .serves(&["address.city", "active"], &["balance"])
        .serves(&["name"], &["created_at"])
        .serves(&["tags"], &["id", "created_at", "name", "balance"])
        .serves(&["tags", "status"], &["opened"])
        .serves(&["labels", "tags"], &["created_at"])
        .any_of("from_id|to_id", FieldKind::Uuid)
        .belongs_to("from_id|to_id")
        .serves(&["from_id|to_id"], &["opened", "created_at", "balance"])
        .serves(&["from_id|to_id", "status"], &["opened"])
        .field("vault", FieldKind::Uuid)
        .belongs_to("vault")
        .serves(&["vault"], &["opened", "balance"])
        .serves(&["vault", "status"], &["opened"])
        .serves(&["vault", "tags"], &["created_at"])
}

fn prepared(collection: &'static Collection) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let preparation = Preparation {
        connection: &connection,
        path: Path::new("memory"),
        group: "bank",
        now: 0,
    };
    preparation.run(&[collection]).unwrap();
    file::mark(&connection).unwrap();
    Layout::read(&connection).unwrap();
    connection
}

fn key(kind: FieldKind) -> Key {
    match kind {
        FieldKind::Text => Key::Text("x".into()),
        FieldKind::Int => Key::Int(7),
        FieldKind::Bool => Key::Bool(true),
        FieldKind::Time => Key::Time(1_000),
        FieldKind::Uuid => Key::Uuid(Uuid::nil()),
        FieldKind::Decimal => Key::Decimal(Decimal::ONE),
    }
}

/// Every way in which a shape can be asked for: scope, direction, first page, next page, after a null, bounded.
fn queries(collection: &Collection) -> Vec<RawQuery> {
    let mut queries = Vec::new();
    let firm = Some(TenantId::DEFAULT);
    let callers: Vec<_> = collection
        .scope_fields()
        .into_iter()
        .map(|scope| (firm, scope))
        .chain((!collection.is_within_firms()).then_some((None, None)))
        .collect();
    for shape in collection.shapes() {
        let kind = collection
            .declared(shape.sort)
            .map_or(FieldKind::Uuid, |field| field.kind);
        for (tenant, scope) in &callers {
            let mut equals: Vec<(String, Key)> = Vec::new();
            equals.extend(scope.map(|name| (name.to_owned(), key(FieldKind::Uuid))));
            equals.extend(shape.filters.iter().map(|name| {
                let kind = collection.declared(name).unwrap().kind;
                ((*name).to_owned(), key(kind))
            }));
            for descending in [false, true] {
                let plain = RawQuery {
                    tenant: *tenant,
                    equals: equals.clone(),
                    from: None,
                    until: None,
                    prefix: None,
                    sort: shape.sort.to_owned(),
                    descending,
                    after: None,
                    limit: 51,
                };
                let seek = |key| Some(Seek { key, id: Uuid::nil() });
                queries.push(RawQuery {
                    after: seek(key(kind)),
                    ..plain.clone()
                });
                queries.push(RawQuery {
                    from: Some(key(kind)),
                    until: Some(key(kind)),
                    ..plain.clone()
                });
                queries.push(RawQuery {
                    until: Some(key(kind)),
                    after: seek(key(kind)),
                    ..plain.clone()
                });
                // What the store fills in itself is never null.
                if !["id", "created_at", "updated_at"].contains(&shape.sort) {
                    queries.push(RawQuery {
                        after: seek(Key::Null),
                        ..plain.clone()
                    });
                }
                if kind == FieldKind::Text {
                    queries.push(RawQuery {
                        prefix: Some("ab".into()),
                        ..plain.clone()
                    });
                }
                queries.push(plain);
            }
        }
    }
    queries
}

fn plan(connection: &Connection, select: &select::Select) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {}", select.sql))
        .unwrap();
    statement
        .query_map(params_from_iter(&select.params), |row| row.get::<_, String>(3))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

/// A list of everything in all firms begins nowhere: it walks an index from its end, which SQLite calls a scan.
fn is_whole_walk(query: &RawQuery, step: &str) -> bool {
    query.tenant.is_none()
        && query.equals.is_empty()
        && (step.contains("USING INDEX") || step.contains("USING COVERING INDEX"))
}

fn assert_served(scoping: Scoping) {
    let collection: &'static Collection = Box::leak(Box::new(collection(scoping)));
    let connection = prepared(collection);
    for query in queries(collection) {
        for part in select::page(collection, &query).unwrap() {
            let steps = plan(&connection, &part);
            for step in &steps {
                let scans = step.starts_with("SCAN") && !is_whole_walk(&query, step);
                assert!(
                    !scans && !step.contains("TEMP B-TREE"),
                    "{}\n{steps:#?}",
                    part.sql
                );
            }
        }
        let count = select::count(collection, &query, 10_001).unwrap();
        for step in plan(&connection, &count) {
            let whole = step.starts_with("SCAN (subquery") || is_whole_walk(&query, &step);
            assert!(!step.starts_with("SCAN") || whole, "{}\n{step}", count.sql);
        }
    }
}

#[test]
fn every_query_of_a_client_linked_collection_is_served_by_an_index() {
    assert_served(Scoping::Client);
}

#[test]
fn every_query_of_an_owned_collection_is_served_by_an_index() {
    assert_served(Scoping::Owner);
}

#[test]
fn every_query_of_a_firms_collection_is_served_by_an_index() {
    assert_served(Scoping::Tenant);
}

#[test]
fn what_belongs_together_is_found_by_one_index_whoever_asks() {
    let collection: &'static Collection = Box::leak(Box::new(collection(Scoping::Client)));
    let connection = prepared(collection);
    for query in queries(collection) {
        if !query.equals.iter().any(|(name, _)| name == "vault") {
            continue;
        }
        for part in select::page(collection, &query).unwrap() {
            let steps = plan(&connection, &part);
            let by_vault = |step: &String| step.contains(" AND vault=?") || step.contains("value=?");
            assert!(steps.iter().any(by_vault), "{}\n{steps:#?}", part.sql);
        }
    }
    let scoped: i64 = connection
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE '%(tenant_id, user_id, %vault%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(scoped, 0);
}

#[test]
fn a_look_up_across_all_firms_by_a_unique_value_is_served_by_an_index() {
    let collection: &'static Collection = Box::leak(Box::new(
        Collection::new("users", Scoping::Tenant)
            .field("email", FieldKind::Text)
            .unique_in_installation(&["email"])
            .serves(&["email"], &["created_at"]),
    ));
    let connection = prepared(collection);
    let query = RawQuery {
        tenant: None,
        equals: vec![("email".into(), "a@b.co".into())],
        from: None,
        until: None,
        prefix: None,
        sort: "created_at".into(),
        descending: false,
        after: None,
        limit: 2,
    };
    for part in select::page(collection, &query).unwrap() {
        let steps = plan(&connection, &part);
        assert!(
            steps.iter().all(|step| step.contains("SEARCH t USING INDEX")),
            "{steps:#?}"
        );
    }
}

//! Which indexes a collection needs, and making them.

use super::{failure, keys};
use crate::{Collection, StoreError};
use bson::{Bson, Document, doc};
use mongodb::{IndexModel, options::IndexOptions};

/// How many indexes a server accepts on one collection, its own on `_id` not counted.
const MOST: usize = 63;

/// Makes the indexes that are missing and says which.
pub(super) async fn make(
    stored: &mongodb::Collection<Document>,
    collection: &Collection,
) -> Result<Vec<String>, StoreError> {
    let present = match stored.list_index_names().await {
        Ok(names) => names,
        Err(error) if failure::is_no_collection(&error) => Vec::new(),
        Err(error) => return Err(failure::of_operator(&error)),
    };
    let mut plans = index_plans(collection);
    if plans.len() > MOST {
        return Err(StoreError::refused(format!(
            "the collection '{}' needs {} indexes and MongoDB allows {MOST}: declare fewer filters and sorts",
            collection.name(),
            plans.len()
        )));
    }
    plans.retain(|plan| !present.contains(&plan.name));
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let models: Vec<IndexModel> = plans.iter().map(model).collect();
    match stored.create_indexes(models).await {
        Ok(_) => Ok(plans
            .iter()
            .map(|plan| format!("create index {} {}", collection.name(), plan.name))
            .collect()),
        Err(error) => match failure::duplicate(&error) {
            Some(index) => Err(StoreError::refused(format!(
                "documents of '{}' already share what must be unique ({index}): resolve them, then start again",
                collection.name()
            ))),
            None => Err(failure::of_operator(&error)),
        },
    }
}

fn model(plan: &IndexPlan) -> IndexModel {
    let options = IndexOptions::builder()
        .name(plan.name.clone())
        .unique(plan.unique.then_some(true))
        .partial_filter_expression(plan.partial.clone())
        .build();
    IndexModel::builder()
        .keys(plan.keys.clone())
        .options(options)
        .build()
}

/// The name of an index: what it holds, in order.
fn index_name(kind: &str, keys: &Document) -> String {
    let fields: Vec<&str> = keys.keys().map(String::as_str).collect();
    format!("{kind}:{}", fields.join(","))
}

/// An index over these paths, each once, all ascending: an index is read in both directions.
fn index_keys<'a>(paths: impl IntoIterator<Item = &'a str>) -> Document {
    let mut index = Document::new();
    for path in paths {
        if !index.contains_key(path) {
            index.insert(path, 1);
        }
    }
    index
}

/// One index that a collection needs.
#[derive(Debug, Clone, PartialEq)]
struct IndexPlan {
    name: String,
    keys: Document,
    unique: bool,
    partial: Document,
}

/// The indexes of a collection: one for each unique combination, and one for each served (filter, sort) pair and kind
/// of caller. Deleted documents stand in none of them.
fn index_plans(collection: &Collection) -> Vec<IndexPlan> {
    let mut plans: Vec<IndexPlan> = Vec::new();
    for unique in collection.uniques() {
        plans.push(unique_plan(collection, &unique.fields, unique.per_tenant));
    }
    for keys in list_indexes(collection) {
        let plan = IndexPlan {
            name: index_name("list", &keys),
            keys,
            unique: false,
            partial: doc! { "deleted_at": Bson::Null },
        };
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    plans
}

/// The declared fields of a unique index by its name; `id` for the server's own.
pub(super) fn unique_fields(collection: &Collection, name: &str) -> Vec<String> {
    let declared = collection
        .uniques()
        .iter()
        .find(|unique| unique_name(&unique.fields, unique.per_tenant) == name);
    match declared {
        Some(unique) => unique.fields.iter().map(|field| (*field).to_owned()).collect(),
        None => vec!["id".to_owned()],
    }
}

fn unique_name(fields: &[&'static str], per_tenant: bool) -> String {
    index_name("unique", &unique_keys(fields, per_tenant))
}

fn unique_keys(fields: &[&'static str], per_tenant: bool) -> Document {
    let paths: Vec<String> = fields.iter().map(|field| keys::path(field)).collect();
    index_keys(
        per_tenant
            .then_some("tenant_id")
            .into_iter()
            .chain(paths.iter().map(String::as_str)),
    )
}

/// A document counts while it is not deleted and none of the fields is null.
fn unique_plan(collection: &Collection, fields: &[&'static str], per_tenant: bool) -> IndexPlan {
    let mut partial = doc! { "deleted_at": Bson::Null };
    let nullable = fields.iter().filter(|field| !keys::is_envelope(field));
    for field in nullable.filter_map(|field| collection.declared(field)) {
        partial.insert(
            keys::path(field.name),
            doc! { "$type": keys::type_name(field.kind) },
        );
    }
    IndexPlan {
        name: unique_name(fields, per_tenant),
        keys: unique_keys(fields, per_tenant),
        unique: true,
        partial,
    }
}

fn list_indexes(collection: &Collection) -> Vec<Document> {
    let mut indexes = Vec::new();
    for shape in collection.shapes() {
        let own = shape.filters.iter().map(|field| keys::path(field));
        let own: Vec<String> = own.chain([keys::path(shape.sort), "_id".to_owned()]).collect();
        for scope in collection.indexed_scopes(shape) {
            let scope = scope.map(keys::path);
            let leading = ["tenant_id"].into_iter().chain(scope.as_deref());
            indexes.push(index_keys(leading.chain(own.iter().map(String::as_str))));
        }
        // Jobs, log-in and revocations are read across all firms.
        let everywhere = index_keys(own.iter().map(String::as_str));
        if !collection.is_within_firms() && everywhere.len() > 1 {
            indexes.push(everywhere);
        }
    }
    indexes
}

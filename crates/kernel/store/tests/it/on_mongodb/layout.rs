//! How the data looks to somebody who opens the database.

use crate::conformance::{
    place::{Place, cx, driver, feed_of, id},
    samples::{Counter, Linked, Login, Sample, counted},
};
use bson::{Bson, Document as BsonDocument, doc};
use futures::TryStreamExt;
use store::{Collection, Document, Store};

#[tokio::test]
async fn documents_hold_native_values_and_their_keys() {
    let place = Place::mongodb();
    let handle = place.open(&[Sample::collection()]).await;
    let cx = cx(&handle);
    let mut batch = handle.batch(&cx);
    let sample = Sample {
        text: Some("Renée  MÜLLER".into()),
        whole: Some(7),
        flag: Some(true),
        at: Some("2024-05-01T10:00:00Z".parse().unwrap()),
        reference: Some(id(5)),
        amount: Some("12345678901234567.890".parse().unwrap()),
        tags: vec!["Gold".into(), "Über".into()],
        ..Sample::default()
    };
    batch.insert(id(1), sample);
    batch.event(counted(&cx, 1));
    handle.commit(batch).await.unwrap();
    feed_of(&handle, 1).await;

    let database = driver().await.database(place.database());
    let stored = database.collection::<BsonDocument>("samples");
    let found = stored
        .find_one(doc! { "_id": bson::Uuid::from_bytes(*id(1).as_bytes()) })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.get("id"), found.get("_id"));
    assert!(matches!(found.get("tenant_id"), Some(Bson::Binary(_))));
    assert!(matches!(found.get("created_at"), Some(Bson::DateTime(_))));
    assert_eq!(found.get("deleted_at"), Some(&Bson::Null));
    assert_eq!(found.get_i64("version").unwrap(), 1);
    assert_eq!(found.get_str("text").unwrap(), "Renée  MÜLLER");
    assert!(matches!(found.get("at"), Some(Bson::DateTime(_))));
    assert!(matches!(found.get("reference"), Some(Bson::Binary(_))));
    assert_eq!(found.get_str("amount").unwrap(), "12345678901234567.890");
    let keys = found.get_document("_k").unwrap();
    assert_eq!(keys.get_str("text").unwrap(), "renee muller");
    assert_eq!(keys.get_i64("whole").unwrap(), 7);
    assert_eq!(keys.get("amount").unwrap().to_string(), "12345678901234567.89");
    assert!(matches!(keys.get("amount"), Some(Bson::Decimal128(_))));
    assert_eq!(
        keys.get_array("tags").unwrap(),
        &[Bson::from("gold"), Bson::from("uber")]
    );
    assert_eq!(keys.get("kind"), Some(&Bson::Null));
    assert_eq!(keys.get("place/city"), Some(&Bson::Null));

    let event = database
        .collection::<BsonDocument>("bank.outbox")
        .find_one(doc! {})
        .await
        .unwrap()
        .unwrap();
    assert_eq!((event.get_i64("seq").unwrap(), event.get("pending")), (1, None));
    let names = database.list_collection_names().await.unwrap();
    for name in [
        "samples",
        "bank.outbox",
        "bank.idempotency_keys",
        "bank.cursors",
        "bank.leases",
        "bank.blobs",
    ] {
        assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
    }
    place.dispose().await;
}

/// For every served pair and every kind of caller there is an index that begins with the equalities, in any order,
/// and goes on with the sort field and the id.
#[tokio::test]
async fn each_filter_and_sort_pair_has_its_index() {
    let collections = [
        Sample::collection(),
        Login::collection(),
        Linked::collection(),
        Counter::collection(),
    ];
    let place = Place::mongodb();
    place.open(&collections).await;
    let database = driver().await.database(place.database());
    for collection in collections.into_iter().chain(Store::kernel_collections()) {
        let name = match collection.is_in_every_group() {
            true => format!("bank.{}", collection.name()),
            false => collection.name().to_owned(),
        };
        let stored = database.collection::<BsonDocument>(&name);
        let indexes: Vec<mongodb::IndexModel> =
            stored.list_indexes().await.unwrap().try_collect().await.unwrap();
        for (equal, sort) in wanted(collection) {
            let served = indexes.iter().any(|index| serves(index, &equal, &sort));
            assert!(served, "{name}: {equal:?} by {sort}: {indexes:?}");
        }
        for unique in collection.uniques() {
            let count = indexes
                .iter()
                .filter(|index| is_unique_over(index, &unique.fields, unique.per_tenant))
                .count();
            assert_eq!(count, 1, "{name}: {unique:?}");
        }
    }
    place.dispose().await;
}

fn path(field: &str) -> String {
    match field {
        "id" => "_id".to_owned(),
        "created_at" | "updated_at" => field.to_owned(),
        other => format!("_k.{}", other.replace('.', "/")),
    }
}

fn wanted(collection: &Collection) -> Vec<(Vec<String>, String)> {
    let mut wanted = Vec::new();
    for shape in collection.shapes() {
        let filters: Vec<String> = shape.filters.iter().map(|field| path(field)).collect();
        if !collection.is_within_firms() {
            wanted.push((filters.clone(), path(shape.sort)));
        }
        for scope in collection.scope_fields() {
            let mut equal = filters.clone();
            equal.push("tenant_id".to_owned());
            equal.extend(scope.map(path));
            wanted.push((equal, path(shape.sort)));
        }
    }
    wanted
}

fn serves(index: &mongodb::IndexModel, equal: &[String], sort: &str) -> bool {
    let partial = index
        .options
        .as_ref()
        .and_then(|options| options.partial_filter_expression.clone());
    if partial.is_some_and(|partial| partial != doc! { "deleted_at": Bson::Null }) {
        return false;
    }
    let mut expected: Vec<&str> = equal.iter().map(String::as_str).collect();
    expected.sort_unstable();
    expected.dedup();
    let equalities = expected.len();
    for last in [sort, "_id"] {
        if !expected.contains(&last) {
            expected.push(last);
        }
    }
    let mut keys: Vec<&str> = index.keys.keys().map(String::as_str).collect();
    if keys.len() < equalities {
        return false;
    }
    keys[..equalities].sort_unstable();
    keys == expected
}

fn is_unique_over(index: &mongodb::IndexModel, fields: &[&str], per_tenant: bool) -> bool {
    let mut expected: Vec<String> = fields.iter().map(|field| path(field)).collect();
    if per_tenant {
        expected.insert(0, "tenant_id".to_owned());
    }
    let options = index.options.clone().unwrap_or_default();
    let partial = options.partial_filter_expression.unwrap_or_default();
    options.unique == Some(true)
        && index.keys.keys().eq(expected.iter())
        && partial.get("deleted_at") == Some(&Bson::Null)
        && fields.iter().all(|field| {
            let condition = partial.get_document(path(field));
            condition.is_ok_and(|condition| condition.contains_key("$type"))
        })
}

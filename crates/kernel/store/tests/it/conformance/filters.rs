//! What a list can be narrowed to.

use super::{
    place::{Place, cx},
    samples::{self, Sample, insert_all},
};
use store::{Document, Key, Query, Sort, Store, StoreError};

fn of_text(text: &str) -> Sample {
    Sample {
        text: Some(text.into()),
        kind: Some("k".into()),
        ..Sample::default()
    }
}

/// The numbers (from 1, in the order of writing) of the documents that a query finds, in its order.
async fn found(store: &Store, query: Query) -> Vec<u128> {
    let scope = cx(store).scope().unwrap();
    let page = kernel::PageRequest {
        count: true,
        limit: 200,
        ..kernel::PageRequest::default()
    };
    let list = store.find::<Sample>(&scope, query.page(page)).await.unwrap();
    let ids: Vec<u128> = list.items.iter().map(|item| item.id.as_u128()).collect();
    assert_eq!(list.total, Some(ids.len() as u64));
    ids
}

async fn written(place: &Place, samples: &[Sample]) -> super::place::Handle {
    let store = place.open(&[Sample::collection()]).await;
    insert_all(&store, &cx(&store), samples).await;
    store
}

pub(crate) async fn a_range_holds_its_beginning_and_not_its_end(place: &Place) {
    let mut samples = vec![Sample::default()];
    for amount in ["-2.5", "-1", "0", "1.50", "2", "100"] {
        samples.push(Sample {
            amount: Some(amount.parse().unwrap()),
            at: Some(format!("2024-01-0{}T00:00:00Z", samples.len()).parse().unwrap()),
            text: Some(amount.into()),
            whole: Some(7),
            ..Sample::default()
        });
    }
    let store = written(place, &samples).await;
    let key = |text: &str| Some(Key::Decimal(text.parse().unwrap()));
    let by_amount = || Query::sorted(Sort::ascending("amount"));
    assert_eq!(
        found(&store, by_amount().between(key("-1.0"), key("2.00"))).await,
        [3, 4, 5]
    );
    assert_eq!(
        found(&store, by_amount().between(key("1.5"), None)).await,
        [5, 6, 7]
    );
    assert_eq!(found(&store, by_amount().between(None, key("0"))).await, [2, 3]);
    let falling = Query::sorted(Sort::descending("amount"));
    assert_eq!(
        found(&store, falling.between(None, key("1.6"))).await,
        [5, 4, 3, 2]
    );
    assert!(
        found(&store, by_amount().between(key("3"), key("3")))
            .await
            .is_empty()
    );
    let day = |day: u32| Some(Key::from(chrono::NaiveDate::from_ymd_opt(2024, 1, day).unwrap()));
    let by_time = Query::sorted(Sort::descending("at")).between(day(2), day(4));
    assert_eq!(found(&store, by_time).await, [4, 3]);
    // Pages of a range do not leave it.
    let scope = cx(&store).scope().unwrap();
    let mut cursor = None;
    let mut seen = Vec::new();
    loop {
        let page = kernel::PageRequest {
            limit: 1,
            cursor,
            count: false,
        };
        let falling = Query::sorted(Sort::descending("amount"));
        let list = falling.between(None, key("1.6")).page(page);
        let list = store.find::<Sample>(&scope, list).await.unwrap();
        seen.extend(list.items.iter().map(|item| item.id.as_u128()));
        cursor = list.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2]);
}

pub(crate) async fn a_beginning_is_text_and_not_a_pattern(place: &Place) {
    let texts = [
        "100% Käse",
        "100a",
        "a_b",
        "axb",
        "a.*",
        "[x",
        "A\\d",
        "ab",
        "",
        "😀 x",
    ];
    let mut samples: Vec<Sample> = texts.iter().map(|text| of_text(text)).collect();
    samples.push(Sample::default());
    let store = written(place, &samples).await;
    for (beginning, expected) in [
        ("100%", vec![1]),
        ("100% KÄ", vec![1]),
        ("a_", vec![3]),
        ("a.", vec![5]),
        ("a.*", vec![5]),
        ("[", vec![6]),
        ("a\\", vec![7]),
        ("\u{e1}", vec![3, 4, 5, 7, 8]),
        ("😀", vec![10]),
        ("\u{10ffff}", vec![]),
        ("^a", vec![]),
        ("", (1..=10).collect()),
    ] {
        let mut ids = found(&store, Query::sorted(Sort::ascending("text")).prefix(beginning)).await;
        ids.sort_unstable();
        assert_eq!(ids, expected, "{beginning:?}");
        let narrowed = Query::sorted(Sort::descending("text"))
            .equals("kind", "K")
            .prefix(beginning);
        let mut ids = found(&store, narrowed).await;
        ids.sort_unstable();
        assert_eq!(ids, expected, "{beginning:?}");
    }
}

pub(crate) async fn an_array_matches_by_any_element(place: &Place) {
    let tagged = |text: &str, tags: &[&str]| Sample {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..of_text(text)
    };
    let store = written(
        place,
        &[
            tagged("c", &["Gold", "gold", "Über"]),
            tagged("b", &["silver"]),
            tagged("a", &["GOLD"]),
            tagged("d", &[]),
            Sample::default(),
        ],
    )
    .await;
    let by = |tag: &str| Query::sorted(Sort::ascending("text")).equals("tags", tag);
    assert_eq!(found(&store, by("gold")).await, [3, 1]);
    assert_eq!(found(&store, by("uber")).await, [1]);
    assert!(found(&store, by("gol")).await.is_empty());
    let scope = cx(&store).scope().unwrap();
    let first = store.find::<Sample>(&scope, by("gold").limit(1)).await.unwrap();
    let page = kernel::PageRequest {
        limit: 1,
        cursor: first.next,
        count: false,
    };
    let second = store.find::<Sample>(&scope, by("gold").page(page)).await.unwrap();
    assert_eq!(second.items[0].id.as_u128(), 1);
    assert!(second.next.is_none());
}

pub(crate) async fn null_and_absent_are_found_alike(place: &Place) {
    let store = written(
        place,
        &[
            // `kind` is written as null, `text` left out.
            Sample::default(),
            of_text("x"),
            Sample {
                kind: Some(String::new()),
                ..Sample::default()
            },
        ],
    )
    .await;
    let none = Query::sorted(Sort::ascending("text")).equals("kind", Key::Null);
    assert_eq!(found(&store, none).await, [1]);
    let empty = Query::sorted(Sort::ascending("text")).equals("kind", "");
    assert_eq!(found(&store, empty).await, [3]);
    let nowhere = Query::all().equals("place.city", Key::Null);
    assert_eq!(found(&store, nowhere).await, [1, 2, 3]);
}

pub(crate) async fn operators_as_values_are_data(place: &Place) {
    let texts = [
        r#"{"$gt":""}"#,
        "$where",
        "'; DROP TABLE samples; --",
        "x",
        "$ne",
        "\" OR 1=1",
    ];
    let samples: Vec<Sample> = texts
        .iter()
        .map(|text| Sample {
            kind: Some((*text).into()),
            place: samples::Place {
                city: Some((*text).into()),
            },
            ..Sample::default()
        })
        .collect();
    let store = written(place, &samples).await;
    for (text, n) in texts.iter().zip(1..) {
        let by_kind = Query::sorted(Sort::ascending("id")).equals("kind", *text);
        assert_eq!(found(&store, by_kind).await, [n], "{text}");
        let by_city = Query::all().equals("place.city", *text);
        assert_eq!(found(&store, by_city).await, [n], "{text}");
    }
}

pub(crate) async fn several_filters_narrow_together(place: &Place) {
    let sample = |kind: &str, flag: Option<bool>, day: u32| Sample {
        kind: Some(kind.into()),
        flag,
        whole: Some(i64::from(day) % 2),
        at: Some(format!("2024-01-{day:02}T00:00:00Z").parse().unwrap()),
        ..Sample::default()
    };
    let store = written(
        place,
        &[
            sample("a", Some(true), 5),
            sample("A", Some(true), 3),
            sample("a", Some(false), 4),
            sample("b", Some(true), 1),
            sample("a", None, 2),
        ],
    )
    .await;
    let both = |sort: Sort| Query::sorted(sort).equals("flag", true).equals("kind", "a");
    assert_eq!(found(&store, both(Sort::ascending("at"))).await, [2, 1]);
    assert_eq!(found(&store, both(Sort::descending("at"))).await, [1, 2]);
    let odd = Query::sorted(Sort::descending("whole")).equals("whole", 1_i64);
    assert_eq!(found(&store, odd).await, [4, 2, 1]);
}

pub(crate) async fn what_is_not_served_is_refused_by_name(place: &Place) {
    let store = written(place, &[of_text("x")]).await;
    let scope = cx(&store).scope().unwrap();
    let by_text = || Query::sorted(Sort::ascending("text"));
    for (query, named) in [
        (by_text().equals("unknown", "x"), "unknown"),
        (by_text().equals("amount", 1_i64), "amount"),
        (by_text().equals("flag", true), "flag"),
        (Query::sorted(Sort::ascending("unknown")), "sort"),
        (Query::sorted(Sort::ascending("tags")), "sort"),
        (Query::sorted(Sort::ascending("$natural")), "sort"),
        (Query::sorted(Sort::ascending("amount")).prefix("1"), "amount"),
        (by_text().equals("kind", "a").equals("flag", true), "flag"),
    ] {
        match store.find::<Sample>(&scope, query.clone()).await {
            Err(StoreError::UnsupportedQuery { details }) => {
                assert!(
                    details.iter().any(|detail| detail.field == named),
                    "{query:?}: {details:?}"
                );
            }
            other => panic!("{query:?}: {other:?}"),
        }
    }
}

//! Pages.

use super::{
    place::{Handle, Place, cx, id},
    samples::{Ranked, Sample, insert_all},
};
use kernel::PageRequest;
use store::{Document, Key, Query, RawQuery, Sort, Store, StoreError};

fn sample(text: Option<&str>, kind: &str) -> Sample {
    Sample {
        text: text.map(str::to_owned),
        kind: Some(kind.into()),
        ..Sample::default()
    }
}

async fn page<T: Document>(
    store: &Store,
    query: &Query,
    limit: u32,
    cursor: Option<String>,
) -> Result<(Vec<u128>, Option<String>), StoreError> {
    let scope = cx(store).scope().unwrap();
    let request = PageRequest {
        limit,
        cursor,
        count: false,
    };
    let page = store.find::<T>(&scope, query.clone().page(request)).await?;
    Ok((
        page.items.iter().map(|item| item.id.as_u128()).collect(),
        page.next,
    ))
}

/// All pages, one after the other.
async fn pages<T: Document>(store: &Store, query: &Query, limit: u32) -> Vec<u128> {
    let (mut all, mut next) = page::<T>(store, query, limit, None).await.unwrap();
    while let Some(cursor) = next {
        let (items, following) = page::<T>(store, query, limit, Some(cursor)).await.unwrap();
        assert!(!items.is_empty() && items.len() <= limit as usize);
        all.extend(items);
        next = following;
    }
    all
}

async fn with_ties(place: &Place) -> Handle {
    let store = place.open(&[Sample::collection()]).await;
    let texts = [
        None,
        Some("b"),
        Some("a"),
        None,
        Some("B"),
        Some("b"),
        Some(""),
        None,
        Some("c"),
        Some("a"),
    ];
    let samples: Vec<Sample> = texts.iter().map(|text| sample(*text, "k")).collect();
    insert_all(&store, &cx(&store), &samples).await;
    store
}

pub(crate) async fn pages_meet_without_gap_or_repeat(place: &Place) {
    let store = with_ties(place).await;
    let ascending = vec![1, 4, 8, 7, 3, 10, 2, 5, 6, 9];
    let descending: Vec<u128> = ascending.iter().rev().copied().collect();
    for limit in [1, 2, 3, 7, 10, 11] {
        for query in [
            Query::sorted(Sort::ascending("text")),
            Query::sorted(Sort::ascending("text")).equals("kind", "k"),
        ] {
            assert_eq!(
                pages::<Sample>(&store, &query, limit).await,
                ascending,
                "by {limit}"
            );
        }
        let falling = Query::sorted(Sort::descending("text"));
        assert_eq!(
            pages::<Sample>(&store, &falling, limit).await,
            descending,
            "by {limit}"
        );
        // All of one time, so that the ids decide.
        for sort in [
            Sort::ascending("created_at"),
            Sort::ascending("id"),
            Sort::ascending("whole"),
        ] {
            assert_eq!(
                pages::<Sample>(&store, &Query::sorted(sort), limit).await,
                (1..=10).collect::<Vec<_>>()
            );
        }
        for sort in [Sort::descending("created_at"), Sort::descending("id")] {
            assert_eq!(
                pages::<Sample>(&store, &Query::sorted(sort), limit).await,
                (1..=10).rev().collect::<Vec<_>>()
            );
        }
    }
}

pub(crate) async fn inserts_between_pages_disturb_nothing(place: &Place) {
    let store = with_ties(place).await;
    let cx = cx(&store);
    let query = Query::sorted(Sort::ascending("text"));
    let (first, next) = page::<Sample>(&store, &query, 5, None).await.unwrap();
    assert_eq!(first, [1, 4, 8, 7, 3]);
    let mut batch = store.batch(&cx);
    batch.insert(id(100), sample(None, "k"));
    batch.insert(id(101), sample(Some("a"), "k"));
    batch.insert(id(102), sample(Some("bb"), "k"));
    // The document at which the page ended goes away.
    let last = store
        .get::<Sample>(&cx.scope().unwrap(), id(3))
        .await
        .unwrap()
        .unwrap();
    batch.delete(&last);
    store.commit(batch).await.unwrap();
    let (second, next) = page::<Sample>(&store, &query, 5, next).await.unwrap();
    assert_eq!(second, [10, 101, 2, 5, 6]);
    let (third, next) = page::<Sample>(&store, &query, 5, next).await.unwrap();
    assert_eq!((third.as_slice(), next), ([102, 9].as_slice(), None));
}

pub(crate) async fn a_thousand_documents_page_stably(place: &Place) {
    let store = place.open(&[Ranked::collection()]).await;
    let ranked: Vec<Ranked> = (0..1_000_u32)
        .map(|n| {
            let value = n * 7919 % 97;
            Ranked {
                amount: (value != 0).then(|| rust_decimal::Decimal::new(i64::from(value) - 40, n % 3)),
                kind: "k".into(),
            }
        })
        .collect();
    insert_all(&store, &cx(&store), &ranked).await;
    let mut expected: Vec<u128> = (1..=1_000).collect();
    expected.sort_by_key(|n| (ranked[usize::try_from(*n).unwrap() - 1].amount, *n));
    for query in [
        Query::sorted(Sort::ascending("amount")),
        Query::sorted(Sort::ascending("amount")).equals("kind", "k"),
    ] {
        assert_eq!(pages::<Ranked>(&store, &query, 143).await, expected);
    }
    expected.reverse();
    assert_eq!(
        pages::<Ranked>(&store, &Query::sorted(Sort::descending("amount")), 200).await,
        expected
    );
    let request = PageRequest {
        limit: 1,
        cursor: None,
        count: true,
    };
    let scope = cx(&store).scope().unwrap();
    let counted = store
        .find::<Ranked>(&scope, Query::all().page(request))
        .await
        .unwrap();
    assert_eq!(counted.total, Some(1_000));
}

pub(crate) async fn a_count_stops_at_its_cap(place: &Place) {
    let store = with_ties(place).await;
    let query = RawQuery {
        tenant: Some(kernel::TenantId::DEFAULT),
        equals: vec![("kind".to_owned(), Key::from("k"))],
        from: None,
        until: None,
        prefix: None,
        sort: "text".to_owned(),
        descending: false,
        after: None,
        limit: 1,
    };
    for (cap, expected) in [(1, 1), (7, 7), (10, 10), (10_001, 10)] {
        let counted = store
            .backend
            .count(Sample::collection(), &query, cap)
            .await
            .unwrap();
        assert_eq!(counted, expected);
    }
}

pub(crate) async fn a_cursor_of_another_list_is_refused(place: &Place) {
    let store = with_ties(place).await;
    let query = Query::sorted(Sort::ascending("text"));
    let (_, cursor) = page::<Sample>(&store, &query, 3, None).await.unwrap();
    let cursor = cursor.unwrap();
    let tampered = |place: usize| {
        let mut bytes = cursor.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    for bad in [
        tampered(0),
        tampered(cursor.len() / 2),
        tampered(cursor.len() - 2),
        cursor[..10].to_owned(),
        String::new(),
        "not a cursor".to_owned(),
    ] {
        let refused = page::<Sample>(&store, &query, 3, Some(bad.clone())).await;
        assert!(
            matches!(refused, Err(StoreError::BadCursor)),
            "{bad}: {refused:?}"
        );
    }
    for other in [
        Query::sorted(Sort::descending("text")),
        Query::sorted(Sort::ascending("whole")),
        Query::sorted(Sort::ascending("text")).equals("kind", "k"),
        Query::sorted(Sort::ascending("text")).prefix("a"),
    ] {
        let refused = page::<Sample>(&store, &other, 3, Some(cursor.clone())).await;
        assert!(
            matches!(refused, Err(StoreError::BadCursor)),
            "{other:?}: {refused:?}"
        );
    }
    assert!(page::<Sample>(&store, &query, 3, Some(cursor)).await.is_ok());
}

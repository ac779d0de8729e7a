//! Who sees what.

use super::{
    place::{Place, cx, cx_of, id},
    samples::{Linked, Owned},
};
use kernel::{Scope, TenantId, UserId};
use store::{Document, Query, Sort, Store};

const FIRM: TenantId = TenantId::DEFAULT;

fn user(n: u128) -> UserId {
    UserId(id(1000 + n))
}

fn firm() -> Scope {
    Scope::Tenant { tenant: FIRM }
}

fn advisor(n: u128) -> Scope {
    Scope::Advisor {
        tenant: FIRM,
        user: user(n),
    }
}

fn own(n: u128) -> Scope {
    Scope::Own {
        tenant: FIRM,
        user: user(n),
    }
}

fn other_firm() -> TenantId {
    TenantId(id(77))
}

/// Clients 1 to 4: 1 and 2 in the book of advisor 8, 3 in that of advisor 9, 4 in nobody's; 5 is of another firm, in a
/// book of the same number.
async fn write_clients(store: &Store) {
    for (n, advisor, tenant) in [
        (1, Some(8), FIRM),
        (2, Some(8), FIRM),
        (3, Some(9), FIRM),
        (4, None, FIRM),
        (5, Some(8), other_firm()),
    ] {
        let mut batch = store.batch(&cx_of(store, tenant));
        let linked = Linked {
            user_id: user(if n == 5 { 1 } else { n }),
            advisor_id: advisor.map(user),
            title: "plan".into(),
        };
        batch.insert(id(n), linked);
        store.commit(batch).await.unwrap();
    }
}

/// What a caller finds, by list, by filtered list, by count and one by one: always the same.
async fn seen<T: Document>(store: &Store, scope: &Scope, query: Query) -> Vec<u128> {
    let page = kernel::PageRequest {
        count: true,
        ..kernel::PageRequest::default()
    };
    let list = store.find::<T>(scope, query.page(page)).await.unwrap();
    let listed: Vec<u128> = list.items.iter().map(|item| item.id.as_u128()).collect();
    assert_eq!(list.total, Some(listed.len() as u64));
    let mut single = Vec::new();
    for n in 1..=6 {
        if store.get::<T>(scope, id(n)).await.unwrap().is_some() {
            single.push(n);
        }
    }
    assert_eq!(listed, single);
    listed
}

fn by_title() -> Query {
    Query::sorted(Sort::ascending("title"))
}

fn titled() -> Query {
    Query::all().equals("title", "Plan")
}

pub(crate) async fn no_query_crosses_the_firm(place: &Place) {
    let store = place.open(&[Linked::collection()]).await;
    write_clients(&store).await;
    let elsewhere = Scope::Tenant { tenant: other_firm() };
    for query in [by_title(), titled(), Query::all()] {
        assert_eq!(seen::<Linked>(&store, &firm(), query.clone()).await, [1, 2, 3, 4]);
        assert_eq!(seen::<Linked>(&store, &elsewhere, query).await, [5]);
    }
    // Nothing of another firm can be changed by knowing its id.
    let foreign = store.get::<Linked>(&elsewhere, id(5)).await.unwrap().unwrap();
    assert!(
        store
            .get_deleted::<Linked>(&firm(), id(5))
            .await
            .unwrap()
            .is_none()
    );
    let (cx, firm) = (cx(&store), firm());
    let updated = store.update::<Linked>(&cx, &firm, foreign.id, |linked| linked.title.clear());
    assert!(updated.await.unwrap().is_none());
}

pub(crate) async fn an_advisor_sees_the_book_and_nothing_else(place: &Place) {
    let store = place.open(&[Linked::collection(), Owned::collection()]).await;
    write_clients(&store).await;
    for query in [by_title(), titled(), Query::all()] {
        assert_eq!(seen::<Linked>(&store, &advisor(8), query.clone()).await, [1, 2]);
        assert_eq!(seen::<Linked>(&store, &advisor(9), query.clone()).await, [3]);
        assert!(seen::<Linked>(&store, &advisor(1), query).await.is_empty());
    }
    // What belongs to users is the advisor's own, not the book's.
    let mut batch = store.batch(&cx(&store));
    for (n, owner) in [(5, 1), (6, 8)] {
        let note = "note".to_owned();
        batch.insert(
            id(n),
            Owned {
                user_id: user(owner),
                note,
            },
        );
    }
    store.commit(batch).await.unwrap();
    assert_eq!(seen::<Owned>(&store, &advisor(8), Query::all()).await, [6]);
}

pub(crate) async fn a_client_sees_their_own(place: &Place) {
    let store = place.open(&[Linked::collection()]).await;
    write_clients(&store).await;
    for query in [by_title(), titled(), Query::all()] {
        assert_eq!(seen::<Linked>(&store, &own(1), query.clone()).await, [1]);
        assert_eq!(seen::<Linked>(&store, &own(4), query.clone()).await, [4]);
        assert!(seen::<Linked>(&store, &own(8), query).await.is_empty());
    }
    // Reassigned: the old advisor's book no longer holds it.
    let client = store.get::<Linked>(&firm(), id(1)).await.unwrap().unwrap();
    let mut batch = store.batch(&cx(&store));
    batch.replace(&client.changed(|linked| linked.advisor_id = Some(user(9))));
    store.commit(batch).await.unwrap();
    assert_eq!(seen::<Linked>(&store, &advisor(8), titled()).await, [2]);
    assert_eq!(seen::<Linked>(&store, &advisor(9), titled()).await, [1, 3]);
}

pub(crate) async fn services_read_across_firms(place: &Place) {
    let store = place.open(&[Linked::collection()]).await;
    write_clients(&store).await;
    for query in [by_title(), titled(), Query::all()] {
        let all = store.find_everywhere::<Linked>(query).await.unwrap();
        let ids: Vec<u128> = all.items.iter().map(|item| item.id.as_u128()).collect();
        assert_eq!(ids, [1, 2, 3, 4, 5]);
    }
    assert_eq!(
        store
            .get_anywhere::<Linked>(id(5))
            .await
            .unwrap()
            .unwrap()
            .tenant_id,
        other_firm()
    );
}

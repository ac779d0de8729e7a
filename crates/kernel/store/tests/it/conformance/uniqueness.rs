//! Values that stand at most once.

use super::{
    place::{Place, cx, cx_of, id},
    samples::Login,
};
use kernel::{CallContext, TenantId};
use store::{Document, Store, StoreError, Stored};

fn login(email: Option<&str>, branch: Option<i64>, code: Option<&str>) -> Login {
    Login {
        email: email.map(str::to_owned),
        branch,
        code: code.map(str::to_owned),
    }
}

async fn insert(store: &Store, cx: &CallContext, n: u128, data: Login) -> Result<Stored<Login>, StoreError> {
    let mut batch = store.batch(cx);
    let stored = batch.insert(id(n), data);
    store.commit(batch).await.map(|_| stored)
}

fn taken(result: Result<Stored<Login>, StoreError>) -> Vec<String> {
    match result {
        Err(StoreError::Duplicate { collection, fields }) => {
            assert_eq!(collection, "logins");
            fields
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_value_is_unique_in_its_firm(place: &Place) {
    let store = place.open(&[Login::collection()]).await;
    let (here, there) = (cx(&store), cx_of(&store, TenantId(id(77))));
    insert(&store, &here, 1, login(None, Some(1), Some("Renée")))
        .await
        .unwrap();
    let again = insert(&store, &here, 2, login(None, Some(1), Some("renee"))).await;
    assert_eq!(taken(again), ["branch", "code"]);
    insert(&store, &here, 3, login(None, Some(2), Some("renee")))
        .await
        .unwrap();
    insert(&store, &there, 4, login(None, Some(1), Some("renee")))
        .await
        .unwrap();
    // A replace may take a free value and not a taken one.
    let mut batch = store.batch(&here);
    let third = store.get_anywhere::<Login>(id(3)).await.unwrap().unwrap();
    batch.replace(&third.changed(|login| login.branch = Some(1)));
    assert!(matches!(
        store.commit(batch).await,
        Err(StoreError::Duplicate { .. })
    ));
    let mut batch = store.batch(&here);
    batch.replace(&third.changed(|login| login.code = Some("free".into())));
    store.commit(batch).await.unwrap();
    insert(&store, &here, 5, login(None, Some(2), Some("renee")))
        .await
        .unwrap();
}

pub(crate) async fn a_value_is_unique_in_the_installation(place: &Place) {
    let store = place.open(&[Login::collection()]).await;
    let (here, there) = (cx(&store), cx_of(&store, TenantId(id(77))));
    insert(&store, &here, 1, login(Some("priya@example.com"), None, None))
        .await
        .unwrap();
    let again = insert(&store, &there, 2, login(Some("Priya@Example.com"), None, None)).await;
    assert_eq!(taken(again), ["email"]);
}

pub(crate) async fn null_does_not_count(place: &Place) {
    let store = place.open(&[Login::collection()]).await;
    let cx = cx(&store);
    for (n, data) in (1..).zip([
        login(None, None, None),
        login(None, None, None),
        login(None, Some(1), None),
        login(None, Some(1), None),
        login(None, None, Some("x")),
        login(None, None, Some("x")),
        login(Some(""), None, None),
    ]) {
        insert(&store, &cx, n, data).await.unwrap();
    }
    assert_eq!(
        taken(insert(&store, &cx, 99, login(Some(""), None, None)).await),
        ["email"]
    );
}

pub(crate) async fn a_deleted_document_frees_its_value(place: &Place) {
    let store = place.open(&[Login::collection()]).await;
    let cx = cx(&store);
    let data = login(Some("a@b.co"), Some(1), Some("x"));
    let first = insert(&store, &cx, 1, data.clone()).await.unwrap();
    let mut batch = store.batch(&cx);
    let deleted = batch.delete(&first);
    // In the same commit, even.
    let second = batch.insert(id(2), data.clone());
    store.commit(batch).await.unwrap();
    let mut back = deleted.clone();
    back.deleted_at = None;
    let mut batch = store.batch(&cx);
    batch.replace(&back);
    assert!(matches!(
        store.commit(batch).await,
        Err(StoreError::Duplicate { .. })
    ));
    let mut batch = store.batch(&cx);
    batch.remove(&second);
    batch.replace(&back);
    store.commit(batch).await.unwrap();
    assert_eq!(
        store.get_anywhere::<Login>(id(1)).await.unwrap().unwrap().data,
        data
    );
}

pub(crate) async fn a_race_for_a_value_has_one_winner(place: &Place) {
    let one = place.open(&[Login::collection()]).await;
    let other = place.open(&[Login::collection()]).await;
    let cx = cx(&one);
    let tries = (1..=12).map(|n| {
        let store = if n % 2 == 0 { &one } else { &other };
        let data = login(Some("wanted@example.com"), Some(1), Some("wanted"));
        insert(store, &cx, n, data)
    });
    let outcomes = futures::future::join_all(tries).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1);
    for lost in outcomes.into_iter().filter(Result::is_err) {
        taken(lost);
    }
}

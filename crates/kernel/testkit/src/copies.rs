use kernel::{CallContext, MAX_PAGE};
use store::{Document, Store, Stored};
use uuid::Uuid;

/// Fills a store with copies of a document that the code under test made, each with an id of its own and otherwise as
/// `different` makes it: thousands of them without thousands of requests.
pub async fn copies<T: Document>(
    store: &Store,
    cx: &CallContext,
    original: &Stored<T>,
    numbers: std::ops::Range<usize>,
    different: impl Fn(usize, &mut T),
) {
    let ids = store.sources().ids();
    let numbers: Vec<usize> = numbers.collect();
    for page in numbers.chunks(MAX_PAGE as usize) {
        let mut batch = store.batch(cx);
        for number in page {
            let mut data = original.data.clone();
            different(*number, &mut data);
            batch.insert(ids.next::<Uuid>(), data);
        }
        store.commit(batch).await.unwrap();
    }
}

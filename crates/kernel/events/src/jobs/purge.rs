use super::JobRecord;
use chrono::{DateTime, Utc};
use kernel::{CallContext, MAX_PAGE};
use store::{Query, Sort, Store, StoreError};

/// Removes the records of jobs of this kind that ended and were last due before a moment. Answers how many.
pub async fn purge_ended(
    store: &Store,
    cx: &CallContext,
    kind: &str,
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut removed = 0;
    loop {
        let query = Query::sorted(Sort::ascending("due"))
            .equals("kind", kind)
            .equals("open", false)
            .between(None, Some(before.into()))
            .limit(MAX_PAGE);
        let page = store.find_everywhere::<JobRecord>(query).await?;
        if page.items.is_empty() {
            return Ok(removed);
        }
        let mut batch = store.batch(cx);
        for job in &page.items {
            batch.remove(job);
        }
        removed += page.items.len();
        store.commit(batch).await?;
    }
}

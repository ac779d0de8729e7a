use crate::{Document, Query, Store, StoreError, race::Races};
use kernel::{CallContext, MAX_PAGE, PageRequest, Scope};

impl Store {
    /// Makes all documents of a scope what they should be, page by page, each page in one commit and without events: for
    /// what follows from elsewhere, and is the same however often it is done. `wanted` answers nothing where a document is
    /// right already. A page of which somebody else changed a document meanwhile is read again, until the deadline of
    /// `cx`; what is made meanwhile may be missed.
    pub async fn change_all<T: Document>(
        &self,
        cx: &CallContext,
        scope: &Scope,
        wanted: impl Fn(&T) -> Option<T>,
    ) -> Result<(), StoreError> {
        let mut races = Races::until_deadline_of(cx);
        let mut cursor = None;
        loop {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor: cursor.clone(),
                count: false,
            };
            let found = self.find::<T>(scope, Query::all().page(page)).await?;
            let mut batch = self.batch(cx);
            for document in &found.items {
                if let Some(data) = wanted(&document.data) {
                    batch.replace(&document.with(data));
                }
            }
            match self.commit(batch).await {
                Ok(_) if found.next.is_none() => return Ok(()),
                Ok(_) => cursor = found.next,
                Err(StoreError::VersionConflict { .. }) if races.another().await => {}
                Err(error) => return Err(error),
            }
        }
    }
}

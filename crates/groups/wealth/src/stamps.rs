//! Whose client a user is, as it stands on the user's own documents.

use crate::{
    access::Owner, actions::Participation, error::Error, funding::FundingRecord, orders::OrderRecord,
    portfolios::PortfolioRecord, schedules::ScheduleRecord,
};
use kernel::{CallContext, MAX_PAGE, PageRequest, Scope};
use store::{Document, Query, Store, StoreError, Stored};

/// How often a page is read again because somebody else changed one of its documents.
const ATTEMPTS: usize = 16;

/// A document that carries whose client its owner is.
pub(crate) trait Stamped: Document {
    /// The stamps.
    fn owner(&self) -> Owner;
    /// Puts other ones on.
    fn stamp(&mut self, owner: Owner);
}

/// Stamps everything of a user, page by page; what is right already is left alone. Portfolios first: whoever makes something
/// below one requires its version, so it has the stamps that it was made under, and those are changed after it.
pub(crate) async fn stamp_all(store: &Store, cx: &CallContext, owner: Owner) -> Result<(), Error> {
    stamp_documents::<PortfolioRecord>(store, cx, owner).await?;
    stamp_documents::<FundingRecord>(store, cx, owner).await?;
    stamp_documents::<Participation>(store, cx, owner).await?;
    stamp_documents::<OrderRecord>(store, cx, owner).await?;
    stamp_documents::<ScheduleRecord>(store, cx, owner).await
}

async fn stamp_documents<T: Stamped>(store: &Store, cx: &CallContext, owner: Owner) -> Result<(), Error> {
    let scope = Scope::Own {
        tenant: cx.tenant(),
        user: owner.user_id,
    };
    let mut cursor = None;
    loop {
        let page = PageRequest {
            limit: MAX_PAGE,
            cursor,
            count: false,
        };
        cursor = stamp_page::<T>(store, cx, &scope, page, owner).await?;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Stamps one page in one commit; answers where the next one begins.
async fn stamp_page<T: Stamped>(
    store: &Store,
    cx: &CallContext,
    scope: &Scope,
    page: PageRequest,
    owner: Owner,
) -> Result<Option<String>, Error> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let found = store.find::<T>(scope, Query::all().page(page.clone())).await?;
        let wrong: Vec<&Stored<T>> = found
            .items
            .iter()
            .filter(|document| document.owner() != owner)
            .collect();
        let mut batch = store.batch(cx);
        for document in wrong {
            batch.replace(&document.changed(|data| data.stamp(owner)));
        }
        match store.commit(batch).await {
            Ok(_) => return Ok(found.next),
            Err(error @ StoreError::VersionConflict { .. }) => last = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(last
        .unwrap_or_else(|| StoreError::internal("no attempt was made"))
        .into())
}

//! Whose client a user is, as it stands on the user's own documents.

use crate::{
    access::{Access, Owner},
    accounts::AccountRecord,
    budgets::BudgetRecord,
    error::Error,
    inventory::{ItemRecord, LocationRecord, MovementRecord, ReorderRecord},
    transactions::TransactionRecord,
};
use kernel::{AdvisorId, CallContext, ClientId, MAX_PAGE, PageRequest, Scope, UserId};
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

impl Stamped for AccountRecord {
    fn owner(&self) -> Owner {
        AccountRecord::owner(self)
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

impl Stamped for BudgetRecord {
    fn owner(&self) -> Owner {
        BudgetRecord::owner(self)
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

impl Stamped for TransactionRecord {
    fn owner(&self) -> Owner {
        TransactionRecord::owner(self)
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

/// Stamps everything of a user, page by page. Accounts first: whoever posts looks at the account once more after the
/// commit, so a transaction is either seen here or by its poster. What is right already is left alone, so doing it
/// again after a crash goes on where it ended.
pub(crate) async fn stamp_all(store: &Store, cx: &CallContext, owner: Owner) -> Result<(), Error> {
    stamp_documents::<AccountRecord>(store, cx, owner).await?;
    stamp_documents::<BudgetRecord>(store, cx, owner).await?;
    stamp_documents::<ItemRecord>(store, cx, owner).await?;
    stamp_documents::<LocationRecord>(store, cx, owner).await?;
    stamp_documents::<MovementRecord>(store, cx, owner).await?;
    stamp_documents::<ReorderRecord>(store, cx, owner).await?;
    stamp_documents::<TransactionRecord>(store, cx, owner).await
}

/// Stamps what is new again when its owner came into a book, or left one, while it was being made.
pub(crate) async fn stamp_what_was_missed(
    access: &Access,
    store: &Store,
    cx: &CallContext,
    user: UserId,
    stamped: (Option<ClientId>, Option<AdvisorId>),
) -> Result<(), Error> {
    match access.heard(cx, user).await? {
        Some(heard) if (heard.client_id, heard.advisor_id) != stamped => stamp_all(store, cx, heard).await,
        _ => Ok(()),
    }
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

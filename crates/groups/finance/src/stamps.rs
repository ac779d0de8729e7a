//! Whose client a user is, as it stands on the user's own documents.

use crate::{
    access::{Access, Owner},
    accounts::AccountRecord,
    budgets::BudgetRecord,
    error::Error,
    inventory::{ItemRecord, LocationRecord, MovementRecord, ReorderRecord},
    transactions::TransactionRecord,
};
use kernel::{AdvisorId, CallContext, ClientId, Scope, UserId};
use store::{Document, Store};

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
    let wanted = |document: &T| {
        (document.owner() != owner).then(|| {
            let mut stamped = document.clone();
            stamped.stamp(owner);
            stamped
        })
    };
    Ok(store.change_all(cx, &scope, wanted).await?)
}

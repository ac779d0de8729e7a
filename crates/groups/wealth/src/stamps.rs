//! Whose client a user is, as it stands on the user's own documents.

use crate::{
    access::Owner, actions::Participation, error::Error, funding::FundingRecord, orders::OrderRecord,
    portfolios::PortfolioRecord, schedules::ScheduleRecord,
};
use kernel::{CallContext, Scope};
use store::{Document, Store};

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
    let wanted = |document: &T| {
        (document.owner() != owner).then(|| {
            let mut stamped = document.clone();
            stamped.stamp(owner);
            stamped
        })
    };
    Ok(store.change_all(cx, &scope, wanted).await?)
}

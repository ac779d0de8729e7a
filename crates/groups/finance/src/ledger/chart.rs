use crate::{
    accounts::AccountKind,
    error::Error,
    journal::{AccountType, LedgerAccount},
};
use chrono::{DateTime, Utc};
use kernel::{CallContext, Scope, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Query, Scoping, Store, Stored};

static CHART: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("chart_accounts", Scoping::Owner)
        .personal(&["name"])
        .field("code", FieldKind::Text)
        .unique(&["user_id", "code"])
});

/// What somebody said about an account of a book's chart. An account that is used without it is in the chart as well,
/// under the name that its postings gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChartAccount {
    pub(crate) user_id: UserId,
    pub(crate) account: LedgerAccount,
    /// As it is shown; the name in folded form is part of `account`.
    pub(crate) name: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) parent: Option<LedgerAccount>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
}

impl ChartAccount {
    pub(crate) fn bare(user_id: UserId, account: LedgerAccount) -> Self {
        Self {
            user_id,
            account,
            name: None,
            code: None,
            parent: None,
            closed_at: None,
        }
    }

    /// What is known of an account of a book.
    pub(crate) async fn of(
        store: &Store,
        cx: &CallContext,
        user: UserId,
        account: &LedgerAccount,
    ) -> Result<Option<Stored<Self>>, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        Ok(store.get(&scope, chart_id(user, account)).await?)
    }

    /// All that was said about a book's accounts.
    pub(crate) async fn all(store: &Store, scope: &Scope) -> Result<Vec<Stored<Self>>, Error> {
        Ok(store.find_all(scope, Query::all()).await?)
    }
}

impl Document for ChartAccount {
    fn collection() -> &'static Collection {
        &CHART
    }
}

/// The id of what is said about an account.
pub(super) fn chart_id(user: UserId, account: &LedgerAccount) -> uuid::Uuid {
    let name = format!("chart-account\u{0}{user}\u{0}{account}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Whether money of this kind is had or owed.
pub(crate) fn type_of(kind: AccountKind) -> AccountType {
    match kind {
        AccountKind::CreditCard | AccountKind::Loan => AccountType::Liability,
        AccountKind::Checking
        | AccountKind::Savings
        | AccountKind::Cash
        | AccountKind::Investment
        | AccountKind::Other => AccountType::Asset,
    }
}

use crate::FinanceError;
use chrono::NaiveDate;
use kernel::{CallContext, IdempotencyKey, Money, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which way money moves: `income` and `expense` as source 004 names them, and what a ledger knows beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// Money comes in.
    Income,
    /// Money goes out.
    Expense,
    /// Money moves between two accounts of one user.
    Transfer,
    /// A journal entry of other legs.
    Entry,
    /// Another one is taken back.
    Reversal,
}

impl TransactionKind {
    /// As it is written: `income`, `expense`, `transfer`, `entry` or `reversal`.
    pub fn as_str(self) -> &'static str {
        match self {
            TransactionKind::Income => "income",
            TransactionKind::Expense => "expense",
            TransactionKind::Transfer => "transfer",
            TransactionKind::Entry => "entry",
            TransactionKind::Reversal => "reversal",
        }
    }
}

/// A transaction to be posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewTransaction {
    /// Whose; the caller's own when it is left out.
    pub user_id: Option<UserId>,
    /// On which account, or from which one; the user's default account when it is left out.
    pub account_id: Option<Uuid>,
    /// To which account, for a transfer and only for one.
    #[serde(default)]
    pub to_account_id: Option<Uuid>,
    /// What arrives there when its currency is another one; by the rate of the day when it is left out.
    #[serde(default)]
    pub received: Option<Money>,
    /// `income`, `expense` or `transfer`.
    pub kind: TransactionKind,
    /// How much: more than nothing.
    pub amount: Money,
    /// For what.
    pub description: Option<String>,
    /// The category; guessed from nothing: `uncategorised` when it is left out.
    pub category: Option<String>,
    /// The booking date; today in the installation's timezone when it is left out.
    pub date: Option<NaiveDate>,
}

/// What was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionPosted {
    /// The transaction.
    pub transaction_id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Which way.
    pub kind: TransactionKind,
    /// How much.
    pub amount: Money,
    /// The booking date.
    pub date: NaiveDate,
}

/// The ledger.
#[rpc::service(name = "finance.ledger")]
pub trait Ledger {
    /// Posts an income, an expense or a transfer, once for each key.
    #[rpc(effect)]
    async fn create_transaction(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        transaction: NewTransaction,
    ) -> Result<TransactionPosted, FinanceError>;
}

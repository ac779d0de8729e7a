use crate::{FinanceError, NewTransaction, TransactionKind, TransactionPosted};
use chrono::NaiveDate;
use kernel::{CallContext, IdempotencyKey, Money, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What one transaction adds to one account with money: a transfer is two of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Movement {
    /// The transaction.
    pub transaction_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Whether it is the account that the transaction names first.
    pub is_main: bool,
    /// `income`, `expense`, `transfer`, `entry` or `reversal`.
    pub kind: TransactionKind,
    /// What it adds, in the account's currency; below nothing when it takes away, never nothing.
    pub amount: Money,
    /// The booking date.
    pub date: NaiveDate,
    /// For what.
    pub description: Option<String>,
    /// The category, in folded form.
    pub category: String,
    /// Which transaction it takes back, if it is a reversal.
    pub reverses: Option<Uuid>,
}

/// Whose movements are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovementQuery {
    /// Whose.
    pub user_id: UserId,
    /// On which account; on all of them when it is left out.
    pub account_id: Option<Uuid>,
    /// Behind which place, that an earlier page named.
    pub after: Option<String>,
}

/// Some movements, in the order in which their transactions were posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovementPage {
    /// Which.
    pub movements: Vec<Movement>,
    /// Where the next page begins; nothing on the last one.
    pub next: Option<String>,
}

/// A transaction under an id that whoever brings it derives from where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BroughtTransaction {
    /// The id that it is to have: posted once for each id, for ever.
    pub id: Uuid,
    /// What is to be posted.
    pub transaction: NewTransaction,
    /// The transaction that is taken back in the same commit, because this one stands in its place.
    pub replaces: Option<Uuid>,
}

/// What became of a transaction that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Brought {
    /// What was posted.
    pub posted: TransactionPosted,
}

/// The ledger, for whoever keeps it equal with another one.
#[rpc::service(name = "finance.exchange")]
pub trait Exchange {
    /// What moved on one account of a user, or on all of them.
    #[rpc(read)]
    async fn movements(&self, cx: &CallContext, query: MovementQuery) -> Result<MovementPage, FinanceError>;

    /// Posts a transaction under its id: once for each id, whatever became of the key. Where it replaces another one,
    /// both happen in one commit; one that was taken back already is the conflict `already_reversed`.
    #[rpc(effect)]
    async fn bring(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        brought: BroughtTransaction,
    ) -> Result<Brought, FinanceError>;
}

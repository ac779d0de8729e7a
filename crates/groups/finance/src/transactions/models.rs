use chrono::NaiveDate;
use finance_contract::{TransactionCreated, TransactionKind};
use kernel::{AdvisorId, CallError, ClientId, Currency, Money, RequestId, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use uuid::Uuid;

/// The category of what was put into none.
pub(crate) const UNCATEGORISED: &str = "uncategorised";

/// The category of what an account held before its first statement: it belongs to the balance and is neither income
/// nor expense of a period.
pub(crate) const OPENING_BALANCE: &str = "opening_balance";

/// A transaction as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TransactionRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) account_id: Uuid,
    #[serde(rename = "type")]
    pub(crate) kind: TransactionKind,
    /// More than nothing, with the decimals of the currency.
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    pub(crate) description: Option<String>,
    /// In folded form, so that `Food` and `food` are one.
    pub(crate) category: String,
    pub(crate) date: NaiveDate,
    /// The statement import that brought it, if one did.
    pub(crate) import_id: Option<Uuid>,
    /// Who posted it: `user/…` or `system/…`.
    pub(crate) created_by: String,
    /// The request at the edge that it came with.
    pub(crate) correlation: RequestId,
}

impl TransactionRecord {
    /// The amount with its currency.
    pub(crate) fn money(&self) -> Result<Money, CallError> {
        Money::new(self.amount, self.currency).map_err(|error| CallError::internal(error.to_string()))
    }

    /// What it does to the balance: up for an income, down for an expense.
    pub(crate) fn movement(&self) -> Result<Money, CallError> {
        let money = self.money()?;
        Ok(match self.kind {
            TransactionKind::Income => money,
            TransactionKind::Expense => money.negated(),
        })
    }
}

/// The facts of `transaction.created`: the same whether they are committed or told again as history.
pub(crate) fn created(stored: &Stored<TransactionRecord>) -> Result<TransactionCreated, CallError> {
    Ok(TransactionCreated {
        transaction_id: stored.id,
        account_id: stored.account_id,
        user_id: stored.user_id,
        kind: stored.kind,
        amount: stored.money()?,
        date: stored.date,
        category: stored.category.clone(),
    })
}

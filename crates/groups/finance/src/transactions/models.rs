use crate::{
    access::Owner,
    balances::plus,
    error::Error,
    journal::{LedgerAccount, Legs, income_or_expense},
};
use chrono::NaiveDate;
use finance_contract::{EntryLeg, TransactionCreated, TransactionKind, TransactionReversed};
use kernel::{AdvisorId, CallError, ClientId, Currency, Money, RequestId, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use uuid::Uuid;

/// A transaction as it is stored: a journal entry. Written once; only the stamps of whose client the owner is may change.
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
    /// What it debits and credits. Absent from what was written before there were legs: see [`Self::legs`].
    #[serde(default)]
    pub(crate) legs: Option<Legs>,
    /// Where a transfer goes.
    #[serde(default)]
    pub(crate) to_account_id: Option<Uuid>,
    /// The other money accounts among the legs, where there are more.
    #[serde(default)]
    pub(crate) also_on: Vec<Uuid>,
    /// What arrives there.
    #[serde(default)]
    pub(crate) received: Option<Money>,
    /// Which entry it takes back.
    #[serde(default)]
    pub(crate) reverses: Option<Uuid>,
    /// Why.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

impl TransactionRecord {
    /// The amount with its currency.
    pub(crate) fn money(&self) -> Result<Money, CallError> {
        Money::new(self.amount, self.currency).map_err(|error| CallError::internal(error.to_string()))
    }

    /// What it debits and credits.
    pub(crate) fn legs(&self) -> Result<Legs, Error> {
        match &self.legs {
            Some(legs) => Ok(legs.clone()),
            None => income_or_expense(self.account_id, self.kind, self.money()?, &self.category),
        }
    }

    /// What it adds to a money account, in the account's currency; nothing when it does not stand there.
    pub(crate) fn moved_on(&self, account: Uuid) -> Result<Option<Decimal>, Error> {
        let account = LedgerAccount::Money(account);
        let legs = self.legs()?;
        let here = legs.as_slice().iter().filter(|leg| leg.account == account);
        here.map(|leg| leg.amount.amount())
            .map(Ok)
            .reduce(|sum, amount| plus(sum?, amount?))
            .transpose()
    }

    /// Whose.
    pub(crate) fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }
}

/// The facts of `transaction.created`: the same whether they are committed or told again as history.
pub(crate) fn created(stored: &Stored<TransactionRecord>) -> Result<TransactionCreated, Error> {
    let legs = stored.legs()?;
    Ok(TransactionCreated {
        transaction_id: stored.id,
        account_id: stored.account_id,
        user_id: stored.user_id,
        kind: stored.kind,
        amount: stored.money()?,
        date: stored.date,
        category: stored.category.clone(),
        legs: legs
            .as_slice()
            .iter()
            .map(|leg| EntryLeg {
                account: leg.account.to_string(),
                amount: leg.amount,
            })
            .collect(),
        reverses: stored.reverses,
    })
}

/// The facts of `transaction.reversed`, likewise.
pub(crate) fn reversed(transaction: &Stored<TransactionRecord>, reversal: Uuid) -> TransactionReversed {
    TransactionReversed {
        transaction_id: transaction.id,
        reversal_id: reversal,
        user_id: transaction.user_id,
    }
}

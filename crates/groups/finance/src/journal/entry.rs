use super::{AccountType, LedgerAccount, Leg, Legs};
use crate::{access::Owner, accounts::AccountRecord, error::Error, transactions::TransactionRecord};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{CallContext, Money, RequestId};
use store::Stored;
use uuid::Uuid;

/// The category of what was put into none.
pub(crate) const UNCATEGORISED: &str = "uncategorised";

/// The category of what an account held before its first statement: it belongs to the balance and is neither income
/// nor expense of a period, so its other leg is equity.
pub(crate) const OPENING_BALANCE: &str = "opening_balance";

/// The category of what moves between accounts.
pub(crate) const TRANSFER: &str = "transfer";

/// A journal entry that is to be posted. It is balanced: see [`Legs`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    owner: Owner,
    kind: TransactionKind,
    date: NaiveDate,
    category: String,
    legs: Legs,
    amount: Money,
    account_id: Uuid,
    to_account_id: Option<Uuid>,
    received: Option<Money>,
    /// For what.
    pub(crate) description: Option<String>,
    /// The statement import that brings it.
    pub(crate) import_id: Option<Uuid>,
    reverses: Option<Uuid>,
    reason: Option<String>,
    posted_by: Option<(String, RequestId)>,
}

impl Entry {
    /// An income or an expense on an account. `amount` is more than nothing; the category is in folded form.
    pub(crate) fn on_account(
        account: &Stored<AccountRecord>,
        kind: TransactionKind,
        amount: Money,
        category: &str,
        date: NaiveDate,
    ) -> Result<Self, Error> {
        let legs = income_or_expense(account.id, kind, amount, category)?;
        Ok(Self {
            account_id: account.id,
            category: category.to_owned(),
            ..Self::bare(account.owner(), kind, amount, legs, date)
        })
    }

    /// Money that moves between two accounts of one book: `sent` leaves the first in its currency, `received` arrives
    /// on the second in its own.
    pub(crate) fn transfer(
        from: &Stored<AccountRecord>,
        sent: Money,
        to: &Stored<AccountRecord>,
        received: Money,
        date: NaiveDate,
    ) -> Result<Self, Error> {
        let (left, right) = (LedgerAccount::Money(from.id), LedgerAccount::Money(to.id));
        let legs = match sent.currency() == received.currency() {
            true => Legs::pair(right, left, sent)?,
            false => Legs::exchange(right, received, left, sent)?,
        };
        Ok(Self {
            account_id: from.id,
            to_account_id: Some(to.id),
            received: Some(received),
            category: TRANSFER.to_owned(),
            ..Self::bare(from.owner(), TransactionKind::Transfer, sent, legs, date)
        })
    }

    /// Any entry: for what is neither income, expense nor transfer, such as the cost of goods sold.
    pub(crate) fn of_legs(owner: Owner, legs: Legs, category: &str, date: NaiveDate) -> Self {
        let amount = volume(&legs);
        Self {
            category: category.to_owned(),
            ..Self::bare(owner, TransactionKind::Entry, amount, legs, date)
        }
    }

    /// The entry that takes another one back, on the same day unless that day is closed by now.
    pub(crate) fn reversal(
        of: &Stored<TransactionRecord>,
        date: NaiveDate,
        reason: String,
    ) -> Result<Self, Error> {
        let legs = of.legs()?.reversed();
        Ok(Self {
            account_id: of.account_id,
            to_account_id: of.to_account_id,
            received: of.received,
            category: of.category.clone(),
            reverses: Some(of.id),
            reason: Some(reason),
            ..Self::bare(of.owner(), TransactionKind::Reversal, of.money()?, legs, date)
        })
    }

    fn bare(owner: Owner, kind: TransactionKind, amount: Money, legs: Legs, date: NaiveDate) -> Self {
        let first = legs.as_slice().iter().find_map(|leg| leg.account.money());
        let account_id = first.unwrap_or_else(|| {
            legs.as_slice()
                .first()
                .map_or_else(Uuid::nil, |leg| leg.account.id(owner.user_id))
        });
        Self {
            owner,
            kind,
            date,
            category: UNCATEGORISED.to_owned(),
            legs,
            amount,
            account_id,
            to_account_id: None,
            received: None,
            description: None,
            import_id: None,
            reverses: None,
            reason: None,
            posted_by: None,
        }
    }

    /// With what it was for.
    #[must_use]
    pub(crate) fn described(mut self, description: Option<String>) -> Self {
        self.description = description.filter(|text| !text.is_empty());
        self
    }

    /// Brought by this statement import.
    #[must_use]
    pub(crate) fn imported(mut self, import_id: Uuid) -> Self {
        self.import_id = Some(import_id);
        self
    }

    /// Posted for somebody who asked for it earlier, by that request.
    #[must_use]
    pub(crate) fn posted_by(mut self, who: String, correlation: RequestId) -> Self {
        self.posted_by = Some((who, correlation));
        self
    }

    /// Whose ledger.
    pub(crate) fn owner(&self) -> Owner {
        self.owner
    }

    /// The booking date.
    pub(crate) fn date(&self) -> NaiveDate {
        self.date
    }

    /// The legs.
    pub(crate) fn legs(&self) -> &Legs {
        &self.legs
    }

    /// As it is stored.
    pub(super) fn into_record(self, cx: &CallContext) -> TransactionRecord {
        let (created_by, correlation) = self
            .posted_by
            .unwrap_or_else(|| (cx.principal.reference(), cx.request_id));
        let named = [Some(self.account_id), self.to_account_id];
        let mut also_on: Vec<Uuid> = Vec::new();
        for account in self.legs.as_slice().iter().filter_map(|leg| leg.account.money()) {
            if !named.contains(&Some(account)) && !also_on.contains(&account) {
                also_on.push(account);
            }
        }
        TransactionRecord {
            user_id: self.owner.user_id,
            client_id: self.owner.client_id,
            advisor_id: self.owner.advisor_id,
            account_id: self.account_id,
            kind: self.kind,
            amount: self.amount.amount(),
            currency: self.amount.currency(),
            description: self.description,
            category: self.category,
            date: self.date,
            import_id: self.import_id,
            created_by,
            correlation,
            legs: Some(self.legs),
            to_account_id: self.to_account_id,
            also_on,
            received: self.received,
            reverses: self.reverses,
            reason: self.reason,
        }
    }
}

/// The two legs of an income or an expense.
pub(crate) fn income_or_expense(
    account: Uuid,
    kind: TransactionKind,
    amount: Money,
    category: &str,
) -> Result<Legs, Error> {
    let money = LedgerAccount::Money(account);
    let r#type = match kind {
        _ if category == OPENING_BALANCE => AccountType::Equity,
        TransactionKind::Income => AccountType::Income,
        TransactionKind::Expense => AccountType::Expense,
        _ => return Err(Error::invalid("type", "must be income or expense")),
    };
    let other =
        LedgerAccount::named(r#type, category).map_err(|message| Error::invalid("category", message))?;
    Ok(match kind {
        TransactionKind::Income => Legs::pair(money, other, amount)?,
        _ => Legs::pair(other, money, amount)?,
    })
}

/// How much an entry moves: its debits in the currency of its first leg.
fn volume(legs: &Legs) -> Money {
    let debits = |first: &Leg| {
        let currency = first.amount.currency();
        legs.as_slice()
            .iter()
            .filter(|leg| leg.amount.currency() == currency && leg.amount.is_positive())
            .try_fold(Money::zero(currency), |sum, leg| sum.plus(&leg.amount))
            .unwrap_or(first.amount)
    };
    legs.as_slice()
        .first()
        .map_or_else(|| Money::zero(kernel::Currency::INR), debits)
}

/// The id of the entry that takes another one back: there can be only one.
pub(crate) fn reversal_id(of: Uuid) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("reversal\u{0}{of}").as_bytes())
}

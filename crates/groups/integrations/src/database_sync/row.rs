//! A row of the other database as a transaction, and the other way round. Every value travels as text.

use super::{
    models::SyncRecord,
    requests::{AccountName, Problem, Side, Standing},
};
use chrono::NaiveDate;
use finance_contract::{Movement, NewTransaction, TransactionKind};
use kernel::{Currency, Money, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a row holds, as PostgreSQL writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RawRow {
    pub(crate) date: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) r#type: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) account: Option<String>,
}

impl From<&RawRow> for Standing {
    fn from(row: &RawRow) -> Self {
        Self {
            date: row.date.clone(),
            amount: row.amount.clone(),
            r#type: row.r#type.clone(),
            description: row.description.clone(),
            category: row.category.clone(),
        }
    }
}

/// What is wrong with a row, and where.
pub(crate) type Wrong = (&'static str, String);

/// How rows and transactions of a sync are read as each other.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) user: UserId,
    pub(crate) currency: Currency,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) accounts: Vec<AccountName>,
    /// Whether the table says in a column which way money went; otherwise the sign does.
    pub(crate) has_type: bool,
    /// Whether the table has a column for the currency.
    pub(crate) has_currency: bool,
}

impl Reading {
    pub(crate) fn new(sync: &SyncRecord, has_type: bool, has_currency: bool) -> Self {
        Self {
            user: sync.user_id,
            currency: sync.currency,
            account_id: sync.account_id,
            accounts: sync.accounts.clone(),
            has_type,
            has_currency,
        }
    }

    /// The transaction that a row says.
    pub(crate) fn transaction(&self, row: &RawRow) -> Result<NewTransaction, Wrong> {
        let date = date(row.date.as_deref())?;
        let currency = match filled(row.currency.as_deref()) {
            Some(code) => code.parse::<Currency>().map_err(|_| {
                let reason = "must be a currency of ISO 4217, as in INR";
                ("currency", reason.to_owned())
            })?,
            None => self.currency,
        };
        let amount = filled(row.amount.as_deref()).ok_or(("amount", "must not be null".to_owned()))?;
        let amount = Decimal::from_str_exact(amount).or_else(|_| Decimal::from_scientific(amount));
        let amount = amount.map_err(|_| ("amount", "must be a number of at most 28 digits".to_owned()))?;
        let (kind, amount) = self.kind(row, amount)?;
        let amount =
            Money::new(amount.normalize(), currency).map_err(|error| ("amount", error.to_string()))?;
        Ok(NewTransaction {
            user_id: Some(self.user),
            account_id: self.account(row)?,
            to_account_id: None,
            received: None,
            kind,
            amount,
            description: filled(row.description.as_deref()).map(str::to_owned),
            category: filled(row.category.as_deref()).map(str::to_owned),
            date: Some(date),
        })
    }

    fn kind(&self, row: &RawRow, amount: Decimal) -> Result<(TransactionKind, Decimal), Wrong> {
        if amount.is_zero() {
            return Err(("amount", "must not be 0".to_owned()));
        }
        if !self.has_type {
            let kind = match amount.is_sign_negative() {
                true => TransactionKind::Expense,
                false => TransactionKind::Income,
            };
            return Ok((kind, amount.abs()));
        }
        let kind = filled(row.r#type.as_deref()).unwrap_or_default().to_lowercase();
        let kind = match kind.as_str() {
            "income" | "credit" | "deposit" | "in" => TransactionKind::Income,
            "expense" | "debit" | "withdrawal" | "out" => TransactionKind::Expense,
            _ => return Err(("type", "must be income or expense".to_owned())),
        };
        match amount.is_sign_negative() {
            true => Err((
                "amount",
                "must be more than 0: the type says which way".to_owned(),
            )),
            false => Ok((kind, amount)),
        }
    }

    fn account(&self, row: &RawRow) -> Result<Option<Uuid>, Wrong> {
        let Some(name) = filled(row.account.as_deref()) else {
            return Ok(self.account_id);
        };
        let known = self.accounts.iter().find(|account| account.name.as_str() == name);
        let known = known.map(|account| account.account_id);
        known
            .map(Some)
            .ok_or(("account", "names none of the accounts of this sync".to_owned()))
    }

    /// The row that a movement is.
    pub(crate) fn row(&self, movement: &Movement) -> Result<RawRow, Wrong> {
        let currency = movement.amount.currency();
        if !self.has_currency && currency != self.currency {
            let reason = format!("is {currency}, and the table has no column for the currency");
            return Err(("currency", reason));
        }
        let amount = movement.amount.amount();
        let name = self
            .accounts
            .iter()
            .find(|account| account.account_id == movement.account_id);
        let kind = match amount.is_sign_negative() {
            true => "expense",
            false => "income",
        };
        let written = if self.has_type { amount.abs() } else { amount };
        Ok(RawRow {
            date: Some(movement.date.to_string()),
            amount: Some(written.to_string()),
            r#type: Some(kind.to_owned()),
            description: movement.description.clone(),
            category: Some(movement.category.clone()),
            currency: Some(currency.to_string()),
            account: name.map(|account| account.name.as_str().to_owned()),
        })
    }
}

/// What is more than white space.
fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn date(text: Option<&str>) -> Result<NaiveDate, Wrong> {
    let text = filled(text).ok_or(("date", "must not be null".to_owned()))?;
    // A time has its day in front, in the installation's time zone.
    let day = text.get(..10).unwrap_or(text);
    let parsed = NaiveDate::parse_from_str(day, "%Y-%m-%d");
    parsed.map_err(|_| ("date", "must be a date such as 2026-01-31".to_owned()))
}

/// A row that is no transaction.
pub(crate) fn problem(side: Side, id: impl ToString, (field, reason): Wrong) -> Problem {
    Problem {
        side,
        id: id.to_string(),
        field: field.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(has_type: bool) -> Reading {
        Reading {
            user: UserId(Uuid::from_u128(1)),
            currency: "INR".parse().unwrap(),
            account_id: None,
            accounts: Vec::new(),
            has_type,
            has_currency: false,
        }
    }

    fn row(date: &str, amount: &str, kind: Option<&str>) -> RawRow {
        RawRow {
            date: Some(date.to_owned()),
            amount: Some(amount.to_owned()),
            r#type: kind.map(str::to_owned),
            ..RawRow::default()
        }
    }

    #[test]
    fn a_row_is_read_by_its_type_or_its_sign() {
        let read = reading(true)
            .transaction(&row("2026-01-31", "12.50", Some("Credit")))
            .unwrap();
        assert_eq!(
            (read.kind, read.amount.amount().to_string().as_str()),
            (TransactionKind::Income, "12.50")
        );
        let read = reading(false)
            .transaction(&row("2026-01-31 23:59:00+05:30", "-3", None))
            .unwrap();
        assert_eq!(read.kind, TransactionKind::Expense);
        assert_eq!(read.date.unwrap().to_string(), "2026-01-31");
    }

    #[test]
    fn what_is_wrong_with_a_row_names_its_field() {
        for (has_type, wrong, field) in [
            (true, row("31.01.2026", "1", Some("income")), "date"),
            (true, row("infinity", "1", Some("income")), "date"),
            (true, row("", "1", Some("income")), "date"),
            (true, row("2026-01-31", "NaN", Some("income")), "amount"),
            (true, row("2026-01-31", "0", Some("income")), "amount"),
            (true, row("2026-01-31", "-1", Some("income")), "amount"),
            (true, row("2026-01-31", "1.005", Some("income")), "amount"),
            (true, row("2026-01-31", "1", Some("gift")), "type"),
            (true, row("2026-01-31", "1", None), "type"),
            (
                false,
                RawRow {
                    currency: Some("rupees".into()),
                    ..row("2026-01-31", "1", None)
                },
                "currency",
            ),
            (
                false,
                RawRow {
                    account: Some("x".into()),
                    ..row("2026-01-31", "1", None)
                },
                "account",
            ),
        ] {
            assert_eq!(
                reading(has_type).transaction(&wrong).unwrap_err().0,
                field,
                "{wrong:?}"
            );
        }
    }
}

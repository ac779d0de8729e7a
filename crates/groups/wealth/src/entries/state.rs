use super::{holding::Holding, models::Entry};
use crate::{entries::MethodName, error::Error};
use kernel::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account of a portfolio, and the cash on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountState {
    /// Which.
    pub(crate) id: Uuid,
    /// What the owner calls it.
    pub(crate) name: String,
    /// The currency of its cash and of what is held on it.
    pub(crate) currency: Currency,
    /// How lots are chosen when it sells.
    pub(crate) method: MethodName,
    /// Whether its cash may go below zero.
    pub(crate) margin: bool,
    /// The cash.
    #[schema(value_type = String)]
    pub(crate) cash: Decimal,
    /// How much of the cash is set aside for money that is to go out; nothing else can use it.
    #[serde(default)]
    #[schema(value_type = String)]
    pub(crate) reserved: Decimal,
}

impl AccountState {
    /// Whether it can pay this out now, beside what is set aside.
    pub(crate) fn check_free(&self, amount: Decimal) -> Result<(), Error> {
        let free = self.cash - self.reserved;
        match self.margin || free >= amount {
            true => Ok(()),
            false => Err(short_of(amount - free, self)),
        }
    }
}

/// An account that lacks money.
pub(super) fn short_of(missing: Decimal, account: &AccountState) -> Error {
    let aside = match account.reserved.is_zero() {
        true => String::new(),
        false => format!(" ({} are set aside to be paid out)", account.reserved),
    };
    let reason = format!(
        "the account has {missing} {} less than this needs{aside}: pay in first, or allow a margin",
        account.currency
    );
    Error::standing("insufficient_cash", reason)
}

/// How much of something is held on an account: the sum of its lots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PositionState {
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    pub(crate) quantity: Decimal,
    pub(crate) cost: Decimal,
    pub(crate) realised: Decimal,
}

/// What follows from the entries of a portfolio and nothing else: cash by account and lots by account and symbol.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct BookState {
    pub(crate) cash: BTreeMap<Uuid, Decimal>,
    pub(crate) holdings: BTreeMap<(Uuid, String), Holding>,
}

impl BookState {
    /// Applies the next entry.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<(), &'static str> {
        *self.cash.entry(entry.account_id).or_default() += entry.cash;
        for leg in &entry.legs {
            let key = (entry.account_id, leg.symbol.clone());
            let holding = self.holdings.entry(key).or_insert_with(|| Holding {
                user_id: entry.user_id,
                portfolio_id: entry.portfolio_id,
                account_id: entry.account_id,
                symbol: leg.symbol.clone(),
                lots: Vec::new(),
                realised: Decimal::ZERO,
            });
            holding.apply(leg)?;
        }
        Ok(())
    }
}

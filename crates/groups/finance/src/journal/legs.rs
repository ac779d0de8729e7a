use super::LedgerAccount;
use crate::error::Error;
use kernel::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many legs an entry has at most.
pub(crate) const MOST_LEGS: usize = 100;

/// Amounts are below 10^18, so that sums of very many of them can still be kept exactly.
const TOO_LARGE: i128 = 1_000_000_000_000_000_000;

/// One side of an entry: a debit when the amount is positive, a credit when it is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Leg {
    pub(crate) account: LedgerAccount,
    pub(crate) amount: Money,
}

impl Leg {
    pub(crate) fn new(account: LedgerAccount, amount: Money) -> Self {
        Self { account, amount }
    }
}

/// Why legs are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LegsError {
    /// One leg moves nothing from anywhere.
    #[error("must be two legs or more, and {MOST_LEGS} at most")]
    Number,
    /// A leg that moves nothing.
    #[error("must not be 0")]
    Zero(usize),
    /// A leg that cannot be kept exactly in sums.
    #[error("must be less than 1000000000000000000")]
    TooLarge(usize),
    /// The legs do not add up to nothing.
    #[error("must add up to 0 in each currency: in {currency} they add up to {sum}")]
    Unbalanced {
        /// In which.
        currency: Currency,
        /// To what.
        sum: Decimal,
    },
}

impl LegsError {
    /// The field that it hangs on.
    pub(crate) fn field(&self) -> String {
        match self {
            LegsError::Number | LegsError::Unbalanced { .. } => "legs".to_owned(),
            LegsError::Zero(index) | LegsError::TooLarge(index) => format!("legs[{index}].amount"),
        }
    }
}

impl From<LegsError> for Error {
    fn from(error: LegsError) -> Self {
        Error::invalid(&error.field(), error.to_string())
    }
}

/// The legs of an entry: two or more, none of them 0, adding up to exactly 0 in each currency. There is no other way to
/// make them, not even from a document, so an entry that is not balanced cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Leg>", into = "Vec<Leg>")]
pub(crate) struct Legs(Vec<Leg>);

impl Legs {
    /// The legs, if they are an entry.
    pub(crate) fn new(legs: Vec<Leg>) -> Result<Self, LegsError> {
        if !(2..=MOST_LEGS).contains(&legs.len()) {
            return Err(LegsError::Number);
        }
        let mut sums: BTreeMap<&str, (Currency, Decimal)> = BTreeMap::new();
        for (index, leg) in legs.iter().enumerate() {
            let amount = leg.amount.amount();
            if amount.is_zero() {
                return Err(LegsError::Zero(index));
            }
            if amount.abs() >= Decimal::from(TOO_LARGE) {
                return Err(LegsError::TooLarge(index));
            }
            let currency = leg.amount.currency();
            let (_, sum) = sums.entry(currency.code()).or_insert((currency, Decimal::ZERO));
            *sum = sum.checked_add(amount).ok_or(LegsError::TooLarge(index))?;
        }
        match sums.into_values().find(|(_, sum)| !sum.is_zero()) {
            Some((currency, sum)) => Err(LegsError::Unbalanced { currency, sum }),
            None => Ok(Self(legs)),
        }
    }

    /// Two legs: so much from one account to another.
    pub(crate) fn pair(to: LedgerAccount, from: LedgerAccount, amount: Money) -> Result<Self, LegsError> {
        Self::new(vec![Leg::new(to, amount), Leg::new(from, amount.negated())])
    }

    /// Four legs: an amount leaves in one currency and another one arrives in a second; the account of exchanges stands
    /// between, so that each currency adds up by itself.
    pub(crate) fn exchange(
        to: LedgerAccount,
        received: Money,
        from: LedgerAccount,
        sent: Money,
    ) -> Result<Self, LegsError> {
        Self::new(vec![
            Leg::new(from, sent.negated()),
            Leg::new(LedgerAccount::exchange(), sent),
            Leg::new(to, received),
            Leg::new(LedgerAccount::exchange(), received.negated()),
        ])
    }

    /// The same legs with every debit a credit.
    pub(crate) fn reversed(&self) -> Self {
        let reversed = |leg: &Leg| Leg::new(leg.account.clone(), leg.amount.negated());
        Self(self.0.iter().map(reversed).collect())
    }

    /// The legs.
    pub(crate) fn as_slice(&self) -> &[Leg] {
        &self.0
    }

    /// The accounts in pairs of which one is debited what the other is credited: what the legs say, as flows of a
    /// positive amount. Each debit is met by the credits of its currency in their order.
    pub(crate) fn flows(&self) -> Vec<(LedgerAccount, LedgerAccount, Money)> {
        let mut credits: Vec<(&LedgerAccount, Currency, Decimal)> = self
            .0
            .iter()
            .filter(|leg| !leg.amount.is_positive())
            .map(|leg| (&leg.account, leg.amount.currency(), -leg.amount.amount()))
            .collect();
        let mut flows = Vec::with_capacity(self.0.len());
        for debit in self.0.iter().filter(|leg| leg.amount.is_positive()) {
            let currency = debit.amount.currency();
            let mut open = debit.amount.amount();
            for (account, of, rest) in &mut credits {
                let part = open.min(*rest);
                if *of != currency || part.is_zero() {
                    continue;
                }
                open -= part;
                *rest -= part;
                if let Ok(part) = Money::new(part, currency) {
                    flows.push((debit.account.clone(), account.clone(), part));
                }
            }
        }
        flows
    }
}

impl TryFrom<Vec<Leg>> for Legs {
    type Error = LegsError;

    fn try_from(legs: Vec<Leg>) -> Result<Self, LegsError> {
        Self::new(legs)
    }
}

impl From<Legs> for Vec<Leg> {
    fn from(legs: Legs) -> Self {
        legs.0
    }
}

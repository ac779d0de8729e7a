//! What movements are in the ledger.

use super::models::{MovementKind, MovementRecord};
use crate::{
    access::Owner,
    error::Error,
    journal::{AccountType, Entry, LedgerAccount, Legs},
};
use kernel::{CallError, Money};
use rust_decimal::Decimal;

const INVENTORY: (AccountType, &str) = (AccountType::Asset, "inventory");
const RECEIVED: (AccountType, &str) = (AccountType::Liability, "goods received");
const SOLD: (AccountType, &str) = (AccountType::Expense, "cost of goods sold");
const LOST: (AccountType, &str) = (AccountType::Expense, "inventory shrinkage");
const FOUND: (AccountType, &str) = (AccountType::Income, "inventory found");

/// The entries of a movement: what is issued becomes cost of goods sold, what is received is owed until its invoice is posted,
/// and a receipt that settles earlier issues corrects what they cost. What costs nothing has none.
pub(super) fn entries(movement: &MovementRecord) -> Result<Vec<Entry>, Error> {
    let (cost, adjustment) = (movement.cost, movement.cost_adjustment);
    let mut entries = Vec::new();
    match movement.kind {
        MovementKind::Receipt => {
            entries.push(entry(movement, INVENTORY, RECEIVED, cost)?);
            entries.push(entry(movement, SOLD, INVENTORY, adjustment)?);
        }
        MovementKind::Issue => entries.push(entry(movement, SOLD, INVENTORY, cost)?),
        MovementKind::Lost => entries.push(entry(movement, LOST, INVENTORY, cost)?),
        MovementKind::Found => {
            entries.push(entry(movement, INVENTORY, FOUND, cost)?);
            entries.push(entry(movement, SOLD, INVENTORY, adjustment)?);
        }
        MovementKind::Transfer => {}
    }
    Ok(entries.into_iter().flatten().collect())
}

/// So much debited to one account and credited to another; the other way round below 0.
fn entry(
    movement: &MovementRecord,
    debit: (AccountType, &str),
    credit: (AccountType, &str),
    amount: Decimal,
) -> Result<Option<Entry>, Error> {
    if amount.is_zero() {
        return Ok(None);
    }
    let (debit, credit) = match amount > Decimal::ZERO {
        true => (debit, credit),
        false => (credit, debit),
    };
    let account = |(kind, name): (AccountType, &str)| {
        LedgerAccount::named(kind, name).map_err(|message| Error::from(CallError::internal(message)))
    };
    let amount = Money::new(amount.abs(), movement.currency);
    let amount = amount.map_err(|error| CallError::internal(error.to_string()))?;
    let legs = Legs::pair(account(debit)?, account(credit)?, amount)?;
    let owner = Owner {
        user_id: movement.user_id,
        client_id: movement.client_id,
        advisor_id: movement.advisor_id,
    };
    Ok(Some(Entry::of_legs(owner, legs, INVENTORY.1, movement.date)))
}

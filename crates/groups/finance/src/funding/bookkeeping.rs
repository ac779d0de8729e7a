use crate::{
    access::Owner,
    error::Error,
    journal::{AccountType, Entry, LedgerAccount, Legs},
};
use kernel::CallError;
use uuid::Uuid;
use wealth_contract::{FundingChanged, FundingKind};

const INVESTMENTS: (AccountType, &str) = (AccountType::Asset, "investments");
const OUTSIDE: (AccountType, &str) = (AccountType::Equity, "outside funds");
const PAYOUTS: (AccountType, &str) = (AccountType::Expense, "payouts");

/// The entry of a funding that was settled.
pub(super) fn entry(owner: Owner, funding: &FundingChanged) -> Result<Entry, Error> {
    let (debit, credit) = match funding.kind {
        FundingKind::Deposit => (INVESTMENTS, OUTSIDE),
        FundingKind::Withdrawal => (OUTSIDE, INVESTMENTS),
        FundingKind::Payout => (PAYOUTS, INVESTMENTS),
    };
    let legs = Legs::pair(account(debit)?, account(credit)?, funding.amount)?;
    let description = format!("{} funding/{}", funding.kind.as_str(), funding.funding_id);
    Ok(Entry::of_legs(owner, legs, INVESTMENTS.1, funding.date).described(Some(description)))
}

/// The id of the entry of a funding: the same however often it is told, so that it can only be posted once.
pub(super) fn entry_id(funding: Uuid) -> Uuid {
    Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        format!("funding-entry\u{0}{funding}").as_bytes(),
    )
}

fn account((kind, name): (AccountType, &str)) -> Result<LedgerAccount, Error> {
    LedgerAccount::named(kind, name).map_err(|message| CallError::internal(message).into())
}

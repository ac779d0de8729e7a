//! What is paid into portfolios and out of them, in the ledger: the wealth group tells of money that moved, and each funding
//! is one journal entry of its owner's book.
//!
//! | funding | debit | credit |
//! | --- | --- | --- |
//! | deposit | `asset:investments` | `equity:outside funds` |
//! | withdrawal | `equity:outside funds` | `asset:investments` |
//! | payout | `expense:payouts` | `asset:investments` |
//!
//! `investments` is what was paid into portfolios at cost, and no money account: what portfolios are worth is told by the
//! wealth group, so nobody who adds both up counts it twice. Where the owner's money came from is not known here: it is the
//! owner's equity until somebody books it on an account of the bank.

mod bookkeeping;
mod projection;

pub(crate) use projection::FundingProjection;

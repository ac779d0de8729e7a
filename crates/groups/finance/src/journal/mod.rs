//! The journal: every movement of money is an entry whose legs add up to nothing in each currency.
//!
//! An entry is one document with its legs inside: the transaction that people see *is* the journal entry. Entries are
//! inserted and never changed; what was wrong is reversed by another entry. Whoever posts does it in three steps, in
//! the commit that carries everything else of the act:
//!
//! ```text
//! let mut page = journal.page(tenant, book).await?;     // may anything be posted, and from which day on
//! let stored = page.post(cx, &mut batch, id, entry)?;   // as many entries of this book as the commit takes
//! page.finish(cx, &mut batch);                          // what they change of balances; the gate
//! store.commit(batch)                                   // then folding.posted(tenant, book)
//! ```
//!
//! A *book* is a user's ledger. [`Entry`] can only be made balanced: from an account and a category, from two
//! accounts, or from [`Legs`], which refuse whatever does not add up.
//!
//! **Closed periods.** What closes a period must conflict with every posting on its way, and postings must not conflict
//! with each other. A required version is a write on MongoDB, so one document for a book would make its postings wait
//! in line. Therefore a book has [`gate::GATES`] gates that all say the same: a posting goes through one of them, taken
//! at random, and requires that it did not change; closing changes all of them in one commit. A posting that decided
//! before the period was closed is refused by its gate, decides anew, and is told.

mod account;
mod entry;
mod gate;
mod legs;
mod page;
#[cfg(test)]
mod tests;

pub(crate) use account::{AccountType, LedgerAccount};
pub(crate) use entry::{Entry, OPENING_BALANCE, UNCATEGORISED, income_or_expense, reversal_id};
pub(crate) use gate::PeriodGate;
pub(crate) use legs::{Leg, Legs};
pub(crate) use page::{Journal, JournalPage, LostGates};

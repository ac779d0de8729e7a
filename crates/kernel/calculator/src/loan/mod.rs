//! Loans that are paid off in instalments.

mod calendar;
mod schedule;

pub use calendar::{DayCount, Frequency};
pub use schedule::{ExtraPayment, Instalment, Loan, Schedule, level_payment, schedule};

//! Financial mathematics: functions on decimals and dates, without IO and without documents. The routes of the groups
//! and `wealthctl calc` work with the same code.
//!
//! - **Numbers are decimals** of 28 digits throughout, root searches and the normal distribution included; nothing is
//!   a binary float. A scalar is not rounded; amounts of a loan's schedule are, half-up to the currency's smallest unit.
//! - **Rates are fractions**: 0.06 is six per cent.
//! - What cannot be calculated is a [`Refusal`]: wrong input names its field, and a question without an answer says why.

mod annuity;
mod apr;
mod corporate_actions;
mod goals;
mod loan;
mod lots;
mod monte_carlo;
mod normal;
mod number;
mod rebalance;
mod refusal;
mod replenishment;
mod returns;
mod risk;
mod root;
mod tax;
mod valuation;

pub use annuity::{Due, cumipmt, pmt, present_value};
pub use apr::{CashFlow, apr};
pub use corporate_actions::{RightsBasis, SplitHolding, rights, split};
pub use goals::{goal_probability, sip_future_value};
pub use loan::{DayCount, ExtraPayment, Frequency, Instalment, Loan, Schedule, level_payment, schedule};
pub use lots::{LotMethod, LotSale, TakenLot, Trade, sell_lots, take_lots};
pub use monte_carlo::{MOST_PATH_MONTHS, Outcomes, Plan, percentile, simulate};
pub use normal::{normal_cdf, normal_quantile};
pub use rebalance::{Rebalance, RebalanceTrade, Side, rebalance, rebalance_keeping};
pub use refusal::Refusal;
pub use replenishment::{OrderQuantity, eoq, reorder_point};
pub use returns::{modified_dietz, twr, xirr};
pub use risk::{Risk, risk};
pub use tax::{WashSale, ltcg_112a, wash_sale};
pub use valuation::{Costing, Layer, Movement, Stock, Valuation, valuation};

//! What the wealth group promises to the other groups: its events, and what it is.

mod contract;
mod events;
mod info;

pub use contract::{VERSION, contract};
pub use events::{
    FUNDING_APPROVED, FUNDING_CANCELLED, FUNDING_FAILED, FUNDING_REQUESTED, FUNDING_SETTLED, FundingChanged,
    FundingKind, FundingState, INSTALMENT_FAILED, INSTALMENT_ORDERED, INSTALMENT_SKIPPED, INSTRUMENT_CHANGED,
    MARKET_QUOTED, PORTFOLIO_CREATED, PORTFOLIO_DELETED, PORTFOLIO_ENTERED, PORTFOLIO_UPDATED,
    PORTFOLIO_VALUED, PortfolioChanged, PortfolioValued,
};
pub use info::INFO;

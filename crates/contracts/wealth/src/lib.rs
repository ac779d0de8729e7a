//! What the wealth group promises to the other groups: its events, and what it is.

mod contract;
mod events;
mod info;

pub use contract::{VERSION, contract};
pub use events::{
    CORPORATE_ACTION_APPLIED, CORPORATE_ACTION_CANCELLED, CORPORATE_ACTION_ELECTED,
    CORPORATE_ACTION_RECORDED, CORPORATE_ACTION_UNDONE, FUNDING_APPROVED, FUNDING_CANCELLED, FUNDING_FAILED,
    FUNDING_REQUESTED, FUNDING_SETTLED, FundingChanged, FundingKind, FundingState, INSTALMENT_FAILED,
    INSTALMENT_ORDERED, INSTALMENT_SKIPPED, INSTRUMENT_CHANGED, MARKET_QUOTED, PORTFOLIO_COMPOSED,
    PORTFOLIO_CREATED, PORTFOLIO_DELETED, PORTFOLIO_ENTERED, PORTFOLIO_UPDATED, PORTFOLIO_VALUED,
    PortfolioChanged, PortfolioComposed, PortfolioDrift, PortfolioPart, PortfolioValued,
};
pub use info::INFO;

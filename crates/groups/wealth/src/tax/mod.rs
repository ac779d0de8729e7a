//! What gains and losses mean for taxes: what was realised in a tax year, and which losses could be. The rules stand in
//! `rules/jurisdictions.json`.

mod gains;
mod harvest;
mod history;
pub(crate) mod requests;
pub(crate) mod routes;
mod service;
mod table;
mod wash;

pub(crate) use service::Taxes;

/// What stands in every answer.
const NOT_ADVICE: &str = "Figures by general rules and no tax or investment advice: rates, exemptions and losses of other sources differ from person to person. Ask a tax adviser.";

use chrono::NaiveDate;
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// A goal as it is stored. Rates are fractions of a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GoalRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) name: String,
    pub(crate) target_amount: Decimal,
    pub(crate) in_todays_money: bool,
    pub(crate) currency: Currency,
    pub(crate) target_date: NaiveDate,
    pub(crate) portfolio_ids: Vec<Uuid>,
    pub(crate) current_amount: Decimal,
    /// What its portfolios were worth when it was last looked at.
    #[serde(default)]
    pub(crate) portfolio_value: Decimal,
    pub(crate) monthly_contribution: Decimal,
    pub(crate) expected_return: Decimal,
    pub(crate) volatility: Decimal,
    pub(crate) inflation: Decimal,
    /// The probability of success when it was last looked at.
    pub(crate) probability: Decimal,
    pub(crate) on_track: bool,
    /// How many months were left when it was last looked at; none for what an older version kept.
    #[serde(default)]
    pub(crate) months_left: Option<u32>,
}

impl GoalRecord {
    /// What there is: what a person says, and what its portfolios are worth.
    pub(crate) fn there_is(&self) -> Decimal {
        self.current_amount.saturating_add(self.portfolio_value)
    }
}

impl Document for GoalRecord {
    fn collection() -> &'static Collection {
        static GOALS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("goals", Scoping::Client)
                .field("client_id", FieldKind::Uuid)
                .field("on_track", FieldKind::Bool)
                .field("target_date", FieldKind::Time)
                .serves(&[], &["target_date"])
                .serves(&["client_id"], &["target_date"])
                .serves(&["on_track"], &["target_date"])
                .personal_text(&["name"])
        });
        &GOALS
    }
}

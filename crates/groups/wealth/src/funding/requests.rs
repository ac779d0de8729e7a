use super::models::{FundingRecord, FundingStep};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wealth_contract::{FundingKind, FundingState};

/// Money that is to come in or go out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingCreateRequest {
    /// Of which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which of its accounts; it may be left out where there is one.
    pub(crate) account_id: Option<Uuid>,
    /// Which way.
    pub(crate) kind: FundingKind,
    /// How much, in the account's currency: more than 0.
    pub(crate) amount: Amount,
    /// When it is expected to move; today when it is left out. Not before today.
    pub(crate) expected_on: Option<CalendarDate>,
    /// To whom a payout goes: it is required there, and belongs to payouts only.
    pub(crate) payee: Option<Text<1, 120>>,
}

/// That the money moved.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingSettleRequest {
    /// On which day; today when it is left out. Not in the future.
    pub(crate) date: Option<CalendarDate>,
}

/// Why a funding ends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingEndRequest {
    /// In a code, as in `account_closed`; it stands in the history.
    #[schema(pattern = "^[a-z0-9_]{1,40}$")]
    pub(crate) reason: Option<Text<1, 40>>,
}

/// Which fundings, oldest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FundingFilter {
    /// Only of this portfolio; not together with `state`.
    pub(crate) portfolio_id: Option<Uuid>,
    /// Only in this state; not together with `portfolio_id`.
    #[param(inline)]
    pub(crate) state: Option<FundingState>,
}

/// A funding and its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship, if one.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// Of which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Which way.
    pub(crate) kind: FundingKind,
    /// How much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// In which currency.
    pub(crate) currency: Currency,
    /// To whom a payout goes.
    pub(crate) payee: Option<String>,
    /// Where it stands.
    pub(crate) state: FundingState,
    /// Whether somebody else must agree, or had to, before the money moves.
    pub(crate) needs_approval: bool,
    /// The day on which the money moved, or is expected to.
    pub(crate) date: NaiveDate,
    /// The entry that it made in the portfolio, once it is settled.
    pub(crate) entry_id: Option<Uuid>,
    /// Each step, the first first.
    pub(crate) history: Vec<FundingStep>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<FundingRecord>> for FundingResponse {
    fn from(stored: Stored<FundingRecord>) -> Self {
        Self {
            id: stored.id,
            user_id: stored.user_id,
            client_id: stored.client_id,
            advisor_id: stored.advisor_id,
            portfolio_id: stored.portfolio_id,
            account_id: stored.account_id,
            kind: stored.kind,
            amount: Amount(stored.amount),
            currency: stored.currency,
            state: stored.state,
            needs_approval: stored.needs_approval,
            date: stored.date,
            entry_id: stored.entry_id,
            version: stored.version,
            created_at: stored.created_at,
            payee: stored.data.payee,
            history: stored.data.steps,
        }
    }
}

/// Of whom, and for how long.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForecastParameters {
    /// How many months, this one included: 1 to 60; 6 when it is left out.
    #[param(minimum = 1, maximum = 60)]
    pub(crate) months: Option<u32>,
    /// Only this user's portfolios.
    pub(crate) user_id: Option<UserId>,
    /// Only this portfolio; not together with `user_id`.
    pub(crate) portfolio_id: Option<Uuid>,
    /// In which currency; that of the portfolio, or the firm's, when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// What is expected of a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ForecastMonth {
    /// Which, as in `2026-02`.
    pub(crate) month: String,
    /// What comes in: the larger of what is known and what is usual.
    #[schema(value_type = f64)]
    pub(crate) inflow: Amount,
    /// What goes out: the larger of what is known and what is usual.
    #[schema(value_type = f64)]
    pub(crate) outflow: Amount,
    /// What is asked for or scheduled to come in.
    #[schema(value_type = f64)]
    pub(crate) known_inflow: Amount,
    /// What is asked for or scheduled to go out.
    #[schema(value_type = f64)]
    pub(crate) known_outflow: Amount,
    /// The cash at the end of the month.
    #[schema(value_type = f64)]
    pub(crate) balance: Amount,
}

/// The cash that is expected, month by month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashFlowForecastResponse {
    /// In which currency. What is in another one is not in it; `reasons` says so.
    pub(crate) currency: Currency,
    /// The day on which it was made.
    pub(crate) as_of: NaiveDate,
    /// How it is made.
    pub(crate) method: String,
    /// The cash of all accounts now.
    #[schema(value_type = f64)]
    pub(crate) opening_balance: Amount,
    /// What usually comes in in a month: the average of the months of `history_months`.
    #[schema(value_type = f64)]
    pub(crate) usual_inflow: Amount,
    /// What usually goes out in a month.
    #[schema(value_type = f64)]
    pub(crate) usual_outflow: Amount,
    /// From how many full months the average is: 0 to 12.
    pub(crate) history_months: u32,
    /// The months, this one first.
    pub(crate) months: Vec<ForecastMonth>,
    /// What is not in it, and why.
    pub(crate) reasons: Vec<String>,
}

/// Of whom, and for which days.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SummaryParameters {
    /// The first day on which it was asked for; the first of the month eleven months ago when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// The last day; today when it is left out. At most ten years after the first.
    pub(crate) to: Option<CalendarDate>,
    /// Only this user's.
    pub(crate) user_id: Option<UserId>,
    /// Only of this portfolio; not together with `user_id`.
    pub(crate) portfolio_id: Option<Uuid>,
}

/// Fundings of one kind and state that were asked for in a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SummaryPart {
    /// Which month, as in `2026-02`; null for all of them.
    pub(crate) period: Option<String>,
    /// Which way.
    pub(crate) kind: FundingKind,
    /// Where they stand.
    pub(crate) state: FundingState,
    /// In which currency.
    pub(crate) currency: Currency,
    /// How many.
    pub(crate) count: u64,
    /// How much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
}

/// What was paid in and out, and what is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingSummaryResponse {
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// How many fundings there are.
    pub(crate) count: u64,
    /// By kind, state and currency.
    pub(crate) totals: Vec<SummaryPart>,
    /// The same by month, the oldest first.
    pub(crate) periods: Vec<SummaryPart>,
}

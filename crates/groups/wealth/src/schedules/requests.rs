use super::{
    calendar::{Calendar, Convention},
    instalment::{InstalmentRecord, InstalmentState},
    models::{MissedPolicy, ScheduleRecord, ScheduleState, ScheduleType},
    rhythm::Frequency,
};
use crate::symbol::Symbol;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many instalments a schedule has at most.
pub(super) const MOST_INSTALMENTS: u32 = 1200;

/// How often an instalment is tried again at most.
pub(super) const MOST_RETRIES: u32 = 10;

/// How often it is tried again when nobody says.
pub(super) const RETRIES: u32 = 3;

/// A new schedule. Exactly one of `amount` and `quantity` is given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleCreateRequest {
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account; it may be left out where there is one.
    pub(crate) account_id: Option<Uuid>,
    /// `SIP` buys, `SWP` sells.
    #[serde(rename = "type")]
    pub(crate) kind: ScheduleType,
    /// Of what.
    pub(crate) symbol: Symbol,
    /// For how much money of the account's currency each time: as many whole units as can be had for it, of mutual funds
    /// thousandths of a unit.
    pub(crate) amount: Option<Amount>,
    /// How many each time: more than 0, 8 decimals at most.
    pub(crate) quantity: Option<Amount>,
    /// How often.
    pub(crate) frequency: Frequency,
    /// On which day of the month, in a shorter one on its last day; that of `start_date` when it is left out. Not for weeks.
    #[schema(minimum = 1, maximum = 31)]
    pub(crate) day_of_month: Option<u32>,
    /// From when: today or later; today when it is left out. Weeks are counted from here.
    pub(crate) start_date: Option<CalendarDate>,
    /// No instalment is due after this day.
    pub(crate) end_date: Option<CalendarDate>,
    /// How many there are.
    #[schema(minimum = 1, maximum = 1200)]
    pub(crate) instalments: Option<u32>,
    /// By which calendar days are business days: `NSE`, `NYSE` or `WEEKENDS`; that of the account's currency when it is left out.
    pub(crate) calendar: Option<Text<1, 40>>,
    /// Which business day stands for a day that is none.
    pub(crate) convention: Option<Convention>,
    /// What becomes of an instalment whose day passed while nothing ran.
    pub(crate) missed: Option<MissedPolicy>,
    /// On how many further business days an instalment that could not be done is tried again; 3 when it is left out.
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) retries: Option<u32>,
}

/// A schedule's new terms: all of them. What is bought and when stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleUpdateRequest {
    /// For how much money each time. Exactly one of `amount` and `quantity` is given.
    pub(crate) amount: Option<Amount>,
    /// How many each time.
    pub(crate) quantity: Option<Amount>,
    /// No instalment is due after this day.
    pub(crate) end_date: Option<CalendarDate>,
    /// How many there are, with those that were due already.
    #[schema(minimum = 1, maximum = 1200)]
    pub(crate) instalments: Option<u32>,
    /// What becomes of an instalment whose day passed while nothing ran.
    pub(crate) missed: Option<MissedPolicy>,
    /// On how many further business days an instalment that could not be done is tried again.
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) retries: Option<u32>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// Which schedules, oldest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScheduleFilter {
    /// Only of this portfolio; not together with `state`.
    pub(crate) portfolio_id: Option<Uuid>,
    /// Only in this state; not together with `portfolio_id`.
    #[param(inline)]
    pub(crate) state: Option<ScheduleState>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship, if one.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// `SIP` buys, `SWP` sells.
    #[serde(rename = "type")]
    pub(crate) kind: ScheduleType,
    /// Of what.
    pub(crate) symbol: String,
    /// For how much money each time.
    pub(crate) amount: Option<Amount>,
    /// How many each time.
    pub(crate) quantity: Option<Amount>,
    /// How often.
    pub(crate) frequency: Frequency,
    /// On which day of the month.
    pub(crate) day_of_month: Option<u32>,
    /// From when.
    pub(crate) start_date: NaiveDate,
    /// No instalment is due after this day.
    pub(crate) end_date: Option<NaiveDate>,
    /// How many there are.
    pub(crate) instalments: Option<u32>,
    /// By which calendar days are business days.
    pub(crate) calendar: String,
    /// Which business day stands for a day that is none.
    pub(crate) convention: Convention,
    /// What becomes of an instalment whose day passed while nothing ran.
    pub(crate) missed: MissedPolicy,
    /// On how many further business days an instalment that could not be done is tried again.
    pub(crate) retries: u32,
    /// Where it stands.
    pub(crate) state: ScheduleState,
    /// How many instalments were due so far, whatever came of them.
    pub(crate) made: u32,
    /// The next date, if it is active.
    pub(crate) next_date: Option<NaiveDate>,
    /// The business day on which that is due.
    pub(crate) next_due_on: Option<NaiveDate>,
    /// Counts changes from 1, instalments too; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<ScheduleRecord>> for ScheduleResponse {
    fn from(stored: Stored<ScheduleRecord>) -> Self {
        let next = stored.next().filter(|_| stored.state == ScheduleState::Active);
        Self {
            id: stored.id,
            user_id: stored.user_id,
            client_id: stored.client_id,
            advisor_id: stored.advisor_id,
            portfolio_id: stored.portfolio_id,
            account_id: stored.account_id,
            kind: stored.kind,
            amount: stored.amount.map(Amount),
            quantity: stored.quantity.map(Amount),
            frequency: stored.frequency,
            day_of_month: stored.day_of_month,
            start_date: stored.start_date,
            end_date: stored.end_date,
            instalments: stored.instalments,
            convention: stored.convention,
            missed: stored.missed,
            retries: stored.retries,
            state: stored.state,
            made: stored.made,
            next_date: next.map(|due| due.date),
            next_due_on: next.map(|due| due.on),
            version: stored.version,
            created_at: stored.created_at,
            symbol: stored.data.symbol,
            calendar: stored.data.calendar,
        }
    }
}

/// An instalment and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleInstalmentResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Of which schedule.
    pub(crate) schedule_id: Uuid,
    /// Its number, from 1.
    pub(crate) number: u32,
    /// Its date.
    pub(crate) date: NaiveDate,
    /// The business day on which it was due.
    pub(crate) due_on: NaiveDate,
    /// The day of the last attempt.
    pub(crate) done_on: NaiveDate,
    /// Whether it was begun after the day on which it was due.
    pub(crate) late: bool,
    /// What came of it.
    pub(crate) state: InstalmentState,
    /// Why it was not done, as in `insufficient_cash`, `not_held`, `no_quote`, `stale_quote`, `amount_too_small`,
    /// `compliance_hold`, `missed` and `too_late`.
    pub(crate) reasons: Vec<String>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// When it is tried again.
    pub(crate) retry_on: Option<NaiveDate>,
    /// Its order.
    pub(crate) order_id: Option<Uuid>,
    /// How many were ordered.
    pub(crate) quantity: Option<Amount>,
    /// The price by which that was reckoned.
    pub(crate) price: Option<Amount>,
    /// What is left of the amount, because no part of a unit can be had for it.
    pub(crate) leftover: Option<Amount>,
}

impl From<Stored<InstalmentRecord>> for ScheduleInstalmentResponse {
    fn from(stored: Stored<InstalmentRecord>) -> Self {
        Self {
            id: stored.id,
            schedule_id: stored.schedule_id,
            number: stored.number,
            date: stored.date,
            due_on: stored.due_on,
            done_on: stored.done_on,
            late: stored.late,
            state: stored.state,
            attempts: stored.attempts,
            retry_on: stored.retry_on,
            order_id: stored.order_id,
            quantity: stored.quantity.map(|quantity| Amount(quantity.normalize())),
            price: stored.price.map(Amount),
            leftover: stored.leftover.map(Amount),
            reasons: stored.data.reasons,
        }
    }
}

/// A calendar that schedules can name.
pub(super) fn calendar_of(code: &str) -> Result<&'static Calendar, String> {
    Calendar::named(code).ok_or_else(|| {
        let codes: Vec<&str> = Calendar::all().iter().map(|one| one.code.as_str()).collect();
        format!("must be one of {}", codes.join(", "))
    })
}

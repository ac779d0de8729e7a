use super::{
    calendar::{Calendar, Convention},
    rhythm::{Frequency, Rhythm},
};
use crate::{access::Owner, stamps::Stamped};
use chrono::{Datelike, NaiveDate};
use kernel::{AdvisorId, ClientId, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a schedule does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum ScheduleType {
    /// Systematic investment plan: it buys.
    #[serde(rename = "SIP")]
    Sip,
    /// Systematic withdrawal plan: it sells.
    #[serde(rename = "SWP")]
    Swp,
}

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduleState {
    /// Instalments are made when they are due.
    Active,
    /// Dates pass without an instalment.
    Paused,
    /// Ended by whom it belongs to.
    Cancelled,
    /// All of its instalments were due.
    Completed,
}

impl ScheduleState {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ScheduleState::Active => "active",
            ScheduleState::Paused => "paused",
            ScheduleState::Cancelled => "cancelled",
            ScheduleState::Completed => "completed",
        }
    }

    /// Whether this state may follow by somebody's wish.
    pub(crate) fn may_become(self, next: ScheduleState) -> bool {
        use ScheduleState::{Active, Cancelled, Paused};
        matches!(
            (self, next),
            (Active, Paused) | (Paused, Active) | (Active | Paused, Cancelled)
        )
    }
}

/// What becomes of an instalment whose day passed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissedPolicy {
    /// It is made late, up to 31 days after its day.
    #[default]
    CatchUp,
    /// It is left out.
    Skip,
}

static SCHEDULES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("schedules", Scoping::Client)
        .field("portfolio_id", FieldKind::Uuid)
        .field("state", FieldKind::Text)
        .serves(&["portfolio_id"], &["created_at"])
        .serves(&["state"], &["created_at"])
});

/// A schedule as it is stored. When its next instalment is due stands in a timer of the same id too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScheduleRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    #[serde(rename = "type")]
    pub(crate) kind: ScheduleType,
    /// How much money; none where a quantity is given.
    pub(crate) amount: Option<Decimal>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) frequency: Frequency,
    pub(crate) day_of_month: Option<u32>,
    pub(crate) start_date: NaiveDate,
    pub(crate) end_date: Option<NaiveDate>,
    pub(crate) instalments: Option<u32>,
    pub(crate) calendar: String,
    pub(crate) convention: Convention,
    pub(crate) missed: MissedPolicy,
    pub(crate) retries: u32,
    pub(crate) state: ScheduleState,
    /// The place of the next date among all dates from the start.
    pub(crate) place: u32,
    /// How many instalments were due so far, whatever came of them.
    pub(crate) made: u32,
}

/// The next date of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// By the rhythm.
    pub(crate) date: NaiveDate,
    /// The business day that stands for it.
    pub(crate) on: NaiveDate,
}

impl ScheduleRecord {
    fn rhythm(&self) -> Rhythm {
        Rhythm {
            frequency: self.frequency,
            start: self.start_date,
            day_of_month: self.day_of_month.unwrap_or_else(|| self.start_date.day()),
        }
    }

    /// When the next instalment is due; none when all were.
    pub(crate) fn next(&self) -> Option<Due> {
        if self.instalments.is_some_and(|all| self.made >= all) {
            return None;
        }
        let date = self.rhythm().date(self.place)?;
        if self.end_date.is_some_and(|end| date > end) {
            return None;
        }
        Some(Due {
            date,
            on: self.on(date),
        })
    }

    /// The business day that stands for a date, never before the start.
    fn on(&self, date: NaiveDate) -> NaiveDate {
        let Some(calendar) = Calendar::named(&self.calendar) else {
            return date;
        };
        let on = calendar.adjusted(date, self.convention);
        match on < self.start_date {
            true => calendar.adjusted(date, Convention::Following),
            false => on,
        }
    }

    /// The first business day after a day.
    pub(crate) fn business_day_after(&self, day: NaiveDate) -> NaiveDate {
        match Calendar::named(&self.calendar) {
            Some(calendar) => calendar.next(day),
            None => day.succ_opt().unwrap_or(day),
        }
    }

    /// Leaves out the dates that lie before a day: they are no instalments.
    pub(crate) fn pass_until(&mut self, day: NaiveDate) {
        while self.next().is_some_and(|due| due.on < day) {
            self.place += 1;
        }
    }
}

impl Stamped for ScheduleRecord {
    fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

impl Document for ScheduleRecord {
    fn collection() -> &'static Collection {
        &SCHEDULES
    }
}

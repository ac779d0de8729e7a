use super::models::ScheduleRecord;
use chrono::NaiveDate;
use kernel::{CallContext, NewEvent, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::LazyLock;
use store::{Batch, Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;
use uuid::Uuid;
use wealth_contract::{INSTALMENT_FAILED, INSTALMENT_ORDERED, INSTALMENT_SKIPPED};

/// What came of an instalment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstalmentState {
    /// There is an order, and the broker has it.
    Ordered,
    /// There is an order, and compliance holds it: it is checked and placed by hand once it is released.
    Held,
    /// It could not be done, and will be tried again.
    Retrying,
    /// It could not be done.
    Failed,
    /// Its day had passed, and it was left out.
    Skipped,
}

static INSTALMENTS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("schedule_instalments", Scoping::Owner)
        .field("schedule_id", FieldKind::Uuid)
        .field("number", FieldKind::Int)
        .unlisted()
        .within_firms()
        .belongs_to("schedule_id")
        .serves(&["schedule_id"], &["number"])
});

/// A date of a schedule on which something was to be done, and what came of it. Its id follows from the schedule's and its place,
/// and so does the order's: whoever makes it a second time is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InstalmentRecord {
    pub(crate) user_id: UserId,
    pub(crate) portfolio_id: Uuid,
    pub(crate) schedule_id: Uuid,
    pub(crate) number: u32,
    pub(crate) date: NaiveDate,
    pub(crate) due_on: NaiveDate,
    /// The day of the last attempt.
    pub(crate) done_on: NaiveDate,
    /// Whether the first attempt was made after `due_on`.
    pub(crate) late: bool,
    pub(crate) state: InstalmentState,
    /// Why it was not done, the last time.
    pub(crate) reasons: Vec<String>,
    pub(crate) attempts: u32,
    pub(crate) retry_on: Option<NaiveDate>,
    pub(crate) order_id: Option<Uuid>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    /// What is left of the amount because only so many units can be had for it.
    pub(crate) leftover: Option<Decimal>,
}

impl Document for InstalmentRecord {
    fn collection() -> &'static Collection {
        &INSTALMENTS
    }
}

/// The id of the instalment at a place of a schedule.
pub(super) fn instalment_id(schedule: Uuid, place: u32) -> Uuid {
    Uuid::new_v5(&schedule, format!("instalment\u{0}{place}").as_bytes())
}

/// The id of an instalment's order.
pub(super) fn order_id(instalment: Uuid) -> Uuid {
    Uuid::new_v5(&instalment, b"order")
}

/// Adds what came of an instalment to its batch.
pub(super) fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    schedule: &ScheduleRecord,
    stored: &Stored<InstalmentRecord>,
) {
    let name = match stored.state {
        InstalmentState::Ordered => INSTALMENT_ORDERED,
        InstalmentState::Skipped => INSTALMENT_SKIPPED,
        InstalmentState::Held | InstalmentState::Retrying | InstalmentState::Failed => INSTALMENT_FAILED,
    };
    let data = json!({
        "schedule_id": stored.schedule_id, "instalment_id": stored.id, "number": stored.number,
        "type": schedule.kind, "user_id": stored.user_id, "client_id": schedule.client_id,
        "portfolio_id": stored.portfolio_id, "symbol": schedule.symbol, "date": stored.date,
        "due_on": stored.due_on, "late": stored.late, "state": stored.state, "reasons": stored.reasons,
        "attempts": stored.attempts, "retry_on": stored.retry_on, "order_id": stored.order_id,
        "quantity": stored.quantity, "leftover": stored.leftover,
    });
    let subject = format!("schedule-instalment/{}", stored.id);
    batch.event(NewEvent::new(cx, name, subject, data).at_version(stored.version));
}

//! What is to be done at a moment. The group's own job reads timers in the order of their moments, whatever the firm; lists of
//! what belongs to clients have no order across firms.

use crate::error::Error;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{MAX_PAGE, PageRequest};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, FieldKind, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimerKind {
    /// The next instalment of a schedule.
    Schedule,
    /// Another attempt at an instalment.
    Instalment,
    /// The end of an order after its last day.
    OrderExpiry,
}

impl TimerKind {
    fn as_str(self) -> &'static str {
        match self {
            TimerKind::Schedule => "schedule",
            TimerKind::Instalment => "instalment",
            TimerKind::OrderExpiry => "order_expiry",
        }
    }
}

static TIMERS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("wealth_timers", Scoping::Tenant)
        .field("kind", FieldKind::Text)
        .field("due", FieldKind::Time)
        .unlisted()
        .serves(&["kind"], &["due"])
});

/// A moment at which something is to be done to the document that has the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timer {
    pub(crate) kind: TimerKind,
    pub(crate) due: DateTime<Utc>,
}

impl Document for Timer {
    fn collection() -> &'static Collection {
        &TIMERS
    }
}

impl Timer {
    /// Puts into a batch that the timer of `id` is to go off then, or not at all.
    pub(crate) async fn set(
        store: &Store,
        batch: &mut Batch,
        id: Uuid,
        kind: TimerKind,
        due: Option<DateTime<Utc>>,
    ) -> Result<(), Error> {
        let known = store.get_anywhere::<Timer>(id).await?;
        match (known, due) {
            (Some(known), Some(due)) if known.due == due => {}
            (Some(known), Some(due)) => drop(batch.replace(&known.with(Timer { kind, due }))),
            (Some(known), None) => batch.remove(&known),
            (None, Some(due)) => drop(batch.insert(id, Timer { kind, due })),
            (None, None) => {}
        }
        Ok(())
    }

    /// One page of what is due by now, and where the next one begins.
    pub(crate) async fn due(
        store: &Store,
        kind: TimerKind,
        cursor: Option<String>,
    ) -> Result<(Vec<Stored<Timer>>, Option<String>), Error> {
        let soon = store.sources().now() + TimeDelta::milliseconds(1);
        let query = Query::sorted(Sort::ascending("due"))
            .equals("kind", kind.as_str())
            .between(None, Some(soon.into()))
            .page(PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            });
        let page = store.find_everywhere::<Timer>(query).await?;
        Ok((page.items, page.next))
    }
}

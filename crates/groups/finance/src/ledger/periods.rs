use crate::{
    access::Access,
    error::Error,
    journal::{Journal, PeriodGate},
};
use chrono::{DateTime, NaiveDate, Utc};
use finance_contract::{PERIOD_CLOSED, PERIOD_REOPENED, PeriodChanged};
use kernel::{
    AuditRecord, CalendarDate, CallContext, IdempotencyKey, MAX_PAGE, NewEvent, PageRequest, Scope, Text,
    UserId,
};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, Query, Scoping, Sort};
use utoipa::ToSchema;
use uuid::Uuid;

static PERIOD_ACTS: LazyLock<Collection> =
    LazyLock::new(|| Collection::new("period_acts", Scoping::Owner).personal_text(&["reason"]));

/// That a period of a book was closed or opened again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PeriodAct {
    user_id: UserId,
    act: PeriodActKind,
    /// What is closed from then on.
    closed_through: Option<NaiveDate>,
    reason: String,
    by: String,
}

impl Document for PeriodAct {
    fn collection() -> &'static Collection {
        &PERIOD_ACTS
    }
}

/// What was done to a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeriodActKind {
    /// More days were closed.
    Close,
    /// Some days, or all, were opened again.
    Reopen,
}

/// Which days are to be closed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PeriodCloseRequest {
    /// In whose book; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// The last day that is closed: nothing is posted on it or before it any more.
    pub(crate) through: CalendarDate,
    /// Why.
    pub(crate) reason: Text<1, 500>,
}

/// Which days are to be opened again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PeriodReopenRequest {
    /// In whose book; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// The last day that stays closed; none when everything is opened.
    pub(crate) through: Option<CalendarDate>,
    /// Why.
    pub(crate) reason: Text<1, 500>,
}

/// What is closed in a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PeriodsResponse {
    /// In whose book.
    pub(crate) user_id: UserId,
    /// The last day that is closed; none when everything is open.
    pub(crate) closed_through: Option<NaiveDate>,
    /// What was closed and opened, newest first; the last 200.
    pub(crate) history: Vec<PeriodActResponse>,
}

/// That a period was closed or opened again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PeriodActResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// What was done.
    pub(crate) act: PeriodActKind,
    /// The last day that was closed from then on.
    pub(crate) closed_through: Option<NaiveDate>,
    /// Why.
    pub(crate) reason: String,
    /// Who did it: `user/…`.
    pub(crate) by: String,
    /// When, UTC.
    pub(crate) at: DateTime<Utc>,
}

/// Closes periods, and opens them again.
pub(crate) struct PeriodsService {
    journal: Journal,
    access: Access,
}

impl PeriodsService {
    pub(crate) fn new(journal: Journal, access: Access) -> Self {
        Self { journal, access }
    }

    /// What is closed in a book.
    pub(crate) async fn get(&self, cx: &CallContext, user: Option<UserId>) -> Result<PeriodsResponse, Error> {
        let user = Access::subject(cx, user)?;
        let scope = self.access.reading(cx, user).await?;
        let gate = PeriodGate::read(self.journal.documents(), cx.tenant(), user, 0).await?;
        let closed_through = gate.and_then(|gate| gate.closed_through);
        self.response(&scope, user, closed_through, None).await
    }

    /// Closes everything through a day, once for each key. Whatever was acknowledged before stays; whatever has not
    /// been posted by then is refused.
    pub(crate) async fn close(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &PeriodCloseRequest,
    ) -> Result<PeriodsResponse, Error> {
        let through = request.through.date();
        let documents = self.journal.documents();
        self.journal
            .once(cx, "finance.close_period", key, request, |mut batch| async move {
                let user = Access::subject(cx, request.user_id)?;
                self.access.owner(cx, user).await?;
                let change = |gate: &mut PeriodGate| match gate.closed_through {
                    Some(closed) if closed >= through => Err(Error::invalid(
                        "through",
                        format!("everything through {closed} is closed already: name a later day"),
                    )),
                    _ => {
                        gate.closed_through = Some(through);
                        Ok(())
                    }
                };
                PeriodGate::change(documents, cx.tenant(), user, &mut batch, change).await?;
                let act = act(cx, user, PeriodActKind::Close, Some(through), &request.reason);
                self.record(cx, batch, act).await
            })
            .await
    }

    /// Opens what was closed after a day, or everything, once for each key.
    pub(crate) async fn reopen(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &PeriodReopenRequest,
    ) -> Result<PeriodsResponse, Error> {
        let through = request.through.map(CalendarDate::date);
        let documents = self.journal.documents();
        self.journal
            .once(
                cx,
                "finance.reopen_period",
                key,
                request,
                |mut batch| async move {
                    let user = Access::subject(cx, request.user_id)?;
                    self.access.owner(cx, user).await?;
                    let change = |gate: &mut PeriodGate| match gate.closed_through {
                        None => Err(Error::invalid("through", "nothing is closed")),
                        Some(closed) if through.is_some_and(|through| through >= closed) => {
                            Err(Error::invalid(
                                "through",
                                format!(
                                    "only what is before {closed} stays closed: name an earlier day, or none"
                                ),
                            ))
                        }
                        Some(_) => {
                            gate.closed_through = through;
                            Ok(())
                        }
                    };
                    PeriodGate::change(documents, cx.tenant(), user, &mut batch, change).await?;
                    let act = act(cx, user, PeriodActKind::Reopen, through, &request.reason);
                    self.record(cx, batch, act).await
                },
            )
            .await
    }

    async fn record(
        &self,
        cx: &CallContext,
        mut batch: Batch,
        act: PeriodAct,
    ) -> Result<(Batch, PeriodsResponse), Error> {
        let (user, closed_through) = (act.user_id, act.closed_through);
        let name = match act.act {
            PeriodActKind::Close => PERIOD_CLOSED,
            PeriodActKind::Reopen => PERIOD_REOPENED,
        };
        let facts = PeriodChanged {
            user_id: user,
            closed_through,
        };
        let data = serde_json::to_value(facts).unwrap_or_default();
        let subject = format!("book/{user}");
        batch.event(NewEvent::new(cx, name, subject.clone(), data));
        let audit = AuditRecord::new(name, subject).changing("closed_through", None, closed_through);
        batch.event(audit.into_event(cx));
        let id = self.journal.documents().sources().ids().next::<Uuid>();
        let stored = batch.insert(id, act);
        let newest = PeriodActResponse::from(stored);
        let scope = Scope::Own {
            tenant: cx.tenant(),
            user,
        };
        let response = self.response(&scope, user, closed_through, Some(newest)).await?;
        Ok((batch, response))
    }

    async fn response(
        &self,
        scope: &Scope,
        user_id: UserId,
        closed_through: Option<NaiveDate>,
        newest: Option<PeriodActResponse>,
    ) -> Result<PeriodsResponse, Error> {
        let query = Query::sorted(Sort::descending("created_at")).page(PageRequest {
            limit: MAX_PAGE,
            cursor: None,
            count: false,
        });
        let acts = self.journal.documents().find::<PeriodAct>(scope, query).await?;
        let older = acts.items.into_iter().map(PeriodActResponse::from);
        Ok(PeriodsResponse {
            user_id,
            closed_through,
            history: newest.into_iter().chain(older).collect(),
        })
    }
}

impl From<store::Stored<PeriodAct>> for PeriodActResponse {
    fn from(stored: store::Stored<PeriodAct>) -> Self {
        Self {
            id: stored.id,
            act: stored.act,
            closed_through: stored.closed_through,
            reason: stored.data.reason,
            by: stored.data.by,
            at: stored.created_at,
        }
    }
}

fn act(
    cx: &CallContext,
    user_id: UserId,
    act: PeriodActKind,
    closed_through: Option<NaiveDate>,
    reason: &Text<1, 500>,
) -> PeriodAct {
    PeriodAct {
        user_id,
        act,
        closed_through,
        reason: reason.as_str().to_owned(),
        by: cx.principal.reference(),
    }
}

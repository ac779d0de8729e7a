use super::{
    models::CheckRecord,
    requests::{CheckFilter, CheckRequest, CheckResponse, OverrideRequest},
    suitability::{Facts, reasons},
};
use crate::{
    access::{Owner, client_in, may_oversee, visible},
    clients::ClientRecord,
    compliance::sanctions::Sanctions,
    error::Error,
    versions::{commit, overtaken},
};
use advisory_contract::{
    AdvisoryError, CheckOutcome, Compliance, HoldReason, ORDER_HELD, ORDER_RELEASED, OrderDecided,
    OrderToCheck, OrderVerdict,
};
use chrono_tz::Tz;
use kernel::{AuditRecord, CallContext, IdempotencyKey, Money, NewEvent, Page, PageRequest};
use rust_decimal::Decimal;
use store::{Batch, Query, Store, Stored};
use uuid::Uuid;

/// How often a decision that somebody else was faster with is made anew.
const ATTEMPTS: u32 = 16;

/// The rules of checks before a trade.
pub(crate) struct ChecksService {
    store: Store,
    sanctions: Sanctions,
    timezone: Tz,
}

impl ChecksService {
    pub(crate) fn new(store: Store, sanctions: Sanctions, timezone: Tz) -> Self {
        Self {
            store,
            sanctions,
            timezone,
        }
    }

    /// One page of checks that the caller may see.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &CheckFilter,
        page: PageRequest,
    ) -> Result<Page<CheckResponse>, Error> {
        let mut query = Query::all().page(page);
        if let Some(client) = filter.client_id {
            query = query.equals("client_id", client.0);
        }
        if let Some(outcome) = filter.outcome {
            if filter.client_id.is_some() {
                return Err(Error::invalid(
                    "outcome",
                    "cannot be asked for together with client_id",
                ));
            }
            query = query.equals("outcome", word(outcome));
        }
        let found = self.store.find::<CheckRecord>(&cx.scope()?, query).await?;
        Ok(found.map(CheckResponse::from))
    }

    /// One check that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<CheckResponse, Error> {
        Ok(visible::<CheckRecord>(&self.store, cx, id, "check").await?.into())
    }

    /// Checks an order that a person asks about, once for each key.
    pub(crate) async fn check(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: CheckRequest,
    ) -> Result<CheckResponse, Error> {
        let client = client_in(&self.store, cx, request.client_id).await?;
        let currency = request.currency.unwrap_or(client.currency);
        if request.amount.0 <= Decimal::ZERO {
            return Err(Error::invalid("amount", "must be more than 0"));
        }
        let amount = Money::new(request.amount.0, currency)
            .map_err(|error| Error::invalid("amount", error.to_string()))?;
        let named = format!("check\u{0}{}\u{0}{key}", cx.principal.reference());
        let order = OrderToCheck {
            order_id: request
                .order_id
                .unwrap_or_else(|| Uuid::new_v5(&client.id, named.as_bytes())),
            user_id: client.user_id,
            side: request.side,
            instrument: request.instrument.into_string(),
            risk: request.risk,
            amount,
        };
        Ok(self.decided(cx, &order).await?.into())
    }

    /// Lets a held order through, on record.
    pub(crate) async fn release(
        &self,
        cx: &CallContext,
        id: Uuid,
        request: OverrideRequest,
    ) -> Result<CheckResponse, Error> {
        let check = visible::<CheckRecord>(&self.store, cx, id, "check").await?;
        may_oversee(cx, "compliance.override")?;
        if check.outcome == CheckOutcome::Pass {
            return Err(Error::standing(
                "not_held",
                "this order is not held: there is nothing to decide",
            ));
        }
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        let released = batch.replace(&check.changed(|check| {
            check.outcome = CheckOutcome::Pass;
            check.released_by = Some(cx.principal.reference());
            check.released_at = Some(now);
            check.release_reason = Some(request.reason.into_string());
        }));
        announce(cx, &mut batch, ORDER_RELEASED, &released);
        commit(&self.store, batch, None).await?;
        Ok(released.into())
    }

    /// The answer that stands about an order, made if there is none.
    async fn decided(&self, cx: &CallContext, order: &OrderToCheck) -> Result<Stored<CheckRecord>, Error> {
        let mut lost = 0;
        loop {
            match self.decide(cx, order).await {
                Err(error) if overtaken(&error) && lost < ATTEMPTS => lost += 1,
                decided => return decided,
            }
        }
    }

    async fn decide(&self, cx: &CallContext, order: &OrderToCheck) -> Result<Stored<CheckRecord>, Error> {
        let scope = cx.scope()?;
        let query = Query::all().equals("user_id", order.user_id.0);
        let client = self.store.find_first::<ClientRecord>(&scope, query).await?;
        let client = client.ok_or(Error::ClientNotFound)?;
        let name = format!("order-check\u{0}{}", order.order_id);
        let id = Uuid::new_v5(&client.id, name.as_bytes());
        let known = self.store.get::<CheckRecord>(&scope, id).await?;
        let reasons = self.reasons(&client, order).await?;
        if let Some(known) = &known
            && known.is_about(order)
            && known.reasons == reasons
        {
            return Ok(known.clone());
        }
        let record = record_of(Owner::from(&client), order, reasons);
        let mut batch = self.store.batch(cx);
        batch.require(&client);
        let stored = match &known {
            Some(known) => batch.replace(&known.with(record)),
            None => batch.insert(id, record),
        };
        if stored.outcome == CheckOutcome::Hold {
            announce(cx, &mut batch, ORDER_HELD, &stored);
        }
        self.store.commit(batch).await?;
        Ok(stored)
    }

    async fn reasons(
        &self,
        client: &Stored<ClientRecord>,
        order: &OrderToCheck,
    ) -> Result<Vec<HoldReason>, Error> {
        let facts = Facts {
            risk_profile: client.risk_profile,
            kyc_expiry: client.kyc_expiry_date,
            kyc_rejected: client.kyc_rejected,
            sanctioned: self.sanctions.names(&client.client_name),
            today: self
                .store
                .sources()
                .now()
                .with_timezone(&self.timezone)
                .date_naive(),
        };
        Ok(reasons(&facts, order.side, order.risk))
    }
}

#[rpc::async_trait]
impl Compliance for ChecksService {
    async fn check_order(
        &self,
        cx: &CallContext,
        order: OrderToCheck,
    ) -> Result<OrderVerdict, AdvisoryError> {
        let check = self.decided(cx, &order).await?;
        Ok(OrderVerdict {
            check_id: check.id,
            outcome: check.outcome,
            reasons: check.reasons.clone(),
            overridden: check.released_at.is_some(),
        })
    }
}

fn record_of(owner: Owner, order: &OrderToCheck, reasons: Vec<HoldReason>) -> CheckRecord {
    CheckRecord {
        user_id: owner.user_id,
        client_id: owner.client_id,
        advisor_id: Some(owner.advisor_id),
        order_id: order.order_id,
        side: order.side,
        instrument: order.instrument.clone(),
        risk: order.risk,
        amount: order.amount,
        outcome: match reasons.is_empty() {
            true => CheckOutcome::Pass,
            false => CheckOutcome::Hold,
        },
        reasons,
        released_by: None,
        released_at: None,
        release_reason: None,
    }
}

fn word(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Pass => "pass",
        CheckOutcome::Hold => "hold",
    }
}

fn announce(cx: &CallContext, batch: &mut Batch, event: &str, check: &Stored<CheckRecord>) {
    let subject = format!("compliance-check/{}", check.id);
    let codes: Vec<String> = check.reasons.iter().map(|reason| reason.code.clone()).collect();
    let facts = OrderDecided {
        check_id: check.id,
        order_id: check.order_id,
        client_id: check.client_id,
        user_id: check.user_id,
        reasons: codes.clone(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(check.version));
    let audit = AuditRecord::new(event, subject)
        .changing("outcome", None, Some(word(check.outcome)))
        .changing("reasons", None, Some(codes))
        .changing("order_id", None, Some(check.order_id));
    batch.event(audit.into_event(cx).at_version(check.version));
}

use super::{
    models::{KycAlert, KycReview, ReviewResult},
    requests::{AlertResponse, KycStanding, KycStatus, ReviewRequest, ReviewResponse},
    rules::good_until,
};
use crate::{
    access::client,
    clients::{ClientRecord, book::announce, requests::DEFAULT_JURISDICTION},
    compliance::sanctions::Sanctions,
    error::Error,
};
use advisory_contract::{CLIENT_UPDATED, KYC_CHANGED};
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{
    AuditRecord, CallContext, CallError, ClientId, IdempotencyKey, NewEvent, Page, PageRequest, Role, Scope,
};
use serde_json::json;
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// The rules of identity checks.
pub(crate) struct KycService {
    store: Store,
    sanctions: Sanctions,
    timezone: Tz,
}

impl KycService {
    pub(crate) fn new(store: Store, sanctions: Sanctions, timezone: Tz) -> Self {
        Self {
            store,
            sanctions,
            timezone,
        }
    }

    /// How the identity checks of the clients stand that the caller may see: those without one first, then by their end.
    pub(crate) async fn list(&self, cx: &CallContext, page: PageRequest) -> Result<Page<KycStatus>, Error> {
        let query = Query::sorted(Sort::ascending("kyc_expiry_date")).page(page);
        let found = self.store.find::<ClientRecord>(&cx.scope()?, query).await?;
        Ok(found.map(|client| self.status_of(&client)))
    }

    /// How one client's stands.
    pub(crate) async fn status(&self, cx: &CallContext, id: ClientId) -> Result<KycStatus, Error> {
        Ok(self.status_of(&client(&self.store, cx, id).await?))
    }

    /// The reviews of a client, oldest first.
    pub(crate) async fn reviews(
        &self,
        cx: &CallContext,
        id: ClientId,
        page: PageRequest,
    ) -> Result<Page<ReviewResponse>, Error> {
        let client = client(&self.store, cx, id).await?;
        may_review(cx)?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let query = Query::all().equals("client_id", client.id).page(page);
        Ok(self
            .store
            .find::<KycReview>(&scope, query)
            .await?
            .map(ReviewResponse::from))
    }

    /// Writes a review down, once for each key. The client's next one is due as the rules of the jurisdiction say.
    pub(crate) async fn review(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: ClientId,
        request: ReviewRequest,
    ) -> Result<ReviewResponse, Error> {
        client(&self.store, cx, id).await?;
        may_review(cx)?;
        let day = request.reviewed_on.date();
        if day > self.today() {
            return Err(Error::invalid("reviewed_on", "must not be in the future"));
        }
        if request.result == ReviewResult::Rejected && request.remark.is_none() {
            return Err(Error::invalid("remark", "must say why the check was refused"));
        }
        let asked = (id, &request);
        self.store
            .once(cx, "advisory.review_kyc", key, &asked, |mut batch| {
                let request = request.clone();
                async move {
                    let client = client(&self.store, cx, id).await?;
                    let review = review_of(cx, &client, day, request);
                    let changed = batch.replace(&client.changed(|client| {
                        client.kyc_rejected = review.result == ReviewResult::Rejected;
                        if review.good_until.is_some() {
                            client.kyc_expiry_date = review.good_until;
                        }
                        client.revise();
                    }));
                    announce(
                        cx,
                        &mut batch,
                        CLIENT_UPDATED,
                        Some(&client),
                        &changed,
                        &["kyc_expiry_date"],
                    );
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), review);
                    tell(cx, &mut batch, &stored);
                    Ok::<_, Error>((batch, ReviewResponse::from(stored)))
                }
            })
            .await
    }

    /// What was told of identity checks that end, oldest first.
    pub(crate) async fn alerts(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<AlertResponse>, Error> {
        let query = Query::all().page(page);
        Ok(self
            .store
            .find::<KycAlert>(&cx.scope()?, query)
            .await?
            .map(AlertResponse::from))
    }

    fn status_of(&self, client: &Stored<ClientRecord>) -> KycStatus {
        let days_left = client.kyc_expiry_date.map(|end| (end - self.today()).num_days());
        let state = match days_left {
            _ if client.kyc_rejected => KycStanding::Rejected,
            None => KycStanding::Missing,
            Some(left) if left < 0 => KycStanding::Expired,
            Some(left) if left <= 90 => KycStanding::Expiring,
            Some(_) => KycStanding::Valid,
        };
        KycStatus {
            client_id: ClientId(client.id),
            client_name: client.client_name.clone(),
            state,
            kyc_expiry_date: client.kyc_expiry_date,
            days_left,
            sanctions_match: self.sanctions.names(&client.client_name),
        }
    }

    fn today(&self) -> NaiveDate {
        self.store
            .sources()
            .now()
            .with_timezone(&self.timezone)
            .date_naive()
    }
}

fn review_of(
    cx: &CallContext,
    client: &Stored<ClientRecord>,
    day: NaiveDate,
    request: ReviewRequest,
) -> KycReview {
    let jurisdiction = client
        .jurisdiction
        .clone()
        .unwrap_or_else(|| DEFAULT_JURISDICTION.to_owned());
    let good = request.result == ReviewResult::Verified;
    KycReview {
        user_id: client.user_id,
        client_id: ClientId(client.id),
        result: request.result,
        risk_rating: request.risk_rating,
        reviewed_on: day,
        good_until: good.then(|| good_until(day, &jurisdiction, request.risk_rating)),
        jurisdiction,
        remark: request.remark.map(|remark| remark.into_string()),
        reviewed_by: cx.principal.reference(),
    }
}

/// The firm reviews, not the client.
fn may_review(cx: &CallContext) -> Result<(), Error> {
    match cx.principal.user().map(|user| user.role) {
        Some(Role::Advisor | Role::Admin | Role::Compliance) => Ok(()),
        _ => Err(CallError::forbidden("compliance.review").into()),
    }
}

fn tell(cx: &CallContext, batch: &mut store::Batch, review: &Stored<KycReview>) {
    let subject = format!("client/{}", review.client_id);
    let data = json!({
        "client_id": review.client_id, "user_id": review.user_id, "result": review.result,
        "risk_rating": review.risk_rating, "good_until": review.good_until,
    });
    batch.event(NewEvent::new(cx, KYC_CHANGED, subject.clone(), data));
    let audit = AuditRecord::new(KYC_CHANGED, subject)
        .changing("result", None, Some(review.result))
        .changing("risk_rating", None, Some(review.risk_rating))
        .changing("good_until", None, Some(review.good_until));
    batch.event(audit.into_event(cx));
}

use super::{
    models::{FundingRecord, FundingStep},
    requests::{
        FundingCreateRequest, FundingEndRequest, FundingFilter, FundingResponse, FundingSettleRequest,
    },
    steps::{announce, legal, take},
};
use crate::{
    access::Access,
    entries::{Desk, EntriesService, EntryKind, account_of},
    error::Error,
    market::{Market, Prices},
    portfolios::{PortfolioRecord, PortfoliosStore},
};
use chrono::NaiveDate;
use kernel::{CallContext, CallError, Currency, IdempotencyKey, Money, Page, PageRequest, UserId};
use rust_decimal::Decimal;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;
use wealth_contract::{FundingKind, FundingState};

/// What goes out above this, in the firm's currency, must be approved by somebody other than who asked for it.
pub(super) const APPROVAL_LIMIT: i64 = 100_000;

/// The rules of funding.
#[derive(Clone)]
pub(crate) struct Funding {
    pub(super) store: Store,
    pub(super) access: Access,
    entries: EntriesService,
    pub(super) portfolios: PortfoliosStore,
    pub(super) market: Market,
    pub(super) currency: Currency,
}

impl Funding {
    pub(crate) fn new(
        store: Store,
        access: Access,
        entries: EntriesService,
        portfolios: PortfoliosStore,
        market: Market,
        currency: Currency,
    ) -> Self {
        Self {
            store,
            access,
            entries,
            portfolios,
            market,
            currency,
        }
    }

    /// Asks for money to move, once for each key. What is to go out is set aside in the same commit.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: FundingCreateRequest,
    ) -> Result<FundingResponse, Error> {
        self.store
            .once(cx, "wealth.create_funding", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let portfolio = self.entries.to_change(cx, request.portfolio_id).await?;
                    let mut record = self.record(cx, &portfolio, request)?;
                    let reasons = self.approval(cx, &record).await?;
                    record.needs_approval = !reasons.is_empty();
                    match record.kind {
                        FundingKind::Deposit => batch.require(&portfolio),
                        FundingKind::Withdrawal | FundingKind::Payout => {
                            account_of(&portfolio, Some(record.account_id))?.check_free(record.amount)?;
                            let (account, amount) = (record.account_id, record.amount);
                            batch.replace(&portfolio.changed(|data| data.reserve(account, amount)));
                        }
                    }
                    take(&mut record, self.step(cx, FundingState::Requested, reasons));
                    let asked = record.clone();
                    if record.kind != FundingKind::Deposit && !record.needs_approval {
                        let step = self.step(cx, FundingState::Approved, vec!["below_limit".to_owned()]);
                        take(&mut record, step);
                    }
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, &stored.with(asked))?;
                    if stored.state == FundingState::Approved {
                        announce(cx, &mut batch, &stored)?;
                    }
                    Ok((batch, FundingResponse::from(stored)))
                }
            })
            .await
    }

    fn record(
        &self,
        cx: &CallContext,
        portfolio: &Stored<PortfolioRecord>,
        request: FundingCreateRequest,
    ) -> Result<FundingRecord, Error> {
        let account = account_of(portfolio, request.account_id)?;
        if request.amount.0 <= Decimal::ZERO {
            return Err(Error::invalid("amount", "must be more than 0"));
        }
        let amount = Money::new(request.amount.0, account.currency)
            .map_err(|error| Error::invalid("amount", error.to_string()))?;
        let today = self.market.today();
        let date = request.expected_on.map_or(today, |day| day.date());
        if date < today {
            return Err(Error::invalid("expected_on", "must not be before today"));
        }
        match (request.kind, &request.payee) {
            (FundingKind::Payout, None) => {
                return Err(Error::invalid(
                    "payee",
                    "is required: a payout goes to somebody else",
                ));
            }
            (FundingKind::Deposit | FundingKind::Withdrawal, Some(_)) => {
                return Err(Error::invalid("payee", "belongs to payouts only"));
            }
            _ => {}
        }
        Ok(FundingRecord {
            user_id: portfolio.user_id,
            client_id: portfolio.client_id,
            advisor_id: portfolio.advisor_id,
            portfolio_id: portfolio.id,
            account_id: account.id,
            kind: request.kind,
            amount: amount.amount(),
            currency: account.currency,
            payee: request.payee.map(|payee| payee.into_string()),
            state: FundingState::Requested,
            date,
            requested_by: caller(cx),
            needs_approval: false,
            entry_id: None,
            steps: Vec::new(),
        })
    }

    /// Why somebody else must agree; nothing when nobody need.
    async fn approval(&self, cx: &CallContext, record: &FundingRecord) -> Result<Vec<String>, Error> {
        let mut reasons = Vec::new();
        if record.kind == FundingKind::Deposit {
            return Ok(reasons);
        }
        if record.requested_by == Some(record.user_id) {
            reasons.push("requested_by_owner".to_owned());
        }
        let currencies = [record.currency, self.currency];
        let prices = Prices::today(&self.market, cx.tenant(), [], &currencies).await?;
        let here = prices
            .rate(record.currency, self.currency)
            .map(|rate| record.amount.checked_mul(rate).unwrap_or(Decimal::MAX));
        match here {
            None => reasons.push("no_rate".to_owned()),
            Some(amount) if amount > Decimal::from(APPROVAL_LIMIT) => reasons.push("above_limit".to_owned()),
            Some(_) => {}
        }
        Ok(reasons)
    }

    fn step(&self, cx: &CallContext, state: FundingState, reasons: Vec<String>) -> FundingStep {
        FundingStep {
            state,
            at: self.store.sources().now(),
            by: cx.principal.reference(),
            reasons,
        }
    }

    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<FundingResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<FundingRecord>, Error> {
        let found = self.access.visible::<FundingRecord>(cx, id).await?;
        found.ok_or(Error::Missing { what: "funding" })
    }

    async fn to_change(&self, cx: &CallContext, id: Uuid) -> Result<Stored<FundingRecord>, Error> {
        let funding = self.visible(cx, id).await?;
        Access::writing(cx, funding.user_id)?;
        Ok(funding)
    }

    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &FundingFilter,
        page: PageRequest,
    ) -> Result<Page<FundingResponse>, Error> {
        let mut query = Query::sorted(Sort::ascending("created_at")).page(page);
        match (filter.portfolio_id, filter.state) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("state", "cannot stand beside 'portfolio_id'"));
            }
            (Some(portfolio), None) => {
                self.portfolios.visible(cx, portfolio).await?;
                query = query.equals("portfolio_id", portfolio);
            }
            (None, Some(state)) => {
                let word = serde_json::to_value(state).unwrap_or_default();
                query = query.equals("state", word.as_str().unwrap_or_default());
            }
            (None, None) => {}
        }
        let found = self.store.find::<FundingRecord>(&cx.scope()?, query).await?;
        Ok(found.map(FundingResponse::from))
    }

    /// Agrees that money goes out: somebody of the firm who is neither its owner nor who asked for it.
    pub(crate) async fn approve(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
    ) -> Result<FundingResponse, Error> {
        self.store
            .once(cx, "wealth.approve_funding", key, &id, |mut batch| async move {
                let funding = self.to_change(cx, id).await?;
                Access::funding(cx)?;
                if funding.kind == FundingKind::Deposit {
                    let reason = "a deposit needs no approval: settle it when the money is there";
                    return Err(Error::standing("illegal_transition", reason));
                }
                legal(&funding, FundingState::Approved)?;
                let who = caller(cx);
                if who.is_some() && (who == funding.requested_by || who == Some(funding.user_id)) {
                    let reason = "somebody else must approve it: it is your own request or money";
                    return Err(Error::standing("own_request", reason));
                }
                let step = self.step(cx, FundingState::Approved, Vec::new());
                let stored = self.stepped(cx, &mut batch, &funding, step)?;
                Ok((batch, FundingResponse::from(stored)))
            })
            .await
    }

    /// Takes in that the money moved: the entry in the portfolio, the step and the events are one commit.
    pub(crate) async fn settle(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: FundingSettleRequest,
    ) -> Result<FundingResponse, Error> {
        let named = (id, request.clone());
        self.store
            .once(cx, "wealth.settle_funding", key, &named, |mut batch| {
                let request = request.clone();
                async move {
                    let funding = self.to_change(cx, id).await?;
                    Access::funding(cx)?;
                    legal(&funding, FundingState::Settled)?;
                    let today = self.market.today();
                    let date = request.date.map_or(today, |date| date.date());
                    if date > today {
                        return Err(Error::invalid("date", "must not be in the future"));
                    }
                    let entry_id = self.enter(cx, &mut batch, &funding, date).await?;
                    let step = self.step(cx, FundingState::Settled, Vec::new());
                    let stored = batch.replace(&funding.changed(|data| {
                        (data.date, data.entry_id) = (date, Some(entry_id));
                        take(data, step);
                    }));
                    announce(cx, &mut batch, &stored)?;
                    Ok((batch, FundingResponse::from(stored)))
                }
            })
            .await
    }

    /// Enters the money in the portfolio; what was set aside for it is let go.
    async fn enter(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        funding: &Stored<FundingRecord>,
        date: NaiveDate,
    ) -> Result<Uuid, Error> {
        let portfolio = self.entries.to_change(cx, funding.portfolio_id).await?;
        let mut desk = Desk::new(&self.store, &self.market, portfolio);
        let (kind, amount) = match funding.kind {
            FundingKind::Deposit => (EntryKind::Deposit, funding.amount),
            FundingKind::Withdrawal | FundingKind::Payout => {
                desk.release(funding.account_id, funding.amount);
                (EntryKind::Withdrawal, -funding.amount)
            }
        };
        let cause = Some(format!("funding/{}", funding.id));
        desk.cash(funding.account_id, date, kind, amount, cause).await?;
        let (_, entries) = desk.finish(cx, batch).await?;
        let made = entries.into_iter().next_back().map(|(id, _)| id);
        made.ok_or_else(|| CallError::internal("a settled funding made no entry").into())
    }

    /// Ends a funding before the money moved: cancelled by whom it belongs to, or failed as the firm says.
    pub(crate) async fn end(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        state: FundingState,
        request: FundingEndRequest,
    ) -> Result<FundingResponse, Error> {
        let named = (id, state, request.clone());
        self.store
            .once(cx, "wealth.end_funding", key, &named, |mut batch| {
                let request = request.clone();
                async move {
                    let funding = self.to_change(cx, id).await?;
                    if state == FundingState::Failed {
                        Access::funding(cx)?;
                    }
                    legal(&funding, state)?;
                    let reasons = reasons(request)?;
                    if funding.is_reserved() {
                        let portfolio = self.entries.to_change(cx, funding.portfolio_id).await?;
                        let (account, amount) = (funding.account_id, funding.amount);
                        batch.replace(&portfolio.changed(|data| data.release(account, amount)));
                    }
                    let step = self.step(cx, state, reasons);
                    let stored = self.stepped(cx, &mut batch, &funding, step)?;
                    Ok((batch, FundingResponse::from(stored)))
                }
            })
            .await
    }

    fn stepped(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        funding: &Stored<FundingRecord>,
        step: FundingStep,
    ) -> Result<Stored<FundingRecord>, Error> {
        let stored = batch.replace(&funding.changed(|data| take(data, step)));
        announce(cx, batch, &stored)?;
        Ok(stored)
    }
}

fn caller(cx: &CallContext) -> Option<UserId> {
    cx.principal.user().map(|caller| caller.user)
}

fn reasons(request: FundingEndRequest) -> Result<Vec<String>, Error> {
    let is_code = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    match request.reason {
        Some(reason) if !is_code(&reason) => Err(Error::invalid(
            "reason",
            "must be a code such as account_closed: small letters, digits and _",
        )),
        reason => Ok(reason.into_iter().map(|reason| reason.into_string()).collect()),
    }
}

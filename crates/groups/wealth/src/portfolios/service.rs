use super::{
    models::{PortfolioRecord, TargetBy},
    requests::{
        AllocationPart, AllocationResponse, PortfolioAccountRequest, PortfolioCreateRequest, PortfolioFilter,
        PortfolioResponse, PortfolioUpdateRequest, PositionResponse, positions, weight,
    },
    store::PortfoliosStore,
    value::{CASH, value_of},
};
use crate::{
    access::{Access, Owner},
    entries::AccountState,
    error::Error,
    market::{Market, Prices},
    stamps::{Stamped, stamp_all},
    versions,
};
use chrono::NaiveDate;
use kernel::{
    Amount, AuditRecord, CallContext, Currency, IdempotencyKey, NewEvent, Page, PageRequest, Scope, TenantId,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Batch, Stored};
use uuid::Uuid;
use wealth_contract::{
    PORTFOLIO_CREATED, PORTFOLIO_DELETED, PORTFOLIO_UPDATED, PORTFOLIO_VALUED, PortfolioChanged,
    PortfolioValued,
};

/// How many accounts a portfolio has at most.
const MOST_ACCOUNTS: usize = 20;

/// The rules of portfolios.
#[derive(Clone)]
pub(crate) struct PortfoliosService {
    portfolios: PortfoliosStore,
    market: Market,
    access: Access,
    currency: Currency,
}

impl PortfoliosService {
    pub(crate) fn new(
        portfolios: PortfoliosStore,
        market: Market,
        access: Access,
        currency: Currency,
    ) -> Self {
        Self {
            portfolios,
            market,
            access,
            currency,
        }
    }

    /// Opens a portfolio, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: PortfolioCreateRequest,
    ) -> Result<PortfolioResponse, Error> {
        let user = Access::subject(cx, request.user_id)?;
        let documents = self.portfolios.documents();
        let made: PortfolioResponse = documents
            .once(cx, "wealth.create_portfolio", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let owner = self.access.owner(cx, user).await?;
                    let record = self.record(owner, request)?;
                    let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, PORTFOLIO_CREATED, &stored);
                    let valued = value_of(&stored, &Prices::default());
                    Ok::<_, Error>((batch, PortfolioResponse::new(stored, valued)))
                }
            })
            .await?;
        self.stamp_what_was_missed(cx, &made).await?;
        Ok(made)
    }

    /// Stamps what is new again when its owner came into another book while it was being made.
    async fn stamp_what_was_missed(&self, cx: &CallContext, made: &PortfolioResponse) -> Result<(), Error> {
        let documents = self.portfolios.documents();
        let system = CallContext::system(documents.group(), cx.tenant(), documents.sources().ids());
        match self.access.stamps(&system, made.user_id).await? {
            Some(owner) if (owner.client_id, owner.advisor_id) != (made.client_id, made.advisor_id) => {
                stamp_all(documents, cx, owner).await
            }
            _ => Ok(()),
        }
    }

    fn record(&self, owner: Owner, request: PortfolioCreateRequest) -> Result<PortfolioRecord, Error> {
        let currency = request.currency.unwrap_or(self.currency);
        let main = || PortfolioAccountRequest {
            name: kernel::Text::parse("Main").unwrap_or_else(|_| request.name.clone()),
            currency: None,
            method: None,
            margin: None,
        };
        let accounts = request.accounts.clone().unwrap_or_else(|| vec![main()]);
        if accounts.is_empty() || accounts.len() > MOST_ACCOUNTS {
            let message = format!("must be 1 to {MOST_ACCOUNTS}");
            return Err(Error::invalid("accounts", message));
        }
        Ok(PortfolioRecord {
            user_id: owner.user_id,
            client_id: owner.client_id,
            advisor_id: owner.advisor_id,
            name: request.name.into_string(),
            currency,
            accounts: accounts
                .into_iter()
                .map(|account| self.account(account, currency))
                .collect(),
            positions: Vec::new(),
            targets_by: TargetBy::Symbol,
            targets: Vec::new(),
            entries: 0,
            value: Decimal::ZERO,
            valued_completely: true,
        })
    }

    fn account(&self, request: PortfolioAccountRequest, currency: Currency) -> AccountState {
        let currency = request.currency.unwrap_or(currency);
        AccountState {
            id: self.portfolios.documents().sources().ids().next(),
            name: request.name.into_string(),
            currency,
            method: request.method.unwrap_or_default(),
            margin: request.margin.unwrap_or(false),
            cash: kernel::Money::zero(currency).amount(),
            reserved: kernel::Money::zero(currency).amount(),
        }
    }

    /// Opens another account in a portfolio, once for each key.
    pub(crate) async fn add_account(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: PortfolioAccountRequest,
    ) -> Result<AccountState, Error> {
        let documents = self.portfolios.documents();
        documents
            .once(
                cx,
                "wealth.add_account",
                key,
                &(id, request.clone()),
                |mut batch| {
                    let request = request.clone();
                    async move {
                        let current = self.portfolios.visible(cx, id).await?;
                        Access::writing(cx, current.user_id)?;
                        if current.accounts.len() >= MOST_ACCOUNTS {
                            let reason = format!("a portfolio has at most {MOST_ACCOUNTS} accounts");
                            return Err(Error::standing("too_many_accounts", reason));
                        }
                        let account = self.account(request, current.currency);
                        let stored =
                            batch.replace(&current.changed(|data| data.accounts.push(account.clone())));
                        announce(cx, &mut batch, PORTFOLIO_UPDATED, &stored);
                        Ok((batch, account))
                    }
                },
            )
            .await
    }

    /// Portfolios of the caller's scope with their worth: as many reads as there are different things in them.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &PortfolioFilter,
        page: PageRequest,
    ) -> Result<Page<PortfolioResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let sort = filter.sort.map_or("created_at", |sort| sort.as_str());
        let found = self.portfolios.list(&scope, sort, page).await?;
        let prices = self.prices(scope.tenant(), &found.items).await?;
        Ok(found.map(|stored| {
            let valued = value_of(&stored, &prices);
            PortfolioResponse::new(stored, valued)
        }))
    }

    /// One portfolio with its worth.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<PortfolioResponse, Error> {
        let stored = self.portfolios.visible(cx, id).await?;
        let prices = self
            .prices(stored.tenant_id, std::slice::from_ref(&stored))
            .await?;
        let valued = value_of(&stored, &prices);
        Ok(PortfolioResponse::new(stored, valued))
    }

    /// Today's prices of everything in these portfolios.
    pub(crate) async fn prices(
        &self,
        tenant: TenantId,
        portfolios: &[Stored<PortfolioRecord>],
    ) -> Result<Prices, Error> {
        let mut symbols: Vec<&str> = Vec::new();
        for one in portfolios {
            symbols.extend(one.positions.iter().map(|position| position.symbol.as_str()));
        }
        let mut currencies = Vec::new();
        for currency in portfolios.iter().flat_map(|one| one.currencies()) {
            if !currencies.contains(&currency) {
                currencies.push(currency);
            }
        }
        Prices::today(&self.market, tenant, symbols, &currencies).await
    }

    /// Replaces a portfolio's name.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: PortfolioUpdateRequest,
    ) -> Result<PortfolioResponse, Error> {
        let current = self.portfolios.visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, request.version)?;
        let documents = self.portfolios.documents();
        let mut batch = documents.batch(cx);
        let stored = batch.replace(&current.changed(|data| data.name = request.name.into_string()));
        announce(cx, &mut batch, PORTFOLIO_UPDATED, &stored);
        versions::commit(documents, batch, expected).await?;
        self.get(cx, id).await
    }

    /// Closes a portfolio that holds nothing.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let overtaken = |error: &Error| expected.is_none() && matches!(error, Error::StaleVersion);
        let documents = self.portfolios.documents();
        documents
            .anew(cx, overtaken, async || {
                let current = self.portfolios.visible(cx, id).await?;
                Access::writing(cx, current.user_id)?;
                versions::check(current.version, expected, None)?;
                let holds = current.positions.iter().any(|one| !one.quantity.is_zero());
                let has_cash =
                    |account: &AccountState| !account.cash.is_zero() || !account.reserved.is_zero();
                if holds || current.accounts.iter().any(has_cash) {
                    let reason = "this portfolio holds something: sell it and take the cash out first";
                    return Err(Error::standing("portfolio_in_use", reason));
                }
                let mut batch = documents.batch(cx);
                let stored = batch.delete(&current);
                announce(cx, &mut batch, PORTFOLIO_DELETED, &stored);
                versions::commit(documents, batch, expected).await
            })
            .await
    }

    /// What a portfolio holds, by symbol.
    pub(crate) async fn positions(&self, cx: &CallContext, id: Uuid) -> Result<Vec<PositionResponse>, Error> {
        let stored = self.portfolios.visible(cx, id).await?;
        let prices = self
            .prices(stored.tenant_id, std::slice::from_ref(&stored))
            .await?;
        Ok(positions(value_of(&stored, &prices), &prices))
    }

    /// What a portfolio is made of.
    pub(crate) async fn allocation(&self, cx: &CallContext, id: Uuid) -> Result<AllocationResponse, Error> {
        let stored = self.portfolios.visible(cx, id).await?;
        let prices = self
            .prices(stored.tenant_id, std::slice::from_ref(&stored))
            .await?;
        let valued = value_of(&stored, &prices);
        let mut groups: [BTreeMap<String, Decimal>; 3] = Default::default();
        for one in &valued.positions {
            let Some(worth) = one.worth_here else { continue };
            let instrument = prices.instruments.get(&one.symbol);
            let sector = instrument.and_then(|instrument| instrument.sector.clone());
            let keys = [
                instrument
                    .map_or("unknown", |instrument| instrument.class.as_str())
                    .to_owned(),
                sector.unwrap_or_else(|| "unknown".to_owned()),
                one.currency.code().to_owned(),
            ];
            for (group, key) in groups.iter_mut().zip(keys) {
                *group.entry(key).or_default() += worth;
            }
        }
        for group in groups.iter_mut().take(2) {
            group.insert(CASH.to_owned(), valued.cash);
        }
        for account in &stored.accounts {
            if let Some(rate) = prices.rate(account.currency, stored.currency) {
                let money = kernel::Money::rounded(account.cash * rate, stored.currency);
                let cash = money.map_or(Decimal::ZERO, |money| money.amount());
                *groups[2].entry(account.currency.code().to_owned()).or_default() += cash;
            }
        }
        let parts = |group: &BTreeMap<String, Decimal>| {
            let part = |(key, value): (&String, &Decimal)| AllocationPart {
                key: key.clone(),
                value: Amount(*value),
                weight: weight(*value, valued.total).map(Amount),
            };
            group.iter().map(part).collect()
        };
        Ok(AllocationResponse {
            currency: stored.currency,
            total: Amount(valued.total),
            by_class: parts(&groups[0]),
            by_sector: parts(&groups[1]),
            by_currency: parts(&groups[2]),
            reasons: valued.reasons,
        })
    }

    /// One page of portfolios of the caller's scope, and today's prices of all that is in them.
    pub(crate) async fn page(
        &self,
        scope: &Scope,
        page: PageRequest,
    ) -> Result<(Page<Stored<PortfolioRecord>>, Prices), Error> {
        let found = self.portfolios.list(scope, "created_at", page).await?;
        let prices = self.prices(scope.tenant(), &found.items).await?;
        Ok((found, prices))
    }

    pub(crate) fn store(&self) -> &PortfoliosStore {
        &self.portfolios
    }
}

/// The event of what a portfolio, and all of its owner's in its currency, are worth.
pub(crate) fn valued(
    cx: &CallContext,
    stored: &Stored<PortfolioRecord>,
    total: Decimal,
    date: NaiveDate,
) -> NewEvent {
    let facts = PortfolioValued {
        portfolio_id: stored.id,
        user_id: stored.user_id,
        client_id: stored.client_id,
        currency: stored.currency,
        date,
        value: stored.value,
        total,
        complete: stored.valued_completely,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    let subject = format!("portfolio/{}", stored.id);
    NewEvent::new(cx, PORTFOLIO_VALUED, subject, data).at_version(stored.version)
}

/// Adds the event and the audit record of a change to its batch.
pub(crate) fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<PortfolioRecord>) {
    let subject = format!("portfolio/{}", stored.id);
    let facts = PortfolioChanged {
        portfolio_id: stored.id,
        user_id: stored.owner().user_id,
        client_id: stored.client_id,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject);
    batch.event(audit.into_event(cx).at_version(stored.version));
}

use super::{
    desk::{Deal, Desk},
    models::EntryKind,
    requests::{
        EntryRequestKind, FigureDifference, LotResponse, PortfolioEntryCreateRequest, PortfolioEntryResponse,
        VerificationResponse, price_check, quantity_check,
    },
    sale::{SaleRule, rounded},
    state::{BookState, PositionState},
    store::EntriesStore,
};
use crate::{
    access::Access,
    error::Error,
    market::Market,
    portfolios::{PortfolioRecord, PortfoliosStore},
};
use chrono::NaiveDate;
use kernel::{Amount, CallContext, IdempotencyKey, Page, PageRequest};
use rust_decimal::Decimal;
use store::{Store, Stored};
use uuid::Uuid;

/// Makes and reads entries.
#[derive(Clone)]
pub(crate) struct EntriesService {
    store: Store,
    entries: EntriesStore,
    portfolios: PortfoliosStore,
    market: Market,
}

impl EntriesService {
    pub(crate) fn new(store: Store, portfolios: PortfoliosStore, market: Market) -> Self {
        Self {
            entries: EntriesStore::new(store.clone()),
            store,
            portfolios,
            market,
        }
    }

    /// Makes an entry, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        portfolio: Uuid,
        request: PortfolioEntryCreateRequest,
    ) -> Result<PortfolioEntryResponse, Error> {
        let named = (portfolio, request.clone());
        self.store
            .once(cx, "wealth.create_entry", key, &named, |mut batch| {
                let request = request.clone();
                async move {
                    let portfolio = self.to_change(cx, portfolio).await?;
                    let mut desk = Desk::new(&self.store, &self.market, portfolio);
                    self.enter(cx, &mut desk, request).await?;
                    let (_, entries) = desk.finish(cx, &mut batch).await?;
                    let made = entries.into_iter().next_back();
                    let (id, entry) = made.ok_or_else(|| Error::invalid("kind", "makes no entry"))?;
                    Ok((batch, PortfolioEntryResponse::new(id, entry)))
                }
            })
            .await
    }

    /// A portfolio that the caller may change.
    pub(crate) async fn to_change(
        &self,
        cx: &CallContext,
        portfolio: Uuid,
    ) -> Result<Stored<PortfolioRecord>, Error> {
        let portfolio = self.portfolios.visible(cx, portfolio).await?;
        Access::writing(cx, portfolio.user_id)?;
        Ok(portfolio)
    }

    async fn enter(
        &self,
        cx: &CallContext,
        desk: &mut Desk,
        request: PortfolioEntryCreateRequest,
    ) -> Result<(), Error> {
        let today = self.market.today();
        let date = request.date.map_or(today, |date| date.date());
        if date > today {
            return Err(Error::invalid("date", "must not be in the future"));
        }
        let account = desk.account(request.account_id)?;
        let kind = match request.kind {
            EntryRequestKind::Deposit => (EntryKind::Deposit, Decimal::ONE),
            EntryRequestKind::Withdrawal => (EntryKind::Withdrawal, Decimal::NEGATIVE_ONE),
            EntryRequestKind::Dividend => (EntryKind::Dividend, Decimal::ONE),
            EntryRequestKind::Fee => (EntryKind::Fee, Decimal::NEGATIVE_ONE),
            _ => return self.trade(cx, desk, request, account.id, date).await,
        };
        unwanted(&[
            ("quantity", request.quantity.is_some()),
            ("price", request.price.is_some()),
            ("fees", request.fees.is_some()),
            ("method", request.method.is_some()),
            ("lots", request.lots.is_some()),
        ])?;
        let amount = required("amount", request.amount)?;
        if amount <= Decimal::ZERO {
            return Err(Error::invalid("amount", "must be more than 0"));
        }
        let money = kernel::Money::new(amount, account.currency)
            .map_err(|error| Error::invalid("amount", error.to_string()))?;
        let cause = match (kind.0, request.symbol) {
            (EntryKind::Dividend, Some(symbol)) => {
                self.tradable(cx, symbol.as_str(), account.currency).await?;
                Some(format!("instrument/{symbol}"))
            }
            (EntryKind::Dividend, None) => return Err(Error::invalid("symbol", "is required")),
            (_, Some(_)) => return Err(Error::invalid("symbol", "belongs to trades and dividends only")),
            (_, None) => None,
        };
        desk.cash(account.id, date, kind.0, money.amount() * kind.1, cause)
            .await
    }

    async fn trade(
        &self,
        cx: &CallContext,
        desk: &mut Desk,
        request: PortfolioEntryCreateRequest,
        account: Uuid,
        date: NaiveDate,
    ) -> Result<(), Error> {
        unwanted(&[("amount", request.amount.is_some())])?;
        let is_sale = request.kind == EntryRequestKind::Sell;
        if !is_sale {
            unwanted(&[
                ("method", request.method.is_some()),
                ("lots", request.lots.is_some()),
            ])?;
        }
        let symbol = request
            .symbol
            .ok_or_else(|| Error::invalid("symbol", "is required"))?;
        let quantity = required("quantity", request.quantity)?;
        quantity_check(quantity).map_err(|message| Error::invalid("quantity", message))?;
        let price = required("price", request.price)?;
        price_check(price).map_err(|message| Error::invalid("price", message))?;
        let fees = request.fees.map_or(Decimal::ZERO, |fees| fees.0);
        price_check(fees).map_err(|message| Error::invalid("fees", message))?;
        let currency = desk.account(Some(account))?.currency;
        self.tradable(cx, symbol.as_str(), currency).await?;
        rounded(fees, currency)?;
        let deal = Deal {
            account,
            symbol: symbol.as_str(),
            date,
            quantity,
            price,
            fees,
            cause: None,
        };
        let rule = match (request.lots, request.method) {
            (Some(_), Some(_)) => return Err(Error::invalid("method", "cannot stand beside chosen lots")),
            (Some(lots), None) => Some(SaleRule::Chosen(lots)),
            (None, method) => method.map(|method| SaleRule::By(method.into())),
        };
        match request.kind {
            EntryRequestKind::Sell => desk.sell(&deal, rule).await,
            EntryRequestKind::TransferIn => desk.transfer_in(&deal).await,
            _ => desk.buy(&deal).await,
        }
    }

    /// Refuses what nobody made an instrument of, or what is quoted in another currency than the account's.
    pub(crate) async fn tradable(
        &self,
        cx: &CallContext,
        symbol: &str,
        currency: kernel::Currency,
    ) -> Result<(), Error> {
        let instrument = self.market.instrument(cx.tenant(), symbol).await?;
        let instrument =
            instrument.ok_or_else(|| Error::invalid("symbol", "is not known: make the instrument first"))?;
        match instrument.currency == currency {
            true => Ok(()),
            false => Err(Error::invalid(
                "symbol",
                format!(
                    "is quoted in {}, and the account is in {currency}: use an account in {0}",
                    instrument.currency
                ),
            )),
        }
    }

    /// The entries of a portfolio, newest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        portfolio: Uuid,
        page: PageRequest,
    ) -> Result<Page<PortfolioEntryResponse>, Error> {
        let portfolio = self.portfolios.visible(cx, portfolio).await?;
        let page = self.entries.page(portfolio.tenant_id, portfolio.id, page).await?;
        Ok(page.map(PortfolioEntryResponse::from))
    }

    /// The lots of a portfolio, by symbol and age.
    pub(crate) async fn lots(&self, cx: &CallContext, portfolio: Uuid) -> Result<Vec<LotResponse>, Error> {
        let portfolio = self.portfolios.visible(cx, portfolio).await?;
        let holdings = self.entries.holdings(portfolio.tenant_id, portfolio.id).await?;
        let lots = holdings.into_iter().flat_map(|holding| {
            let (account_id, symbol) = (holding.account_id, holding.symbol.clone());
            holding.data.lots.into_iter().map(move |lot| LotResponse {
                id: lot.id,
                account_id,
                symbol: symbol.clone(),
                acquired: lot.acquired,
                quantity: Amount(lot.quantity.normalize()),
                cost: Amount(lot.cost),
            })
        });
        Ok(lots.collect())
    }

    /// Whether what is stored is what follows from the entries.
    pub(crate) async fn verify(
        &self,
        cx: &CallContext,
        portfolio: Uuid,
    ) -> Result<VerificationResponse, Error> {
        let portfolio = self.portfolios.visible(cx, portfolio).await?;
        let mut state = BookState::default();
        let entries = self.entries.all(portfolio.tenant_id, portfolio.id).await?;
        for entry in entries.iter().filter(|entry| entry.seq <= portfolio.entries) {
            state
                .apply(&entry.data)
                .map_err(|cause| Error::from(kernel::CallError::internal(cause)))?;
        }
        let holdings = self.entries.holdings(portfolio.tenant_id, portfolio.id).await?;
        let mut differences = Vec::new();
        let mut compare = |figure: String, stored: Decimal, replayed: Decimal| {
            if stored != replayed {
                differences.push(FigureDifference {
                    figure,
                    stored: Amount(stored),
                    replayed: Amount(replayed),
                });
            }
        };
        for account in &portfolio.accounts {
            let replayed = state.cash.get(&account.id).copied().unwrap_or_default();
            compare(format!("cash/{}", account.id), account.cash, replayed);
        }
        for ((account, symbol), replayed) in &state.holdings {
            let same = |one: &&PositionState| one.account_id == *account && one.symbol == *symbol;
            let position = portfolio.positions.iter().find(same);
            let position = position.map_or((Decimal::ZERO, Decimal::ZERO), |one| (one.quantity, one.cost));
            let held = holdings
                .iter()
                .find(|one| one.account_id == *account && one.symbol == *symbol);
            let held = held.map_or((Decimal::ZERO, Decimal::ZERO), |one| (one.quantity(), one.cost()));
            let at = format!("{account}/{symbol}");
            compare(format!("position/{at}"), position.0, replayed.quantity());
            compare(format!("cost/{at}"), position.1, replayed.cost());
            compare(format!("lots/{at}"), held.0, replayed.quantity());
            compare(format!("lot_costs/{at}"), held.1, replayed.cost());
        }
        Ok(VerificationResponse {
            portfolio_id: portfolio.id,
            entries: portfolio.entries,
            consistent: differences.is_empty(),
            differences,
        })
    }
}

fn required(field: &str, amount: Option<Amount>) -> Result<Decimal, Error> {
    amount
        .map(|amount| amount.0)
        .ok_or_else(|| Error::invalid(field, "is required"))
}

fn unwanted(fields: &[(&str, bool)]) -> Result<(), Error> {
    match fields.iter().find(|(_, sent)| *sent) {
        Some((field, _)) => Err(Error::invalid(field, "does not belong to an entry of this kind")),
        None => Ok(()),
    }
}

use super::{
    figures::{PERIODS, against, dietz, flows, missing, money_weighted, returns, risks, time_weighted},
    requests::{DatedFlow, DayValue, PerformanceInputs, PerformanceParameters, PerformanceResponse},
    timeline::{DailyPrices, Part, Timeline, timeline},
};
use crate::{
    entries::{EntriesStore, Entry},
    error::Error,
    market::{Market, Quote, comparable},
    portfolios::{PortfolioRecord, PortfoliosStore},
};
use chrono::{Days, NaiveDate};
use kernel::{Amount, CallContext, TenantId};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::Stored;
use uuid::Uuid;

/// How many days one question may cover.
const MOST_DAYS: i64 = 3_660;

/// Measures performance.
#[derive(Clone)]
pub(crate) struct Performance {
    portfolios: PortfoliosStore,
    entries: EntriesStore,
    market: Market,
}

/// What was read for an answer.
struct Read {
    portfolio: Stored<PortfolioRecord>,
    timeline: Timeline,
    from: NaiveDate,
    to: NaiveDate,
}

impl Performance {
    pub(crate) fn new(portfolios: PortfoliosStore, entries: EntriesStore, market: Market) -> Self {
        Self {
            portfolios,
            entries,
            market,
        }
    }

    /// The worth at the end of each day.
    pub(crate) async fn by_day(
        &self,
        cx: &CallContext,
        id: Uuid,
        parameters: &PerformanceParameters,
    ) -> Result<Vec<DayValue>, Error> {
        let read = self.read(cx, id, parameters).await?;
        let decimals = read.portfolio.currency.decimals();
        let day = |(date, value, flow): &(NaiveDate, Decimal, Decimal)| DayValue {
            date: *date,
            value: Amount(value.round_dp(decimals)),
            flow: Amount(flow.round_dp(decimals)),
        };
        Ok(read.timeline.days.iter().map(day).collect())
    }

    /// How something performed.
    pub(crate) async fn of(
        &self,
        cx: &CallContext,
        id: Uuid,
        parameters: &PerformanceParameters,
    ) -> Result<PerformanceResponse, Error> {
        let risk_free = parameters.risk_free_rate.map_or(Decimal::ZERO, |rate| rate.0);
        if risk_free.abs() > Decimal::ONE {
            return Err(Error::invalid("risk_free_rate", "must be -1 to 1"));
        }
        let read = self.read(cx, id, parameters).await?;
        let days = &read.timeline.days;
        let begin = days.first().map_or(Decimal::ZERO, |day| day.1);
        let end = days.last().map_or(Decimal::ZERO, |day| day.1);
        let returns = returns(&read.timeline);
        let risks = risks(&returns, risk_free);
        let (benchmark_return, beta) = match &parameters.benchmark {
            Some(symbol) => {
                let others = self.benchmark(cx.tenant(), symbol.as_str(), &returns).await?;
                against(&returns, &others)
            }
            None => (
                missing("no benchmark was named"),
                missing("no benchmark was named"),
            ),
        };
        let by_trade = read.timeline.by_trade.iter();
        Ok(PerformanceResponse {
            portfolio_id: read.portfolio.id,
            account_id: parameters.account_id,
            symbol: parameters.symbol.as_ref().map(ToString::to_string),
            currency: read.portfolio.currency,
            from: read.from,
            to: read.to,
            time_weighted_return: time_weighted(&read.timeline),
            money_weighted_return: money_weighted(&read.timeline, begin, end),
            modified_dietz: dietz(&read.timeline, begin, end),
            volatility: risks.volatility,
            sharpe: risks.sharpe,
            sortino: risks.sortino,
            calmar: risks.calmar,
            max_drawdown: risks.max_drawdown,
            value_at_risk: risks.value_at_risk,
            benchmark: parameters.benchmark.as_ref().map(ToString::to_string),
            benchmark_return,
            beta,
            inputs: PerformanceInputs {
                begin_value: Amount(begin.normalize()),
                end_value: Amount(end.normalize()),
                flows: flows(&read.timeline)
                    .into_iter()
                    .map(|(date, amount)| DatedFlow {
                        date,
                        amount: Amount(amount.normalize()),
                    })
                    .collect(),
                returns: returns.len(),
                periods_per_year: PERIODS,
                risk_free_rate: Amount(risk_free),
            },
            reasons: by_trade
                .map(|symbol| {
                    format!("there was no quote of {symbol} at first: the price of its trades stands in")
                })
                .collect(),
        })
    }

    async fn read(
        &self,
        cx: &CallContext,
        id: Uuid,
        parameters: &PerformanceParameters,
    ) -> Result<Read, Error> {
        let portfolio = self.portfolios.visible(cx, id).await?;
        let known = |account: Uuid| portfolio.accounts.iter().any(|one| one.id == account);
        if parameters.account_id.is_some_and(|account| !known(account)) {
            return Err(Error::Missing { what: "account" });
        }
        let entries = self.entries.all(portfolio.tenant_id, portfolio.id).await?;
        let entries: Vec<Entry> = entries.into_iter().map(|entry| entry.data).collect();
        let to = parameters.to.map_or_else(|| self.market.today(), |to| to.date());
        let first = entries.iter().map(|entry| entry.date).min();
        let begin = first.and_then(|first| first.checked_sub_days(Days::new(1)));
        let from = parameters.from.map_or(begin.unwrap_or(to), |from| from.date());
        let days = (to - from).num_days();
        if !(0..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid(
                "from",
                format!("must be at most {MOST_DAYS} days before 'to'"),
            ));
        }
        let (prices, rates) = self.histories(&portfolio, &entries, to).await?;
        let part = Part {
            account: parameters.account_id,
            symbol: parameters.symbol.as_ref().map(ToString::to_string),
        };
        let here = portfolio.currency;
        let rate = |account: Uuid, day: NaiveDate| {
            let account = portfolio.accounts.iter().find(|one| one.id == account)?;
            match account.currency == here {
                true => Some(Decimal::ONE),
                false => rates
                    .on(&format!("{}{here}", account.currency), day)
                    .map(|(rate, _)| rate),
            }
        };
        let timeline = timeline(&entries, &part, (from, to), &prices, rate)
            .map_err(|reason| Error::standing("no_prices", reason))?;
        Ok(Read {
            portfolio,
            timeline,
            from,
            to,
        })
    }

    /// The quotes of everything that was ever held, and of the currencies.
    async fn histories(
        &self,
        portfolio: &Stored<PortfolioRecord>,
        entries: &[Entry],
        to: NaiveDate,
    ) -> Result<(DailyPrices, DailyPrices), Error> {
        let symbols: BTreeSet<&str> = entries
            .iter()
            .flat_map(|entry| entry.legs.iter().map(|leg| leg.symbol.as_str()))
            .collect();
        let mut held: BTreeMap<String, Vec<Quote>> = BTreeMap::new();
        let instruments = self
            .market
            .instruments(portfolio.tenant_id, symbols.iter().copied())
            .await?;
        let splits = instruments
            .into_iter()
            .map(|(symbol, one)| (symbol, one.splits))
            .collect();
        for symbol in symbols {
            let history = self.market.history(portfolio.tenant_id, symbol, None, to).await?;
            held.insert(symbol.to_owned(), history);
        }
        let mut pairs = BTreeMap::new();
        for currency in portfolio.currencies().into_iter().skip(1) {
            let pair = format!("{currency}{}", portfolio.currency);
            let history = self.market.history(portfolio.tenant_id, &pair, None, to).await?;
            pairs.insert(pair, history);
        }
        let held = DailyPrices::new(held, entries).across(splits);
        Ok((held, DailyPrices::new(pairs, &[])))
    }

    /// The benchmark's returns between the days of the own ones.
    async fn benchmark(
        &self,
        tenant: TenantId,
        symbol: &str,
        returns: &[(NaiveDate, Decimal)],
    ) -> Result<Vec<Option<Decimal>>, Error> {
        let Some((last, _)) = returns.last() else {
            return Ok(Vec::new());
        };
        let Some(instrument) = self.market.instrument(tenant, symbol).await? else {
            return Err(Error::invalid("benchmark", "is no instrument that is known"));
        };
        let history = self.market.history(tenant, symbol, None, *last).await?;
        let history = comparable(history, &instrument.splits);
        let prices = DailyPrices::new(BTreeMap::from([(symbol.to_owned(), history)]), &[]);
        let (mut before, mut found) = (None, Vec::with_capacity(returns.len()));
        for (place, (day, _)) in returns.iter().enumerate() {
            if place == 0 {
                before = day
                    .checked_sub_days(Days::new(1))
                    .and_then(|day| prices.on(symbol, day));
            }
            let now = prices.on(symbol, *day);
            let growth = before
                .zip(now)
                .and_then(|((before, _), (now, _))| now.checked_div(before));
            found.push(growth.map(|growth| growth - Decimal::ONE));
            before = now;
        }
        Ok(found)
    }
}

use super::{
    points::Points,
    requests::{
        CashFlowPoint, CashFlowResponse, CashFlowSeries, Interval, NetWorthPoint, NetWorthResponse,
        NetWorthSeries, SeriesFilter,
    },
};
use crate::{
    access::Access,
    balances::{Balances, Book, Flow, plus},
    error::Error,
    fx::{Converter, FxRates},
    journal::{AccountType, LedgerAccount},
};
use chrono_tz::Tz;
use kernel::{Amount, CallContext, CallError, Currency, Money, Sources, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Makes series.
#[derive(Clone)]
pub(crate) struct SeriesService {
    balances: Balances,
    rates: FxRates,
    access: Access,
    sources: Sources,
    timezone: Tz,
}

/// What was asked for, and the flows that answer it.
struct Asked {
    user: UserId,
    interval: Interval,
    points: Points,
    flows: Vec<Flow>,
}

/// Two figures for each span of a series.
type Figures = Vec<(Decimal, Decimal)>;

type Balance = BTreeMap<LedgerAccount, Decimal>;

impl SeriesService {
    pub(crate) fn new(
        balances: Balances,
        rates: FxRates,
        access: Access,
        sources: Sources,
        timezone: Tz,
    ) -> Self {
        Self {
            balances,
            rates,
            access,
            sources,
            timezone,
        }
    }

    /// What a user is worth at the end of each month or day.
    pub(crate) async fn net_worth(
        &self,
        cx: &CallContext,
        filter: &SeriesFilter,
    ) -> Result<NetWorthResponse, Error> {
        let asked = self.asked(cx, filter).await?;
        let series = self.figures(cx, filter, &asked, worth).await?;
        let series = series.into_iter().map(|(currency, figures)| {
            let points = asked.points.spans.iter().zip(figures);
            let points = points.map(|((_, date), (assets, liabilities))| {
                Ok(NetWorthPoint {
                    date: *date,
                    assets: exact(assets, currency)?,
                    liabilities: exact(liabilities, currency)?,
                    net_worth: difference(assets, liabilities, currency)?,
                })
            });
            let points = points.collect::<Result<_, Error>>()?;
            Ok(NetWorthSeries { currency, points })
        });
        let series = series.collect::<Result<_, Error>>()?;
        Ok(NetWorthResponse {
            user_id: asked.user,
            interval: asked.interval,
            from: asked.points.from(),
            to: asked.points.to(),
            series,
        })
    }

    /// What came in and went out in each month or on each day.
    pub(crate) async fn cash_flow(
        &self,
        cx: &CallContext,
        filter: &SeriesFilter,
    ) -> Result<CashFlowResponse, Error> {
        let asked = self.asked(cx, filter).await?;
        let series = self.figures(cx, filter, &asked, moved).await?;
        let series = series.into_iter().map(|(currency, figures)| {
            let points = asked.points.spans.iter().zip(figures);
            let points = points.map(|((from, to), (income, expenses))| {
                Ok(CashFlowPoint {
                    from: *from,
                    to: *to,
                    income: exact(income, currency)?,
                    expenses: exact(expenses, currency)?,
                    net: difference(income, expenses, currency)?,
                })
            });
            let points = points.collect::<Result<_, Error>>()?;
            Ok(CashFlowSeries { currency, points })
        });
        let series = series.collect::<Result<_, Error>>()?;
        Ok(CashFlowResponse {
            user_id: asked.user,
            interval: asked.interval,
            from: asked.points.from(),
            to: asked.points.to(),
            series,
        })
    }

    /// The figures of each currency, in the order of codes; where one is asked for, all together in that one, each point by
    /// the rates of its last day.
    async fn figures(
        &self,
        cx: &CallContext,
        filter: &SeriesFilter,
        asked: &Asked,
        make: fn(&Points, &[&Flow]) -> Result<Figures, Error>,
    ) -> Result<Vec<(Currency, Figures)>, Error> {
        let mut found = Vec::new();
        for (currency, flows) in by_currency(&asked.flows) {
            found.push((currency, make(&asked.points, &flows)?));
        }
        let Some(currency) = filter.currency else {
            return Ok(found);
        };
        let mut converter = Converter::new(&self.rates, cx.tenant(), currency);
        let mut together = vec![(Decimal::ZERO, Decimal::ZERO); asked.points.spans.len()];
        for (from, figures) in found {
            let spans = asked.points.spans.iter().zip(figures);
            for (sums, ((_, day), (left, right))) in together.iter_mut().zip(spans) {
                sums.0 = plus(sums.0, converter.value(left, from, *day).await?)?;
                sums.1 = plus(sums.1, converter.value(right, from, *day).await?)?;
            }
        }
        Ok(vec![(currency, together)])
    }

    async fn asked(&self, cx: &CallContext, filter: &SeriesFilter) -> Result<Asked, Error> {
        let user = Access::subject(cx, filter.user_id)?;
        let interval = filter.interval.unwrap_or_default();
        let today = self.sources.now().with_timezone(&self.timezone).date_naive();
        let to = filter.to.map_or(today, |to| to.date());
        let points = Points::new(interval, filter.from.map(|from| from.date()), to)?;
        self.access.reading(cx, user).await?;
        let book = Book {
            tenant: cx.tenant(),
            user,
        };
        let by_day = points.by_day(interval);
        let flows = self.balances.flows(book, Some(to), &by_day).await?;
        Ok(Asked {
            user,
            interval,
            points,
            flows,
        })
    }
}

fn by_currency(flows: &[Flow]) -> Vec<(Currency, Vec<&Flow>)> {
    let mut found: BTreeMap<&'static str, (Currency, Vec<&Flow>)> = BTreeMap::new();
    for flow in flows {
        let entry = found.entry(flow.currency.code());
        entry.or_insert_with(|| (flow.currency, Vec::new())).1.push(flow);
    }
    found.into_values().collect()
}

/// Assets and liabilities at the end of each span.
fn worth(points: &Points, flows: &[&Flow]) -> Result<Figures, Error> {
    let mut later: BTreeMap<usize, Vec<&Flow>> = BTreeMap::new();
    let mut balances = Balance::new();
    for flow in flows {
        match points.place(flow.date) {
            None => book(&mut balances, flow)?,
            Some(place) => later.entry(place).or_default().push(flow),
        }
    }
    let mut worth = Vec::with_capacity(points.spans.len());
    for place in 0..points.spans.len() {
        for flow in later.remove(&place).unwrap_or_default() {
            book(&mut balances, flow)?;
        }
        let (mut assets, mut liabilities) = (Decimal::ZERO, Decimal::ZERO);
        for balance in balances.values() {
            match balance.is_sign_negative() {
                true => liabilities = plus(liabilities, -*balance)?,
                false => assets = plus(assets, *balance)?,
            }
        }
        worth.push((assets, liabilities));
    }
    Ok(worth)
}

/// Counts a flow on those of its accounts that are worth something.
fn book(balances: &mut Balance, flow: &Flow) -> Result<(), Error> {
    for (account, amount) in [(&flow.debit, flow.amount), (&flow.credit, -flow.amount)] {
        if is_worth(account) {
            let balance = balances.entry(account.clone()).or_default();
            *balance = plus(*balance, amount)?;
        }
    }
    Ok(())
}

fn is_worth(account: &LedgerAccount) -> bool {
    match account.name() {
        None => true,
        Some((kind, _)) => matches!(kind, AccountType::Asset | AccountType::Liability),
    }
}

/// Income and expenses of each span.
fn moved(points: &Points, flows: &[&Flow]) -> Result<Figures, Error> {
    let mut sums = vec![(Decimal::ZERO, Decimal::ZERO); points.spans.len()];
    for flow in flows {
        let Some((income, expenses)) = points.place(flow.date).and_then(|place| sums.get_mut(place)) else {
            continue;
        };
        let came = flow.debit.money().is_some() && counts(&flow.credit);
        let went = flow.credit.money().is_some() && counts(&flow.debit);
        if came {
            *income = plus(*income, flow.amount)?;
        } else if went {
            *expenses = plus(*expenses, flow.amount)?;
        }
    }
    Ok(sums)
}

/// Whether what comes from an account, or goes to it, is income or expense.
fn counts(account: &LedgerAccount) -> bool {
    let kind = account.name().map(|(kind, _)| kind);
    matches!(kind, Some(AccountType::Income | AccountType::Expense))
}

/// A figure with the decimals of its currency, half-up where it was converted.
fn exact(amount: Decimal, currency: Currency) -> Result<Amount, Error> {
    match Money::rounded(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string()).into()),
    }
}

/// The difference of two figures as they are shown.
fn difference(left: Decimal, right: Decimal, currency: Currency) -> Result<Amount, Error> {
    let (left, right) = (exact(left, currency)?, exact(right, currency)?);
    exact(plus(left.0, -right.0)?, currency)
}

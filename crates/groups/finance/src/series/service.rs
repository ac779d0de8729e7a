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

type Balance = BTreeMap<LedgerAccount, Decimal>;

impl SeriesService {
    pub(crate) fn new(balances: Balances, access: Access, sources: Sources, timezone: Tz) -> Self {
        Self {
            balances,
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
        let mut series = Vec::new();
        for (currency, flows) in by_currency(&asked.flows, filter.currency) {
            let points = worth(&asked.points, &flows, currency)?;
            series.push(NetWorthSeries { currency, points });
        }
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
        let mut series = Vec::new();
        for (currency, flows) in by_currency(&asked.flows, filter.currency) {
            let points = moved(&asked.points, &flows, currency)?;
            series.push(CashFlowSeries { currency, points });
        }
        Ok(CashFlowResponse {
            user_id: asked.user,
            interval: asked.interval,
            from: asked.points.from(),
            to: asked.points.to(),
            series,
        })
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

fn by_currency(flows: &[Flow], only: Option<Currency>) -> Vec<(Currency, Vec<&Flow>)> {
    let mut found: BTreeMap<&'static str, (Currency, Vec<&Flow>)> = BTreeMap::new();
    for flow in flows {
        if only.is_none_or(|only| only == flow.currency) {
            let entry = found.entry(flow.currency.code());
            entry.or_insert_with(|| (flow.currency, Vec::new())).1.push(flow);
        }
    }
    found.into_values().collect()
}

fn worth(points: &Points, flows: &[&Flow], currency: Currency) -> Result<Vec<NetWorthPoint>, Error> {
    let mut later: BTreeMap<usize, Vec<&Flow>> = BTreeMap::new();
    let mut balances = Balance::new();
    for flow in flows {
        match points.place(flow.date) {
            None => book(&mut balances, flow)?,
            Some(place) => later.entry(place).or_default().push(flow),
        }
    }
    let mut worth = Vec::with_capacity(points.spans.len());
    for (place, (_, last)) in points.spans.iter().enumerate() {
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
        worth.push(NetWorthPoint {
            date: *last,
            assets: exact(assets, currency)?,
            liabilities: exact(liabilities, currency)?,
            net_worth: exact(plus(assets, -liabilities)?, currency)?,
        });
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

fn moved(points: &Points, flows: &[&Flow], currency: Currency) -> Result<Vec<CashFlowPoint>, Error> {
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
    let spans = points.spans.iter().zip(sums);
    spans
        .map(|((from, to), (income, expenses))| {
            Ok(CashFlowPoint {
                from: *from,
                to: *to,
                income: exact(income, currency)?,
                expenses: exact(expenses, currency)?,
                net: exact(plus(income, -expenses)?, currency)?,
            })
        })
        .collect()
}

/// Whether what comes from an account, or goes to it, is income or expense.
fn counts(account: &LedgerAccount) -> bool {
    let kind = account.name().map(|(kind, _)| kind);
    matches!(kind, Some(AccountType::Income | AccountType::Expense))
}

fn exact(amount: Decimal, currency: Currency) -> Result<Amount, Error> {
    match Money::new(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string()).into()),
    }
}

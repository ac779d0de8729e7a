use super::{
    Funding,
    models::FundingRecord,
    requests::{CashFlowForecastResponse, ForecastMonth, ForecastParameters},
    summary::{first_of_month, month},
};
use crate::{error::Error, portfolios::PortfolioRecord};
use chrono::{Datelike, Months, NaiveDate};
use kernel::{Amount, CallContext, Currency, Money, Scope};
use rust_decimal::Decimal;
use store::{Query, Stored};
use wealth_contract::{FundingKind, FundingState};

/// How many full months of history count.
const HISTORY: u32 = 12;

const METHOD: &str = "larger_of_known_and_average: each month's inflow and outflow are the larger of what is asked for or \
                      scheduled (SIP out, SWP in) with that month as its date and the average of what was settled in the full months of the history; in this \
                      month, less what was settled in it already. What is overdue counts in this month. The balance is the \
                      cash of today and all inflows less all outflows since.";

/// Money in and money out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Flows {
    inflow: Decimal,
    outflow: Decimal,
}

impl Flows {
    fn add(&mut self, kind: FundingKind, amount: Decimal) {
        match kind {
            FundingKind::Deposit => self.inflow += amount,
            FundingKind::Withdrawal | FundingKind::Payout => self.outflow += amount,
        }
    }
}

impl Flows {
    fn add_signed(&mut self, amount: Decimal) {
        match amount >= Decimal::ZERO {
            true => self.inflow += amount,
            false => self.outflow -= amount,
        }
    }
}

impl Funding {
    /// The cash that is expected, month by month.
    pub(crate) async fn forecast(
        &self,
        cx: &CallContext,
        asked: &ForecastParameters,
    ) -> Result<CashFlowForecastResponse, Error> {
        let months = asked.months.unwrap_or(6);
        if !(1..=60).contains(&months) {
            return Err(Error::invalid("months", "must be 1 to 60"));
        }
        let found = self
            .of(cx, asked.user_id, asked.portfolio_id, Query::all())
            .await?;
        let portfolios = self.cash_of(cx, asked).await?;
        let currency = asked.currency.unwrap_or_else(|| match &portfolios[..] {
            [only] => only.currency,
            _ => self.currency,
        });
        let today = self.market.today();
        let (here, elsewhere): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.currency == currency);
        let (usual, history_months, settled) = history(&here, today, currency);
        let mut balance = cash(&portfolios, currency);
        let opening_balance = Amount(balance);
        let mut answers = Vec::new();
        let mut known = known(&here, today, months);
        let scope = self.scope_of(cx, asked).await?;
        let instalments = self
            .scheduled(
                &scope,
                asked.portfolio_id,
                &portfolios,
                currency,
                later(today, months),
            )
            .await?;
        for one in instalments {
            let at = usize::try_from(distance(one.on, today).max(0)).unwrap_or(usize::MAX);
            if let Some(month) = known.get_mut(at) {
                month.add_signed(one.amount);
            }
        }
        for (at, known) in (0_u32..).zip(known) {
            let gone = if at == 0 { settled } else { Flows::default() };
            let inflow = known.inflow.max((usual.inflow - gone.inflow).max(Decimal::ZERO));
            let outflow = known
                .outflow
                .max((usual.outflow - gone.outflow).max(Decimal::ZERO));
            balance += inflow - outflow;
            answers.push(ForecastMonth {
                month: month(later(today, at)),
                inflow: Amount(inflow),
                outflow: Amount(outflow),
                known_inflow: Amount(known.inflow),
                known_outflow: Amount(known.outflow),
                balance: Amount(balance),
            });
        }
        Ok(CashFlowForecastResponse {
            currency,
            as_of: today,
            method: METHOD.to_owned(),
            opening_balance,
            usual_inflow: Amount(usual.inflow),
            usual_outflow: Amount(usual.outflow),
            history_months,
            months: answers,
            reasons: left_out(&elsewhere, &portfolios, currency, history_months),
        })
    }

    async fn cash_of(
        &self,
        cx: &CallContext,
        asked: &ForecastParameters,
    ) -> Result<Vec<Stored<PortfolioRecord>>, Error> {
        match asked.portfolio_id {
            Some(portfolio) => Ok(vec![self.portfolios.visible(cx, portfolio).await?]),
            None => {
                let scope = self.scope_of(cx, asked).await?;
                Ok(self.store.find_all(&scope, Query::all()).await?)
            }
        }
    }

    async fn scope_of(&self, cx: &CallContext, asked: &ForecastParameters) -> Result<Scope, Error> {
        match (asked.user_id, asked.portfolio_id) {
            (_, Some(portfolio)) => {
                let portfolio = self.portfolios.visible(cx, portfolio).await?;
                Ok(Scope::Own {
                    tenant: portfolio.tenant_id,
                    user: portfolio.user_id,
                })
            }
            (Some(user), None) => self.access.reading(cx, user).await,
            (None, None) => Ok(cx.scope()?),
        }
    }
}

/// So many months after the month of a day: its first day.
fn later(day: NaiveDate, months: u32) -> NaiveDate {
    let first = first_of_month(day);
    first.checked_add_months(Months::new(months)).unwrap_or(first)
}

/// How many months after the month of `today` a day is; below 0 before.
fn distance(day: NaiveDate, today: NaiveDate) -> i64 {
    let number = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    number(day) - number(today)
}

/// What is asked for, by the month in which it is expected; what is overdue, in the first.
fn known(fundings: &[Stored<FundingRecord>], today: NaiveDate, months: u32) -> Vec<Flows> {
    let mut known = vec![Flows::default(); months as usize];
    for one in fundings.iter().filter(|one| one.is_open()) {
        let at = usize::try_from(distance(one.date, today).max(0)).unwrap_or(usize::MAX);
        if let Some(month) = known.get_mut(at) {
            month.add(one.kind, one.amount);
        }
    }
    known
}

/// What a month usually brings, from how many full months that is known, and what was settled in this month already.
fn history(fundings: &[Stored<FundingRecord>], today: NaiveDate, currency: Currency) -> (Flows, u32, Flows) {
    let (mut sum, mut settled, mut oldest) = (Flows::default(), Flows::default(), 0);
    for one in fundings.iter().filter(|one| one.state == FundingState::Settled) {
        let ago = u32::try_from(-distance(one.date, today)).unwrap_or(0);
        match ago {
            0 => settled.add(one.kind, one.amount),
            1..=HISTORY => {
                sum.add(one.kind, one.amount);
                oldest = oldest.max(ago);
            }
            _ => oldest = HISTORY,
        }
    }
    let average = |sum: Decimal| {
        let average = sum.checked_div(Decimal::from(oldest)).unwrap_or_default();
        Money::rounded(average, currency).map_or(Decimal::ZERO, |money| money.amount())
    };
    let usual = Flows {
        inflow: average(sum.inflow),
        outflow: average(sum.outflow),
    };
    (usual, oldest, settled)
}

fn cash(portfolios: &[Stored<PortfolioRecord>], currency: Currency) -> Decimal {
    let accounts = portfolios.iter().flat_map(|portfolio| &portfolio.accounts);
    let cash = accounts.filter(|account| account.currency == currency);
    Money::zero(currency).amount() + cash.map(|account| account.cash).sum::<Decimal>()
}

/// What is not in a forecast, and why.
fn left_out(
    elsewhere: &[Stored<FundingRecord>],
    portfolios: &[Stored<PortfolioRecord>],
    currency: Currency,
    history_months: u32,
) -> Vec<String> {
    let fundings = elsewhere
        .iter()
        .filter(|one| one.is_open())
        .map(|one| one.currency);
    let accounts = portfolios.iter().flat_map(|portfolio| &portfolio.accounts);
    let cash = accounts.filter(|account| !account.cash.is_zero() && account.currency != currency);
    let mut others: Vec<&str> = fundings
        .chain(cash.map(|account| account.currency))
        .map(Currency::code)
        .collect();
    others.sort_unstable();
    others.dedup();
    let mut reasons: Vec<String> = others
        .into_iter()
        .map(|other| format!("what is in {other} is not in it: ask with currency={other}"))
        .collect();
    if history_months == 0 {
        reasons.push("nothing was settled in a full month yet: there is no usual month to go by".to_owned());
    }
    reasons
}

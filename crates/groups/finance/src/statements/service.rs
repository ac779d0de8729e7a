use super::{
    balance_sheet, cash_flow, profit_and_loss,
    requests::{
        BalanceSheet, CashFlow, MomentFilter, ProfitAndLoss, SpanFilter, StatementLine, TrialBalance,
    },
    trial_balance,
};
use crate::{
    access::Access,
    balances::{Balances, Book, Flow, Sums},
    error::Error,
    fx::{Converter, FxRates},
    journal::LedgerAccount,
    ledger::{Chart, ChartService},
    report::Period,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{Amount, CalendarDate, CallContext, CallError, Currency, Money, Sources, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Makes statements.
pub(crate) struct StatementsService {
    balances: Balances,
    chart: ChartService,
    rates: FxRates,
    sources: Sources,
    timezone: Tz,
}

impl StatementsService {
    pub(crate) fn new(
        balances: Balances,
        chart: ChartService,
        rates: FxRates,
        sources: Sources,
        timezone: Tz,
    ) -> Self {
        Self {
            balances,
            chart,
            rates,
            sources,
            timezone,
        }
    }

    /// What lies on every account at the end of a day.
    pub(crate) async fn trial_balance(
        &self,
        cx: &CallContext,
        filter: &MomentFilter,
    ) -> Result<TrialBalance, Error> {
        if filter.currency.is_some() {
            return Err(Error::invalid(
                "currency",
                "a trial balance is not converted: leave it out",
            ));
        }
        let (book, as_of) = self.moment(cx, filter).await?;
        let sums = self.balances.as_of(book, as_of).await?;
        let chart = self.chart.chart(cx, book, &sums).await?;
        trial_balance::make(book.user, as_of, &chart, &sums)
    }

    /// What came in and went out in a period.
    pub(crate) async fn profit_and_loss(
        &self,
        cx: &CallContext,
        filter: &SpanFilter,
    ) -> Result<ProfitAndLoss, Error> {
        let (book, period, to) = self.span(cx, filter).await?;
        let chart = self.chart_of(cx, book).await?;
        let flows = self.flows(book, period, to, filter.currency).await?;
        Ok(ProfitAndLoss {
            user_id: book.user,
            from: period.from,
            to,
            sections: profit_and_loss::make(&chart, period, &flows)?,
        })
    }

    /// What one has, owes and owns at the end of a day.
    pub(crate) async fn balance_sheet(
        &self,
        cx: &CallContext,
        filter: &MomentFilter,
    ) -> Result<BalanceSheet, Error> {
        let (book, as_of) = self.moment(cx, filter).await?;
        let sums = self.balances.as_of(book, as_of).await?;
        let chart = self.chart.chart(cx, book, &sums).await?;
        let sections = match filter.currency {
            None => balance_sheet::by_currency(&chart, &sums)?,
            Some(currency) => {
                let days = self.balances.days(book, as_of).await?;
                let converter = Converter::new(&self.rates, book.tenant, currency);
                vec![balance_sheet::converted(&chart, &days, as_of, converter).await?]
            }
        };
        Ok(BalanceSheet {
            user_id: book.user,
            as_of,
            sections,
        })
    }

    /// What moved the cash of a period.
    pub(crate) async fn cash_flow(&self, cx: &CallContext, filter: &SpanFilter) -> Result<CashFlow, Error> {
        if filter.currency.is_some() {
            return Err(Error::invalid(
                "currency",
                "a cash flow is not converted: leave it out",
            ));
        }
        let (book, period, to) = self.span(cx, filter).await?;
        let kinds = self.chart.kinds(cx, book).await?;
        let chart = self.chart_of(cx, book).await?;
        let flows = self.flows(book, period, to, None).await?;
        Ok(CashFlow {
            user_id: book.user,
            from: period.from,
            to,
            sections: cash_flow::make(&chart, &kinds, period, &flows)?,
        })
    }

    async fn moment(&self, cx: &CallContext, filter: &MomentFilter) -> Result<(Book, NaiveDate), Error> {
        let book = self.book(cx, filter.user_id).await?;
        Ok((
            book,
            filter.as_of.map_or_else(|| self.today(), CalendarDate::date),
        ))
    }

    async fn span(&self, cx: &CallContext, filter: &SpanFilter) -> Result<(Book, Period, NaiveDate), Error> {
        let to = filter.to.map_or_else(|| self.today(), CalendarDate::date);
        let period = Period::new(filter.from.map(CalendarDate::date), Some(to))?;
        Ok((self.book(cx, filter.user_id).await?, period, to))
    }

    async fn book(&self, cx: &CallContext, user: Option<UserId>) -> Result<Book, Error> {
        self.chart.book(cx, Access::subject(cx, user)?).await
    }

    /// The flows up to the end of a period: as they are, or converted by the rates of their days.
    async fn flows(
        &self,
        book: Book,
        period: Period,
        to: NaiveDate,
        currency: Option<Currency>,
    ) -> Result<Vec<Flow>, Error> {
        let Some(currency) = currency else {
            return self.balances.flows(book, Some(to), &period.cut_months()).await;
        };
        let mut converter = Converter::new(&self.rates, book.tenant, currency);
        let mut converted = self.balances.days(book, to).await?;
        converted.retain(|flow| period.from.is_none_or(|from| flow.date >= from));
        for flow in &mut converted {
            flow.amount = converter.value(flow.amount, flow.currency, flow.date).await?;
            flow.currency = currency;
        }
        Ok(converted)
    }

    async fn chart_of(&self, cx: &CallContext, book: Book) -> Result<Chart, Error> {
        self.chart.chart(cx, book, &Sums::default()).await
    }

    fn today(&self) -> NaiveDate {
        let now = self.sources.now();
        now.with_timezone(&self.timezone).date_naive()
    }
}

/// Figures by account.
pub(super) type Lines = BTreeMap<LedgerAccount, Decimal>;

/// The lines of a statement and their sum, rounded half-up where they were converted.
pub(super) fn lines(
    chart: &Chart,
    figures: Lines,
    currency: Currency,
) -> Result<(Vec<StatementLine>, Decimal), Error> {
    let (mut written, mut sum) = (Vec::with_capacity(figures.len()), Decimal::ZERO);
    for (account, figure) in figures {
        let amount = exact(figure, currency)?;
        if amount.0.is_zero() {
            continue;
        }
        sum = crate::balances::plus(sum, amount.0)?;
        written.push(StatementLine {
            name: name_of(chart, &account),
            account: account.to_string(),
            amount,
        });
    }
    Ok((written, sum))
}

/// How an account is shown.
pub(super) fn name_of(chart: &Chart, account: &LedgerAccount) -> String {
    match (chart.get(account), account.name()) {
        (Some(entry), _) => entry.name.clone(),
        (None, Some((_, name))) => name.to_owned(),
        (None, None) => "closed account".to_owned(),
    }
}

/// A figure with the decimals of its currency.
pub(super) fn exact(amount: Decimal, currency: Currency) -> Result<Amount, Error> {
    match Money::rounded(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string()).into()),
    }
}

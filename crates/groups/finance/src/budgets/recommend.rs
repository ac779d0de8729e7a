use super::{
    allocation::divide,
    history::{History, Sums},
    requests::{
        BudgetMethod, BudgetRecommendRequest, BudgetRecommendResponse, HistoryMonths, RecommendedCategory,
    },
};
use crate::{
    access::Access,
    balances::{month_of, plus},
    error::Error,
    transactions::check_amount,
};
use chrono::{Months, NaiveDate};
use chrono_tz::Tz;
use kernel::{Amount, CallContext, Currency, Sources, UserId};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// What is put aside.
const SAVINGS: &str = "savings";
/// How many months count when nothing is said.
const USUAL_MONTHS: u32 = 3;

/// Recommends budgets.
pub(crate) struct Recommender {
    history: History,
    access: Access,
    sources: Sources,
    timezone: Tz,
    currency: Currency,
}

/// What was spent and earned in an average month.
struct Averages {
    months: HistoryMonths,
    income: Decimal,
    expenses: BTreeMap<String, Decimal>,
}

impl Recommender {
    pub(crate) fn new(
        history: History,
        access: Access,
        sources: Sources,
        timezone: Tz,
        currency: Currency,
    ) -> Self {
        Self {
            history,
            access,
            sources,
            timezone,
            currency,
        }
    }

    /// How the income of a month could be divided.
    pub(crate) async fn recommend(
        &self,
        cx: &CallContext,
        request: &BudgetRecommendRequest,
    ) -> Result<BudgetRecommendResponse, Error> {
        let months = months(request)?;
        let currency = request.currency.unwrap_or(self.currency);
        let method = request.method.unwrap_or_default();
        let named = request.income.map(|income| check_amount(income.0, currency));
        let named = named
            .transpose()
            .map_err(|message| Error::invalid("income", message))?
            .map(|income| income.amount());
        let averages = match (method, named) {
            (BudgetMethod::FiftyThirtyTwenty, Some(_)) if request.user_id.is_none() => None,
            _ => Some(self.averages(cx, request.user_id, (months, currency)).await?),
        };
        let income = match (named, &averages) {
            (Some(income), _) => income,
            (None, Some(averages)) if averages.income > Decimal::ZERO => averages.income,
            _ => {
                return Err(Error::invalid(
                    "income",
                    "is required: there is no income in the months before this one",
                ));
            }
        };
        let spent = averages.as_ref().map(|averages| &averages.expenses);
        let categories = match method {
            BudgetMethod::FiftyThirtyTwenty => fifty_thirty_twenty(income, currency)?,
            BudgetMethod::ZeroBased => zero_based(income, currency, spent)?,
            BudgetMethod::FromHistory => from_history(income, currency, averages.as_ref())?,
        };
        let mut total = Decimal::ZERO;
        for category in &categories {
            total = plus(total, category.amount.0)?;
        }
        Ok(BudgetRecommendResponse {
            method,
            currency,
            income: Amount(income),
            categories,
            total: Amount(total),
            history: averages.map(|averages| averages.months),
        })
    }

    async fn averages(
        &self,
        cx: &CallContext,
        user: Option<UserId>,
        (months, currency): (u32, Currency),
    ) -> Result<Averages, Error> {
        let user = Access::subject(cx, user)?;
        self.access.reading(cx, user).await?;
        let this_month = month_of(self.sources.now().with_timezone(&self.timezone).date_naive());
        let back = |months: u32| {
            this_month
                .checked_sub_months(Months::new(months))
                .unwrap_or(this_month)
        };
        let (from, to): (NaiveDate, NaiveDate) = (back(months), back(1));
        let sums = self.history.sums(cx.tenant(), user, currency, (from, to)).await?;
        averages(sums, months, currency, HistoryMonths { from, to })
    }
}

/// How many months are history, whether they are needed or not.
fn months(request: &BudgetRecommendRequest) -> Result<u32, Error> {
    let months = request.months.unwrap_or(USUAL_MONTHS);
    if !(1..=36).contains(&months) {
        return Err(Error::invalid("months", "must be 1 to 36"));
    }
    Ok(months)
}

fn averages(sums: Sums, months: u32, currency: Currency, span: HistoryMonths) -> Result<Averages, Error> {
    let average = |sum: Decimal| {
        let mut average = (sum / Decimal::from(months))
            .round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero);
        average.rescale(currency.decimals());
        average
    };
    let mut income = Decimal::ZERO;
    for month in sums.income.into_values() {
        income = plus(income, month)?;
    }
    let mut expenses: BTreeMap<String, Decimal> = BTreeMap::new();
    for ((_, category), amount) in sums.expenses {
        let sum = expenses.entry(category).or_default();
        *sum = plus(*sum, amount)?;
    }
    Ok(Averages {
        months: span,
        income: average(income),
        expenses: expenses
            .into_iter()
            .map(|(category, sum)| (category, average(sum)))
            .collect(),
    })
}

fn fifty_thirty_twenty(income: Decimal, currency: Currency) -> Result<Vec<RecommendedCategory>, Error> {
    let parts = [("needs", 50), ("wants", 30), (SAVINGS, 20)];
    let weights = parts.map(|(_, weight)| Decimal::from(weight));
    let amounts = divide(income, &weights, currency.decimals())?;
    let named = parts.into_iter().zip(amounts);
    Ok(named
        .map(|((name, _), amount)| RecommendedCategory {
            category: name.to_owned(),
            amount: Amount(amount),
            average: None,
        })
        .collect())
}

/// What an average month cost, and the rest into savings; scaled down where it cost more than comes in.
fn zero_based(
    income: Decimal,
    currency: Currency,
    spent: Option<&BTreeMap<String, Decimal>>,
) -> Result<Vec<RecommendedCategory>, Error> {
    let mut spent = spent.cloned().unwrap_or_default();
    let mut sum = Decimal::ZERO;
    for amount in spent.values() {
        sum = plus(sum, *amount)?;
    }
    if sum > income {
        return in_proportion(income, currency, &spent);
    }
    let saved = spent.entry(SAVINGS.to_owned()).or_default();
    *saved = plus(*saved, income - sum)?;
    in_proportion(income, currency, &spent)
}

/// In the proportions of past months: what was spent, and what was left over as savings.
fn from_history(
    income: Decimal,
    currency: Currency,
    averages: Option<&Averages>,
) -> Result<Vec<RecommendedCategory>, Error> {
    let Some(averages) = averages.filter(|averages| averages.expenses.values().any(|sum| !sum.is_zero()))
    else {
        return Err(Error::invalid(
            "method",
            "needs expenses in the months before this one: post them first, or take another method",
        ));
    };
    let mut parts = averages.expenses.clone();
    let mut sum = Decimal::ZERO;
    for amount in parts.values() {
        sum = plus(sum, *amount)?;
    }
    if averages.income > sum {
        let saved = parts.entry(SAVINGS.to_owned()).or_default();
        *saved = plus(*saved, averages.income - sum)?;
    }
    in_proportion(income, currency, &parts)
}

/// Divides the income in proportion to the parts, which are averages, or what is to be put aside.
fn in_proportion(
    income: Decimal,
    currency: Currency,
    parts: &BTreeMap<String, Decimal>,
) -> Result<Vec<RecommendedCategory>, Error> {
    let weights: Vec<Decimal> = parts.values().copied().collect();
    let amounts = divide(income, &weights, currency.decimals())?;
    let named = parts.iter().zip(amounts);
    Ok(named
        .map(|((category, average), amount)| RecommendedCategory {
            category: category.clone(),
            amount: Amount(amount),
            average: Some(Amount(*average)),
        })
        .collect())
}

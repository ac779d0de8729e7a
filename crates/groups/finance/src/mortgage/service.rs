use super::requests::{
    InstalmentResponse, MortgageComparisonRequest, MortgageComparisonResponse, MortgageRequest,
    MortgageResponse, PaymentFrequency, ScenarioResponse,
};
use crate::{balances::plus, error::Error, transactions::check_amount};
use calculator::{CashFlow, ExtraPayment, Frequency, Loan, Refusal, Schedule};
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{Amount, CalendarDate, CallError, Currency, Sources};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashSet;

/// How many loans are compared at most.
const MOST_SCENARIOS: usize = 10;

const SCENARIOS: &str = "must be 2 to 10 loans";

/// The longest term, in months.
const LONGEST: u32 = 1_200;
/// How many payments on certain dates a loan takes.
const MOST_EXTRAS: usize = 1_000;

/// Calculates loans.
pub(crate) struct MortgageService {
    sources: Sources,
    timezone: Tz,
    currency: Currency,
}

impl MortgageService {
    pub(crate) fn new(sources: Sources, timezone: Tz, currency: Currency) -> Self {
        Self {
            sources,
            timezone,
            currency,
        }
    }

    /// The currency that is named, or the installation's.
    pub(super) fn currency(&self, named: Option<Currency>) -> Currency {
        named.unwrap_or(self.currency)
    }

    /// What a loan costs.
    pub(crate) fn calculate(&self, request: &MortgageRequest) -> Result<MortgageResponse, Error> {
        let currency = self.currency(request.currency);
        let start = request
            .start_date
            .map_or_else(|| self.today(), CalendarDate::date);
        let loan = loan(request, start, currency)?;
        let fees = fees(request, currency)?;
        let schedule = calculator::schedule(&loan).map_err(refused)?;
        let agreed = agreed(&loan)?;
        let apr = apr(&loan, fees, agreed.as_ref().unwrap_or(&schedule))?;
        let last = schedule.instalments.last().and_then(|line| line.date);
        Ok(MortgageResponse {
            currency,
            payment: Amount(schedule.payment),
            total_interest: Amount(schedule.total_interest),
            total_paid: Amount(schedule.total_paid),
            fees: Amount(fees),
            apr: Amount(apr),
            start_date: start,
            payoff_date: last.unwrap_or(start),
            schedule: lines(schedule, start),
        })
    }

    /// What several loans cost, beside each other.
    pub(crate) fn compare(
        &self,
        request: &MortgageComparisonRequest,
    ) -> Result<MortgageComparisonResponse, Error> {
        let scenarios = &request.scenarios;
        if scenarios.len() > MOST_SCENARIOS {
            return Err(Error::invalid("scenarios", SCENARIOS));
        }
        let mut names = HashSet::new();
        let mut compared: Vec<ScenarioResponse> = Vec::with_capacity(scenarios.len());
        let mut currency = None;
        for (index, scenario) in scenarios.iter().enumerate() {
            if !names.insert(scenario.name.as_str()) {
                let field = format!("scenarios[{index}].name");
                return Err(Error::invalid(&field, "must not be used twice"));
            }
            let found = self
                .calculate(&scenario.mortgage)
                .map_err(|error| error.below(&format!("scenarios[{index}].mortgage")))?;
            if *currency.get_or_insert(found.currency) != found.currency {
                let field = format!("scenarios[{index}].mortgage.currency");
                return Err(Error::invalid(&field, "must be the same in every scenario"));
            }
            let total_cost = plus(found.total_interest.0, found.fees.0)?;
            let saved = compared
                .first()
                .map_or(Decimal::ZERO, |first| first.total_cost.0 - total_cost);
            compared.push(ScenarioResponse {
                name: scenario.name.as_str().to_owned(),
                payment: found.payment,
                total_interest: found.total_interest,
                total_paid: found.total_paid,
                total_cost: Amount(total_cost),
                apr: found.apr,
                payoff_date: found.payoff_date,
                instalments: u32::try_from(found.schedule.len()).unwrap_or(u32::MAX),
                saved: Amount(saved),
            });
        }
        if compared.len() < 2 {
            return Err(Error::invalid("scenarios", SCENARIOS));
        }
        let cheapest = compared.iter().min_by_key(|scenario| scenario.total_cost.0);
        Ok(MortgageComparisonResponse {
            currency: self.currency(currency),
            cheapest: cheapest.map_or_else(String::new, |scenario| scenario.name.clone()),
            scenarios: compared,
        })
    }

    fn today(&self) -> NaiveDate {
        self.sources.now().with_timezone(&self.timezone).date_naive()
    }
}

/// A rate of a year: from 0 to 1.
pub(super) fn check_rate(rate: Amount) -> Result<Decimal, Error> {
    match rate.0 {
        rate if rate < Decimal::ZERO || rate > Decimal::ONE => Err(Error::invalid(
            "annual_rate",
            "must be a fraction from 0 to 1: 0.065 is 6.5%",
        )),
        rate => Ok(rate),
    }
}

/// A term: 1 to 1,200 months.
pub(super) fn check_term(months: u32) -> Result<u32, Error> {
    match months {
        1..=LONGEST => Ok(months),
        _ => Err(Error::invalid("term_months", "must be 1 to 1200")),
    }
}

/// An amount that may be left out, or nothing.
pub(super) fn optional(field: &str, amount: Option<Amount>, currency: Currency) -> Result<Decimal, Error> {
    match amount {
        Some(Amount(amount)) if !amount.is_zero() => Ok(check_amount(amount, currency)
            .map_err(|message| Error::invalid(field, message.replace("more than 0", "0 or more")))?
            .amount()),
        _ => Ok(kernel::Money::zero(currency).amount()),
    }
}

fn loan(request: &MortgageRequest, start: NaiveDate, currency: Currency) -> Result<Loan, Error> {
    let principal = check_amount(request.principal.0, currency)
        .map_err(|message| Error::invalid("principal", message))?;
    let frequency = request.payment_frequency.unwrap_or_default();
    let extras = request.extra_payments.as_deref().unwrap_or_default();
    if extras.len() > MOST_EXTRAS {
        return Err(Error::invalid("extra_payments", "must be at most 1000"));
    }
    for (index, extra) in extras.iter().enumerate() {
        let field = format!("extra_payments[{index}].amount");
        check_amount(extra.amount.0, currency).map_err(|message| Error::invalid(&field, message))?;
    }
    let only_interest = request.interest_only_months.unwrap_or(0);
    Ok(Loan {
        principal: principal.amount(),
        annual_rate: check_rate(request.annual_rate)?,
        instalments: instalments("term_months", check_term(request.term_months)?, frequency)?,
        frequency: frequency.into(),
        day_count: request.day_count.unwrap_or_default().into(),
        start: Some(start),
        interest_only: match only_interest {
            0 => 0,
            months if months < request.term_months => instalments("interest_only_months", months, frequency)?,
            _ => {
                return Err(Error::invalid(
                    "interest_only_months",
                    "must be less than the term",
                ));
            }
        },
        extra_monthly: optional("extra_payment_monthly", request.extra_payment_monthly, currency)?,
        extras: extras
            .iter()
            .map(|extra| ExtraPayment {
                date: extra.date.date(),
                amount: extra.amount.0,
            })
            .collect(),
        decimals: currency.decimals(),
    })
}

/// How many instalments so many months have. Weeks do not fit into months: the last one may end after the term.
fn instalments(field: &str, months: u32, frequency: PaymentFrequency) -> Result<u32, Error> {
    let of_years = months * Frequency::from(frequency).per_year();
    match frequency {
        PaymentFrequency::Weekly | PaymentFrequency::Biweekly => Ok(of_years.div_ceil(12)),
        _ if of_years.is_multiple_of(12) => Ok(of_years / 12),
        _ => Err(Error::invalid(
            field,
            "must be whole periods of 'payment_frequency'",
        )),
    }
}

fn fees(request: &MortgageRequest, currency: Currency) -> Result<Decimal, Error> {
    let fees = optional("fees", request.fees, currency)?;
    if fees >= request.principal.0 {
        return Err(Error::invalid("fees", "must be less than the principal"));
    }
    Ok(fees)
}

/// The schedule of what was agreed, where more is paid than that.
fn agreed(loan: &Loan) -> Result<Option<Schedule>, Error> {
    if loan.extra_monthly.is_zero() && loan.extras.is_empty() {
        return Ok(None);
    }
    let without = Loan {
        extra_monthly: Decimal::ZERO,
        extras: Vec::new(),
        ..loan.clone()
    };
    calculator::schedule(&without).map(Some).map_err(refused)
}

fn apr(loan: &Loan, fees: Decimal, agreed: &Schedule) -> Result<Decimal, Error> {
    let advance = CashFlow {
        periods: 0,
        fraction: Decimal::ZERO,
        amount: loan.principal - fees,
    };
    let paid = agreed
        .instalments
        .iter()
        .filter(|line| line.payment > Decimal::ZERO);
    let payments: Vec<CashFlow> = paid
        .map(|line| CashFlow {
            periods: line.number,
            fraction: Decimal::ZERO,
            amount: line.payment,
        })
        .collect();
    let per_year = Decimal::from(loan.frequency.per_year());
    let rate = calculator::apr(&[advance], &payments, per_year).map_err(refused)?;
    Ok(rate.round_dp_with_strategy(10, RoundingStrategy::MidpointAwayFromZero))
}

fn lines(schedule: Schedule, start: NaiveDate) -> Vec<InstalmentResponse> {
    let lines = schedule.instalments.into_iter();
    lines
        .map(|line| InstalmentResponse {
            number: line.number,
            date: line.date.unwrap_or(start),
            payment: Amount(line.payment),
            interest: Amount(line.interest),
            principal: Amount(line.principal),
            balance: Amount(line.balance),
        })
        .collect()
}

/// What the calculator refuses, by the names of the request.
pub(super) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid { field, message } => {
            let field = match field.as_str() {
                "term" => "term_months",
                "interest_only" => "interest_only_months",
                "extra_monthly" => "extra_payment_monthly",
                other => other,
            };
            Error::invalid(field, message)
        }
        Refusal::NoAnswer(reason) => CallError::invalid("principal", reason).into(),
    }
}

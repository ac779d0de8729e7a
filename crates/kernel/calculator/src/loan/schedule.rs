use super::{DayCount, Frequency};
use crate::{Due, Refusal, number::Number, pmt, refusal::require};
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

/// No loan has more instalments: 50 years of weeks.
const MOST_INSTALMENTS: u32 = 2_600;

/// A payment beyond the instalments on a certain date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtraPayment {
    /// When; it counts with the first instalment on or after that date.
    pub date: NaiveDate,
    /// How much: more than 0.
    pub amount: Decimal,
}

/// The terms of a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// What is borrowed: more than 0.
    pub principal: Decimal,
    /// The nominal rate of a year.
    pub annual_rate: Decimal,
    /// How many instalments: 1 to 2,600.
    pub instalments: u32,
    /// How often.
    pub frequency: Frequency,
    /// How interest is counted; `Actual365` needs a start.
    pub day_count: DayCount,
    /// When it was paid out; without it instalments have no dates.
    pub start: Option<NaiveDate>,
    /// The first so many instalments pay interest only; fewer than there are instalments.
    pub interest_only: u32,
    /// What is paid beyond the instalment each month. For another frequency a month's share of the year is
    /// spread evenly: `extra * 12 / instalments of a year`.
    pub extra_monthly: Decimal,
    /// What is paid beyond them on certain dates; needs a start.
    pub extras: Vec<ExtraPayment>,
    /// The decimals of the currency.
    pub decimals: u32,
}

/// A line of the schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instalment {
    /// From 1.
    pub number: u32,
    /// When it is due, if the loan has a start.
    pub date: Option<NaiveDate>,
    /// All that is paid: interest, principal, and what is paid beyond them.
    pub payment: Decimal,
    /// The interest of the period.
    pub interest: Decimal,
    /// What the debt goes down by.
    pub principal: Decimal,
    /// What is owed afterwards.
    pub balance: Decimal,
}

/// How a loan is paid off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The level instalment (after the interest-only ones, if any), without anything beyond it.
    pub payment: Decimal,
    /// The sum of the interest.
    pub total_interest: Decimal,
    /// The sum of the payments.
    pub total_paid: Decimal,
    /// The lines; fewer than agreed when payments beyond the instalments end the loan early.
    pub instalments: Vec<Instalment>,
}

/// The level instalment of a loan, [`pmt`] rounded half-up to the smallest unit.
pub fn level_payment(loan: &Loan) -> Result<Decimal, Refusal> {
    let rate = (Number::from(loan.annual_rate) / loan.frequency.per_year().into()).get()?;
    let level = loan.instalments.saturating_sub(loan.interest_only).max(1);
    let each = pmt(
        rate,
        Decimal::from(level),
        -loan.principal,
        Decimal::ZERO,
        Due::End,
    )?;
    Ok(half_up(each, loan.decimals))
}

/// How a loan is paid off: the level instalment, the interest of each period (the debt times the annual rate by the day
/// count) half-up to the smallest unit, the rest of the payment off the debt. The last instalment absorbs what
/// rounding left. An instalment is never less than the interest of its period, so the debt never grows.
pub fn schedule(loan: &Loan) -> Result<Schedule, Refusal> {
    check(loan)?;
    let payment = level_payment(loan)?;
    let extra = Number::from(loan.extra_monthly) * Number::from(12_u32) / loan.frequency.per_year().into();
    let extra = half_up(extra.get()?, loan.decimals);
    let mut extras = loan.extras.clone();
    extras.sort_by_key(|extra| extra.date);
    let mut extras = extras.into_iter().peekable();
    let mut balance = rescaled(loan.principal, loan.decimals);
    let mut before = loan.start;
    let mut instalments = Vec::with_capacity(loan.instalments as usize);
    for number in 1..=loan.instalments {
        let date = match loan.start {
            Some(start) => Some(loan.frequency.date(start, number).ok_or_else(too_long)?),
            None => None,
        };
        let interest = interest(loan, balance, before.zip(date))?;
        let owed = sum(balance, interest)?;
        let mut paid = match number <= loan.interest_only {
            true => interest,
            false => payment.max(interest),
        };
        if extra > Decimal::ZERO {
            paid = sum(paid, extra)?;
        }
        while let Some(one) = extras.next_if(|one| date.is_some_and(|date| one.date <= date)) {
            paid = sum(paid, one.amount)?;
        }
        if number == loan.instalments || paid > owed {
            paid = owed;
        }
        balance = owed - paid;
        instalments.push(Instalment {
            number,
            date,
            payment: rescaled(paid, loan.decimals),
            interest,
            principal: rescaled(paid - interest, loan.decimals),
            balance: rescaled(balance, loan.decimals),
        });
        before = date;
        if balance.is_zero() {
            break;
        }
    }
    let add = |figure: fn(&Instalment) -> Decimal| {
        let figures = instalments.iter().map(|line| Number::from(figure(line)));
        figures.fold(Number::ZERO, |sum, one| sum + one).get()
    };
    Ok(Schedule {
        payment: rescaled(payment, loan.decimals),
        total_interest: rescaled(add(|line| line.interest)?, loan.decimals),
        total_paid: rescaled(add(|line| line.payment)?, loan.decimals),
        instalments,
    })
}

fn check(loan: &Loan) -> Result<(), Refusal> {
    let fits = |amount: Decimal| amount.normalize().scale() <= loan.decimals;
    require(loan.principal > Decimal::ZERO, "principal", "must be more than 0")?;
    require(
        fits(loan.principal),
        "principal",
        "has more decimals than the currency allows",
    )?;
    require(
        loan.annual_rate >= Decimal::ZERO,
        "annual_rate",
        "must not be negative",
    )?;
    require(
        (1..=MOST_INSTALMENTS).contains(&loan.instalments),
        "term",
        "must be 1 to 2600 instalments",
    )?;
    require(
        loan.interest_only < loan.instalments,
        "interest_only",
        "must leave at least one instalment that pays the loan off",
    )?;
    require(
        loan.extra_monthly >= Decimal::ZERO,
        "extra_monthly",
        "must not be negative",
    )?;
    require(
        loan.start.is_some() || loan.day_count == DayCount::Thirty360,
        "start_date",
        "is needed to count actual days",
    )?;
    for (index, extra) in loan.extras.iter().enumerate() {
        let at = format!("extra_payments[{index}]");
        require(
            extra.amount > Decimal::ZERO,
            &format!("{at}.amount"),
            "must be more than 0",
        )?;
        require(
            fits(extra.amount),
            &format!("{at}.amount"),
            "has more decimals than the currency allows",
        )?;
        require(
            loan.start.is_some_and(|start| extra.date >= start),
            &format!("{at}.date"),
            "must not be before the loan starts",
        )?;
    }
    Ok(())
}

fn interest(loan: &Loan, balance: Decimal, days: Option<(NaiveDate, NaiveDate)>) -> Result<Decimal, Refusal> {
    let year = Number::from(balance) * loan.annual_rate.into();
    let interest = match (loan.day_count, days) {
        (DayCount::Actual365, Some((from, to))) => {
            year * Number::from(Decimal::from((to - from).num_days())) / Number::from(365_u32)
        }
        _ => year / loan.frequency.per_year().into(),
    };
    Ok(rescaled(half_up(interest.get()?, loan.decimals), loan.decimals))
}

fn sum(left: Decimal, right: Decimal) -> Result<Decimal, Refusal> {
    (Number::from(left) + right.into()).get()
}

fn half_up(amount: Decimal, decimals: u32) -> Decimal {
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// The same amount with the decimals of the currency.
fn rescaled(mut amount: Decimal, decimals: u32) -> Decimal {
    amount.rescale(decimals);
    amount
}

fn too_long() -> Refusal {
    Refusal::invalid("term", "leads beyond the calendar")
}

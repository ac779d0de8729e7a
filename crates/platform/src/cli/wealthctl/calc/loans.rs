use super::{
    Answer,
    input::{AdvanceInput, DueFlag, FlowInput, flows, scalar, whole},
};
use calculator::{DayCount, ExtraPayment, Frequency, Loan};
use kernel::{Amount, CalendarDate};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(super) struct PmtInput {
    rate: Amount,
    nper: Amount,
    pv: Amount,
    fv: Option<Amount>,
    due: Option<DueFlag>,
}

pub(super) fn pmt(input: PmtInput) -> Answer {
    let fv = input.fv.map_or(Decimal::ZERO, |fv| fv.0);
    let due = input.due.unwrap_or_default().0;
    Ok(scalar(calculator::pmt(
        input.rate.0,
        input.nper.0,
        input.pv.0,
        fv,
        due,
    )?))
}

#[derive(Debug, Deserialize)]
pub(super) struct CumipmtInput {
    rate: Amount,
    nper: Amount,
    pv: Amount,
    start: Amount,
    end: Amount,
    due: Option<DueFlag>,
}

pub(super) fn cumipmt(input: CumipmtInput) -> Answer {
    Ok(scalar(calculator::cumipmt(
        input.rate.0,
        whole("nper", input.nper)?,
        input.pv.0,
        whole("start", input.start)?,
        whole("end", input.end)?,
        input.due.unwrap_or_default().0,
    )?))
}

#[derive(Debug, Deserialize)]
pub(super) struct ScheduleInput {
    principal: Amount,
    annual_rate: Amount,
    term: Amount,
    frequency: Option<Frequency>,
    day_count: Option<DayCount>,
    extra_monthly: Option<Amount>,
    start_date: Option<CalendarDate>,
    interest_only: Option<Amount>,
    extra_payments: Option<Vec<(CalendarDate, Amount)>>,
}

pub(super) fn schedule(input: ScheduleInput) -> Answer {
    let extras = input.extra_payments.unwrap_or_default();
    let loan = Loan {
        principal: input.principal.0,
        annual_rate: input.annual_rate.0,
        instalments: whole("term", input.term)?,
        frequency: input.frequency.unwrap_or_default(),
        day_count: input.day_count.unwrap_or_default(),
        start: input.start_date.map(CalendarDate::date),
        interest_only: input
            .interest_only
            .map_or(Ok(0), |number| whole("interest_only", number))?,
        extra_monthly: input.extra_monthly.map_or(Decimal::ZERO, |extra| extra.0),
        extras: extras
            .into_iter()
            .map(|(date, amount)| ExtraPayment {
                date: date.date(),
                amount: amount.0,
            })
            .collect(),
        decimals: 2,
    };
    let found = calculator::schedule(&loan)?;
    let lines = found.instalments.iter().map(|line| {
        let mut shown = json!({
            "number": line.number,
            "payment": Amount(line.payment),
            "interest": Amount(line.interest),
            "principal": Amount(line.principal),
            "balance": Amount(line.balance),
        });
        if let Some(date) = line.date {
            shown["date"] = json!(date);
        }
        shown
    });
    Ok(json!({
        "payment": Amount(found.payment),
        "total_interest": Amount(found.total_interest),
        "total_paid": Amount(found.total_paid),
        "schedule": lines.collect::<Vec<Value>>(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct AprInput {
    advance: AdvanceInput,
    payments: Vec<FlowInput>,
    periods_per_year: Amount,
}

pub(super) fn apr(input: AprInput) -> Answer {
    let advances = input.advance.flows()?;
    let payments = flows("payments", &input.payments)?;
    Ok(scalar(calculator::apr(
        &advances,
        &payments,
        input.periods_per_year.0,
    )?))
}

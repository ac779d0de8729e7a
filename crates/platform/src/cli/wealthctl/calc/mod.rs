//! `wealthctl calc`: the calculator on the command line. No store, no settings: it starts and answers at once.

mod input;
mod investing;
mod loans;
mod stock;

use calculator::Refusal;
use clap::Subcommand;
use kernel::{ErrorBody, ErrorKind};
use serde_json::{Map, Value, json};
use std::{
    io::{Read, Write},
    process::ExitCode,
};
use web::Failure;

/// The largest object that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What can be calculated.
#[derive(Debug, Clone, Copy, Subcommand)]
#[command(rename_all = "snake_case")]
pub(super) enum Function {
    /// The payment of each period of a loan or a savings plan.
    ///
    /// {rate, nper, pv, fv?, due?} -> {value}
    ///
    /// As PMT of spreadsheets: what is paid is negative. due is 0 (end of the period) or 1 (its beginning).
    Pmt,
    /// The interest paid from one period of a loan to another.
    ///
    /// {rate, nper, pv, start, end, due?} -> {value}
    ///
    /// As CUMIPMT of spreadsheets: negative. Periods count from 1, both included.
    Cumipmt,
    /// How a loan is paid off.
    ///
    /// {principal, annual_rate, term, frequency?, day_count?, extra_monthly?, start_date?, interest_only?,
    /// extra_payments?: [[date, amount], ...]} -> {payment, total_interest, total_paid, schedule: [{number, payment,
    /// interest, principal, balance}, ...]}
    ///
    /// term is the number of instalments. frequency: weekly, biweekly, semimonthly, monthly (default), quarterly,
    /// semiannual, annual. day_count: 30/360 (default), or actual/365, which needs start_date. Half-up to cents; the last
    /// instalment absorbs the rest. With start_date each line has a date.
    Schedule,
    /// The annual percentage rate by the actuarial method of US Regulation Z, appendix J.
    ///
    /// {advance, payments: [[whole_periods, odd_fraction, amount], ...], periods_per_year} -> {value}
    ///
    /// advance is an amount at time 0, or a list like payments.
    Apr,
    /// The cost of what left a stock, and of what is left.
    ///
    /// {method: fifo|lifo|average, movements: [{in, unit_cost} | {out}, ...]} -> {cogs: [...], closing_quantity,
    /// closing_value}
    ///
    /// Perpetual: each issue is costed from what is there then; cogs has one entry for each. average is the moving
    /// weighted average.
    Valuation,
    /// The economic order quantity.
    ///
    /// {fixed_cost, holding_cost, demand} -> {quantity, cost}
    ///
    /// sqrt(2 K D / h); cost is that of ordering and holding together, sqrt(2 K D h).
    Eoq,
    /// The stock at which to order.
    ///
    /// {daily_demand, lead_time_days, demand_sd, service_level} -> {value}
    ///
    /// Demand in the lead time and a safety stock: d L + z s sqrt(L).
    ReorderPoint,
    /// The money-weighted rate of a year.
    ///
    /// {flows: [[date, amount], ...]} -> {value}
    ///
    /// As XIRR of spreadsheets: actual days of 365; of several rates the one nearest 0.1; null with a reason without one.
    Xirr,
    /// The time-weighted return.
    ///
    /// {values: [[date, value], ...], flows: [[date, amount], ...]} -> {value}
    ///
    /// Chain-linked; a value is that before the day's flow, and a flow is on the day of a value. Not annualised.
    Twr,
    /// The return by the modified Dietz method.
    ///
    /// {begin, end, days, flows: [[day, amount], ...]} -> {value}
    ///
    /// (E - B - F) / (B + sum w f), with w = (days - day) / days. Not annualised.
    ModifiedDietz,
    /// What a series of simple returns says of risk.
    ///
    /// {returns: [...], periods_per_year} -> {cumulative, max_drawdown, volatility, sharpe, sortino, calmar}
    ///
    /// max_drawdown is 0 or negative. volatility is annualised, n - 1; sharpe and sortino without a risk-free rate; calmar is
    /// the compound return of a year over the deepest fall.
    Risk,
    /// What a sale from lots realises.
    ///
    /// {method: fifo|lifo|hifo|average, buys: [[date, quantity, cost], ...], sell: [date, quantity, proceeds]} ->
    /// {realised_gain, remaining_quantity, remaining_cost}
    ///
    /// Costs and proceeds are totals.
    Lots,
    /// A holding after splits.
    ///
    /// {quantity, unit_cost, ratios: ["2:1", ...]} -> {quantity, unit_cost, cost}
    ///
    /// 2:1 makes two of one. The cost stays.
    Split,
    /// The cost of shares and of the rights that were given for them.
    ///
    /// {shares, unit_cost, rights, subscription_price, fair_value_share, fair_value_right} -> {old_basis, rights_basis,
    /// unit_basis_new, unit_basis_old}
    ///
    /// Divided by market values, as US IRS publication 550 does; a right buys one share.
    Rights,
    /// What a wash sale does to a loss.
    ///
    /// {buy: [quantity, cost], sell: [quantity, proceeds], rebuys: [[quantity, cost], ...]} -> {disallowed_loss,
    /// allowed_loss, new_bases}
    ///
    /// US IRS publication 550; costs and proceeds are totals.
    WashSale,
    /// The long-term capital gain of shares bought before February 2018 (India, section 112A).
    ///
    /// {cost, fair_value_2018, sale} -> {value}
    ///
    /// The sale less the higher of the cost and the lower of fair value and sale.
    #[command(name = "ltcg_112a")]
    Ltcg112a,
    /// What monthly payments become.
    ///
    /// {monthly, months, annual_rate, due?} -> {value}
    ///
    /// The rate of a month is a twelfth. due is 0 (end of the month) or 1 (its beginning).
    SipFutureValue,
    /// The probability of reaching a target.
    ///
    /// {start, target, years, mean, volatility} -> {value}
    ///
    /// Geometric Brownian motion: N((ln(start/target) + (mean - volatility^2/2) T) / (volatility sqrt(T))).
    GoalProbability,
    /// What leads a portfolio to its target weights.
    ///
    /// {positions: {symbol: quantity}, targets: {symbol: weight}, prices: {symbol: price}, cash, minimum_trade?} ->
    /// {trades: [{symbol, side, quantity, amount}, ...], skipped: [{symbol, reason}, ...], cash}
    ///
    /// Whole shares; afterwards no holding is more than a share away from its target, unless minimum_trade says so.
    Rebalance,
}

/// What an object is made of: its result, or why there is none.
type Answer = Result<Value, Refused>;

/// Why nothing was calculated.
enum Refused {
    Input(Failure),
    Calculation(Refusal),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Refused::Input(failure)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused::Calculation(refusal)
    }
}

/// Calculates from standard input to standard output.
pub(super) fn run(function: Function) -> ExitCode {
    let answer = match read(std::io::stdin().lock()) {
        Ok(bytes) => answer(function, &bytes),
        Err(failure) => Err(failure.body()),
    };
    match answer {
        Ok(value) => {
            crate::cli::say(&value.to_string());
            ExitCode::SUCCESS
        }
        Err(body) => {
            let text = serde_json::to_string(&body).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::from(2)
        }
    }
}

fn read(input: impl Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::new(
            ErrorKind::Malformed,
            format!("standard input cannot be read: {error}"),
        )
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::new(
            ErrorKind::TooLarge,
            "the object is larger than 16 MB",
        ));
    }
    Ok(bytes)
}

fn answer(function: Function, bytes: &[u8]) -> Result<Value, ErrorBody> {
    match calculate(function, bytes) {
        Ok(value) => Ok(value),
        Err(Refused::Input(failure)) => Err(failure.body()),
        Err(Refused::Calculation(Refusal::Invalid { field, message })) => {
            Err(Failure::invalid_field(field, message).body())
        }
        Err(Refused::Calculation(Refusal::NoAnswer(reason))) => {
            let nothing = function
                .results()
                .iter()
                .map(|name| ((*name).to_owned(), Value::Null));
            let mut nothing: Map<String, Value> = nothing.collect();
            nothing.insert("reason".to_owned(), json!(reason));
            Ok(Value::Object(nothing))
        }
    }
}

fn calculate(function: Function, bytes: &[u8]) -> Answer {
    match function {
        Function::Pmt => loans::pmt(web::read_json(bytes)?),
        Function::Cumipmt => loans::cumipmt(web::read_json(bytes)?),
        Function::Schedule => loans::schedule(web::read_json(bytes)?),
        Function::Apr => loans::apr(web::read_json(bytes)?),
        Function::Valuation => stock::valuation(&web::read_json(bytes)?),
        Function::Eoq => stock::eoq(&web::read_json(bytes)?),
        Function::ReorderPoint => stock::reorder_point(&web::read_json(bytes)?),
        Function::Xirr => investing::xirr(&web::read_json(bytes)?),
        Function::Twr => investing::twr(&web::read_json(bytes)?),
        Function::ModifiedDietz => investing::modified_dietz(&web::read_json(bytes)?),
        Function::Risk => investing::risk(&web::read_json(bytes)?),
        Function::Lots => investing::lots(&web::read_json(bytes)?),
        Function::Split => investing::split(&web::read_json(bytes)?),
        Function::Rights => investing::rights(&web::read_json(bytes)?),
        Function::WashSale => investing::wash_sale(&web::read_json(bytes)?),
        Function::Ltcg112a => investing::ltcg_112a(&web::read_json(bytes)?),
        Function::SipFutureValue => investing::sip_future_value(&web::read_json(bytes)?),
        Function::GoalProbability => investing::goal_probability(&web::read_json(bytes)?),
        Function::Rebalance => investing::rebalance(&web::read_json(bytes)?),
    }
}

impl Function {
    /// The names of its results.
    fn results(self) -> &'static [&'static str] {
        match self {
            Function::Risk => &[
                "cumulative",
                "max_drawdown",
                "volatility",
                "sharpe",
                "sortino",
                "calmar",
            ],
            Function::Lots => &["realised_gain", "remaining_quantity", "remaining_cost"],
            Function::Split => &["quantity", "unit_cost", "cost"],
            Function::Rights => &["old_basis", "rights_basis", "unit_basis_new", "unit_basis_old"],
            Function::WashSale => &["disallowed_loss", "allowed_loss", "new_bases"],
            Function::Rebalance => &["trades", "skipped", "cash"],
            Function::Schedule => &["payment", "total_interest", "total_paid", "schedule"],
            Function::Valuation => &["cogs", "closing_quantity", "closing_value"],
            Function::Eoq => &["quantity", "cost"],
            _ => &["value"],
        }
    }
}

#[cfg(test)]
mod tests;

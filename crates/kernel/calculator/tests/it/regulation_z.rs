//! 12 CFR Part 1026, appendix J, section (c): "Examples for the computation of annual percentage rate".

use crate::d;
use calculator::{CashFlow, Refusal, apr};
use rust_decimal::Decimal;

fn flow(periods: u32, fraction: Decimal, amount: &str) -> CashFlow {
    CashFlow {
        periods,
        fraction,
        amount: d(amount),
    }
}

/// Per cent to two decimals: one advance, level payments from `first` on, the odd days before them.
fn level(advance: &str, payment: &str, n: u32, first: u32, fraction: Decimal, per_year: u32) -> String {
    let payments: Vec<CashFlow> = (0..n).map(|k| flow(first + k, fraction, payment)).collect();
    let rate = apr(
        &[flow(0, Decimal::ZERO, advance)],
        &payments,
        Decimal::from(per_year),
    )
    .unwrap();
    format!("{:.2}", (rate * d("100")).round_dp(2))
}

#[test]
fn example_1_single_advance_level_payments() {
    // (i) monthly, regular first period
    assert_eq!(level("5000", "230", 24, 1, d("0"), 12), "9.69");
    // (ii) monthly, long first period: 19 days of 30
    assert_eq!(level("6000", "200", 36, 1, d("19") / d("30"), 12), "11.82");
    // (iii) semimonthly, short first period: 6 days of 15
    assert_eq!(level("5000", "219.17", 24, 0, d("6") / d("15"), 24), "10.34");
    // (iv) quarterly, long first period: 39 days of 90
    assert_eq!(level("10000", "385", 40, 1, d("39") / d("90"), 4), "8.97");
    // (v) weekly, long first period: 4 weeks and 4 days of 7
    assert_eq!(level("500", "17.60", 30, 4, d("4") / d("7"), 52), "14.96");
}

#[test]
fn no_charge_is_no_rate_and_less_than_the_advance_has_none() {
    let advance = [flow(0, Decimal::ZERO, "1000")];
    let payments = |each: &str| (1..=10).map(|k| flow(k, Decimal::ZERO, each)).collect::<Vec<_>>();
    assert_eq!(apr(&advance, &payments("100"), d("12")).unwrap(), Decimal::ZERO);
    let refused = apr(&advance, &payments("99"), d("12")).unwrap_err();
    assert!(matches!(refused, Refusal::NoAnswer(_)), "{refused}");
}

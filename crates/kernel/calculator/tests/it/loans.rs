use crate::d;
use calculator::{DayCount, ExtraPayment, Frequency, Loan, Refusal, schedule};
use chrono::NaiveDate;
use rust_decimal::Decimal;

pub(crate) fn loan(principal: &str, annual_rate: &str, instalments: u32) -> Loan {
    Loan {
        principal: d(principal),
        annual_rate: d(annual_rate),
        instalments,
        frequency: Frequency::Monthly,
        day_count: DayCount::Thirty360,
        start: None,
        interest_only: 0,
        extra_monthly: Decimal::ZERO,
        extras: Vec::new(),
        decimals: 2,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// US Consumer Financial Protection Bureau, sample Loan Estimate (H-24(B)): 162,000 at 3.875% over 30 years: 761.78.
#[test]
fn the_sample_loan_estimate_of_the_cfpb() {
    let found = schedule(&loan("162000", "0.03875", 360)).unwrap();
    assert_eq!(found.payment, d("761.78"));
    assert_eq!(found.instalments.len(), 360);
    assert_eq!(found.instalments[0].interest, d("523.13"));
    assert_eq!(found.instalments[0].principal, d("238.65"));
}

#[test]
fn the_last_instalment_absorbs_what_rounding_left() {
    let found = schedule(&loan("1000", "0", 3)).unwrap();
    let payments: Vec<String> = found
        .instalments
        .iter()
        .map(|line| line.payment.to_string())
        .collect();
    assert_eq!(payments, ["333.33", "333.33", "333.34"]);
    assert_eq!(found.total_interest.to_string(), "0.00");
    assert_eq!(found.total_paid.to_string(), "1000.00");
    let one = schedule(&loan("1000", "0.12", 1)).unwrap();
    assert_eq!((one.payment, one.total_paid), (d("1010.00"), d("1010.00")));
    assert_eq!(one.instalments[0].balance.to_string(), "0.00");
}

#[test]
fn paying_more_ends_a_loan_early() {
    let mut more = loan("100000", "0.06", 360);
    let plain = schedule(&more).unwrap();
    assert_eq!(plain.payment, d("599.55"));
    more.extra_monthly = d("100");
    let quicker = schedule(&more).unwrap();
    assert_eq!(quicker.payment, plain.payment);
    assert!(quicker.instalments.len() < 260 && quicker.total_interest < plain.total_interest);
    assert_eq!(quicker.instalments[0].payment, d("699.55"));
    assert!(quicker.instalments.last().unwrap().balance.is_zero());
    more.extra_monthly = Decimal::ZERO;
    more.start = Some(day("2026-01-31"));
    more.extras = vec![ExtraPayment {
        date: day("2026-03-01"),
        amount: d("99000"),
    }];
    let dated = schedule(&more).unwrap();
    assert_eq!(dated.instalments[0].date, Some(day("2026-02-28")));
    assert_eq!(dated.instalments[1].date, Some(day("2026-03-31")));
    assert_eq!(dated.instalments[1].payment, d("99599.55"));
    assert_eq!(dated.instalments.len(), 4);
}

#[test]
fn interest_is_counted_by_days_when_asked() {
    let mut loan = loan("10000", "0.073", 2);
    loan.start = Some(day("2026-01-01"));
    loan.day_count = DayCount::Actual365;
    let found = schedule(&loan).unwrap();
    // 10,000 * 7.3% / 365 is 2 a day.
    assert_eq!(found.instalments[0].interest, d("62.00"));
    loan.start = None;
    assert!(matches!(schedule(&loan), Err(Refusal::Invalid { field, .. }) if field == "start_date"));
}

#[test]
fn interest_only_instalments_leave_the_debt() {
    let mut loan = loan("12000", "0.12", 24);
    loan.interest_only = 12;
    let found = schedule(&loan).unwrap();
    assert!(
        found.instalments[..12]
            .iter()
            .all(|line| line.payment == d("120.00") && line.balance == d("12000"))
    );
    assert_eq!(found.payment, d("1066.19"));
    assert_eq!(found.instalments.len(), 24);
}

#[test]
fn frequencies_have_their_dates_and_rates() {
    let mut loan = loan("5200", "0.052", 52);
    loan.start = Some(day("2026-01-01"));
    for (frequency, interest, second) in [
        (Frequency::Weekly, "5.20", "2026-01-15"),
        (Frequency::Biweekly, "10.40", "2026-01-29"),
        (Frequency::Semimonthly, "11.27", "2026-02-01"),
        (Frequency::Monthly, "22.53", "2026-03-01"),
        (Frequency::Quarterly, "67.60", "2026-07-01"),
        (Frequency::Semiannual, "135.20", "2027-01-01"),
        (Frequency::Annual, "270.40", "2028-01-01"),
    ] {
        loan.frequency = frequency;
        let found = schedule(&loan).unwrap();
        assert_eq!(found.instalments[0].interest, d(interest), "{frequency:?}");
        assert_eq!(found.instalments[1].date, Some(day(second)), "{frequency:?}");
    }
}

#[test]
fn senseless_terms_are_refused_by_name() {
    type Spoil = fn(&mut Loan);
    let cases: [(&str, Spoil); 7] = [
        ("principal", |loan| loan.principal = Decimal::ZERO),
        ("principal", |loan| loan.principal = d("0.001")),
        ("annual_rate", |loan| loan.annual_rate = d("-0.01")),
        ("term", |loan| loan.instalments = 0),
        ("term", |loan| loan.instalments = 2_601),
        ("interest_only", |loan| loan.interest_only = 12),
        ("extra_payments[0].date", |loan| {
            loan.extras = vec![ExtraPayment {
                date: day("2026-01-01"),
                amount: d("1"),
            }];
        }),
    ];
    for (name, spoil) in cases {
        let mut loan = loan("1000", "0.06", 12);
        spoil(&mut loan);
        match schedule(&loan) {
            Err(Refusal::Invalid { field, .. }) => assert_eq!(field, name),
            other => panic!("{name}: {other:?}"),
        }
    }
}

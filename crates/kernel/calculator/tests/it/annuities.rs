//! Examples of the documentation of spreadsheets.

use crate::{d, printed};
use calculator::{Due, Refusal, cumipmt, pmt};
use rust_decimal::Decimal;

/// Microsoft Excel, "PMT function": 8% a year, 10 months, 10,000; and saving 50,000 in 18 years at 6%.
#[test]
fn pmt_as_microsoft_documents_it() {
    let rate = d("0.08") / d("12");
    let found = |due| pmt(rate, d("10"), d("10000"), Decimal::ZERO, due).unwrap();
    printed(found(Due::End), "-1037.03");
    printed(found(Due::Beginning), "-1030.16");
    printed(
        pmt(d("0.005"), d("216"), Decimal::ZERO, d("50000"), Due::End).unwrap(),
        "-129.08",
    );
    printed(
        pmt(d("0.01"), d("5"), d("-5000"), Decimal::ZERO, Due::End).unwrap(),
        "1030.20",
    );
}

/// LibreOffice Calc help, "PMT": 1.99% a period, 36 periods, 25,000.
#[test]
fn pmt_as_libreoffice_documents_it() {
    printed(
        pmt(
            d("0.0199") / d("12"),
            d("36"),
            d("25000"),
            Decimal::ZERO,
            Due::End,
        )
        .unwrap(),
        "-715.96",
    );
}

/// Microsoft Excel, "CUMIPMT function": 9% a year, 30 years, 125,000: the second year, and the first month.
#[test]
fn cumipmt_as_microsoft_documents_it() {
    let of = |start, end| cumipmt(d("0.0075"), 360, d("125000"), start, end, Due::End).unwrap();
    printed(of(13, 24), "-11135.23213");
    printed(of(1, 1), "-937.50");
}

/// Period by period, with payments at the beginning: the first pays no interest.
#[test]
fn cumipmt_is_the_sum_of_the_interest_of_each_period() {
    let (rate, n, pv) = (d("0.01"), 24, d("10000"));
    for due in [Due::End, Due::Beginning] {
        let each = -pmt(rate, Decimal::from(n), pv, Decimal::ZERO, due).unwrap();
        let mut debt = pv;
        let mut sum = Decimal::ZERO;
        for period in 1..=n {
            let interest = match (due, period) {
                (Due::Beginning, 1) => Decimal::ZERO,
                _ => debt * rate,
            };
            debt = debt + interest - each;
            sum -= interest;
            let found = cumipmt(rate, n, pv, 1, period, due).unwrap();
            assert!(
                (found - sum).abs() < d("0.00000000000000001"),
                "{period}: {found} {sum}"
            );
        }
    }
}

#[test]
fn rates_of_0_and_single_periods_work_and_nonsense_is_refused_by_name() {
    assert_eq!(
        pmt(d("0"), d("4"), d("100"), d("20"), Due::End).unwrap(),
        d("-30")
    );
    printed(
        pmt(d("0.1"), d("1"), d("100"), d("0"), Due::End).unwrap(),
        "-110.00000000000000000000",
    );
    let refused = |refusal: Refusal, name: &str| match refusal {
        Refusal::Invalid { field, .. } => assert_eq!(field, name),
        other => panic!("{other}"),
    };
    refused(
        pmt(d("0.1"), d("0"), d("1"), d("0"), Due::End).unwrap_err(),
        "nper",
    );
    refused(
        pmt(d("-1"), d("1"), d("1"), d("0"), Due::End).unwrap_err(),
        "rate",
    );
    refused(cumipmt(d("0"), 1, d("1"), 1, 1, Due::End).unwrap_err(), "rate");
    refused(cumipmt(d("0.1"), 5, d("1"), 0, 1, Due::End).unwrap_err(), "start");
    refused(cumipmt(d("0.1"), 5, d("1"), 3, 2, Due::End).unwrap_err(), "end");
    refused(cumipmt(d("0.1"), 5, d("1"), 3, 6, Due::End).unwrap_err(), "end");
}

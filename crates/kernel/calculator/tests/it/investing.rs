//! Returns, lots, corporate actions and taxes.

use crate::{d, printed};
use calculator::{
    Due, LotMethod, Refusal, Side, Trade, goal_probability, ltcg_112a, modified_dietz, rebalance, rights,
    risk, sell_lots, sip_future_value, split, twr, wash_sale, xirr,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn flows(list: &[(&str, &str)]) -> Vec<(NaiveDate, Decimal)> {
    list.iter().map(|(date, amount)| (day(date), d(amount))).collect()
}

/// Microsoft Excel, "XIRR function": 0.373362535 (37.34%).
#[test]
fn xirr_as_microsoft_documents_it() {
    let found = xirr(&flows(&[
        ("2008-01-01", "-10000"),
        ("2008-03-01", "2750"),
        ("2008-10-30", "4250"),
        ("2009-02-15", "3250"),
        ("2009-04-01", "2750"),
    ]));
    // Excel stops at 0.000001%.
    assert!((found.unwrap() - d("0.373362535")).abs() < d("0.00000002"));
}

#[test]
fn xirr_finds_losses_and_says_where_there_is_no_rate() {
    let lost = xirr(&flows(&[("2020-01-01", "-1000"), ("2021-12-31", "10")])).unwrap();
    assert!((lost - d("-0.9")).abs() < d("0.0000000001"), "{lost}");
    let doubled = flows(&[("2020-01-01", "-1"), ("2020-12-31", "2")]);
    assert!((xirr(&doubled).unwrap() - Decimal::ONE).abs() < d("0.00000000000000000001"));
    for none in [
        flows(&[("2020-01-01", "1"), ("2021-01-01", "2")]),
        flows(&[("2020-01-01", "-1"), ("2020-01-01", "2")]),
        flows(&[
            ("2020-01-01", "-100"),
            ("2021-01-01", "100"),
            ("2022-01-01", "-100"),
        ]),
    ] {
        assert!(matches!(xirr(&none), Err(Refusal::NoAnswer(_))));
    }
    // 10% and 20% both do it: the one nearest 10% is answered. Years of 365 days.
    let two = flows(&[
        ("2021-01-01", "-100"),
        ("2022-01-01", "230"),
        ("2023-01-01", "-132"),
    ]);
    assert!((xirr(&two).unwrap() - d("0.1")).abs() < d("0.00000000000000000001"));
    let scaled: Vec<_> = two
        .iter()
        .map(|(date, amount)| (*date, amount * d("1000000")))
        .collect();
    assert!((xirr(&scaled).unwrap() - d("0.1")).abs() < d("0.00000000000000000001"));
}

/// Wikipedia, "Modified Dietz method", example: 100 becomes 300 in two years with 50 paid in half-way: 120%.
#[test]
fn modified_dietz_weighs_flows_with_their_time() {
    let found = modified_dietz(d("100"), d("300"), d("2"), &[(d("1"), d("50"))]).unwrap();
    assert_eq!(found, d("1.2"));
    assert!(modified_dietz(d("0"), d("1"), d("1"), &[]).is_err());
}

#[test]
fn time_weighted_returns_do_not_see_flows() {
    let values = flows(&[
        ("2026-01-01", "1000"),
        ("2026-02-01", "1100"),
        ("2026-03-01", "1650"),
    ]);
    let found = twr(&values, &flows(&[("2026-02-01", "400")])).unwrap();
    assert_eq!(found, d("0.21"));
    assert!(twr(&values, &flows(&[("2026-02-02", "400")])).is_err());
}

#[test]
fn risk_is_measured_from_simple_returns() {
    let found = risk(&[d("0.1"), d("-0.5"), d("0.2")], d("12")).unwrap();
    assert_eq!((found.cumulative, found.max_drawdown), (d("-0.34"), d("-0.5")));
    printed(found.volatility.unwrap(), "1.311488");
    printed(found.sharpe.unwrap(), "-0.609994");
    printed(found.sortino.unwrap(), "-0.800000");
    let flat = risk(&[d("0.01"), d("0.01")], d("12")).unwrap();
    assert_eq!((flat.sharpe, flat.sortino, flat.calmar), (None, None, None));
}

#[test]
fn lots_are_sold_by_their_method() {
    let trade = |date, quantity, total| Trade {
        date: day(date),
        quantity: d(quantity),
        total: d(total),
    };
    let buys = [
        trade("2024-01-01", "10", "100"),
        trade("2024-02-01", "10", "300"),
        trade("2024-03-01", "10", "200"),
    ];
    for (method, gain) in [
        (LotMethod::Fifo, "350"),
        (LotMethod::Lifo, "250"),
        (LotMethod::Hifo, "200"),
        (LotMethod::Average, "300"),
    ] {
        let sold = sell_lots(method, &buys, trade("2024-04-01", "15", "600")).unwrap();
        assert_eq!(
            (sold.realised_gain, sold.remaining_quantity),
            (d(gain), d("15")),
            "{method:?}"
        );
        assert_eq!(sold.remaining_cost, d("600") - (d("600") - d(gain)));
    }
    assert!(sell_lots(LotMethod::Fifo, &buys, trade("2024-02-15", "21", "1")).is_err());
}

/// US IRS publication 550, "Stock Rights": 100 shares at 22, 10 rights at 3 to buy at 26, stock at 30.
#[test]
fn stock_rights_of_publication_550() {
    let found = rights(d("100"), d("22"), d("10"), d("26"), d("30"), d("3")).unwrap();
    printed(found.old_basis, "2178.22");
    printed(found.rights_basis, "21.78");
    printed(found.unit_basis_new, "28.18");
    printed(found.unit_basis_old, "21.78");
}

#[test]
fn a_split_and_its_reverse_leave_what_there_was() {
    let found = split(d("7"), d("10"), &[(d("3"), d("1")), (d("1"), d("3"))]).unwrap();
    assert_eq!(
        (found.quantity, found.unit_cost, found.cost),
        (d("7"), d("10"), d("70"))
    );
    let found = split(d("100"), d("30"), &[(d("3"), d("2"))]).unwrap();
    assert_eq!(
        (found.quantity, found.unit_cost, found.cost),
        (d("150"), d("20"), d("3000"))
    );
}

/// US IRS publication 550, "Wash Sales", examples 1 and "more or less stock bought than sold".
#[test]
fn wash_sales_of_publication_550() {
    let all = wash_sale(
        (d("100"), d("1000")),
        (d("100"), d("750")),
        &[(d("100"), d("800"))],
    )
    .unwrap();
    assert_eq!(
        (all.disallowed_loss, all.allowed_loss, all.new_bases),
        (d("250"), d("0"), vec![d("1050")])
    );
    let part = wash_sale(
        (d("100"), d("5000")),
        (d("100"), d("4000")),
        &[(d("50"), d("2750")), (d("25"), d("1125"))],
    )
    .unwrap();
    assert_eq!((part.disallowed_loss, part.allowed_loss), (d("750"), d("250")));
    assert_eq!(part.new_bases, [d("3250"), d("1375")]);
}

/// The four cases of the Central Board of Direct Taxes' FAQ on section 112A (4 February 2018), question 6.
#[test]
fn grandfathering_of_section_112a() {
    for (cost, fair_value, sale, gain) in [
        ("100", "200", "250", "50"),
        ("100", "200", "150", "0"),
        ("100", "50", "150", "50"),
        ("100", "200", "50", "-50"),
    ] {
        assert_eq!(ltcg_112a(d(cost), d(fair_value), d(sale)).unwrap(), d(gain));
    }
}

#[test]
fn goals_have_a_future_value_and_a_probability() {
    printed(
        sip_future_value(d("1000"), 12, d("0.12"), Due::End).unwrap(),
        "12682.50",
    );
    printed(
        sip_future_value(d("1000"), 12, d("0.12"), Due::Beginning).unwrap(),
        "12809.33",
    );
    assert_eq!(sip_future_value(d("5"), 3, d("0"), Due::End).unwrap(), d("15"));
    let even = goal_probability(d("100"), d("100"), d("1"), d("0.02"), d("0.2")).unwrap();
    assert_eq!(even, d("0.5"));
    assert_eq!(
        goal_probability(d("1"), d("2"), d("10"), d("0.05"), d("0")).unwrap(),
        Decimal::ZERO
    );
}

#[test]
fn a_rebalance_ends_within_a_share_and_says_why_it_skips() {
    let map = |list: &[(&str, &str)]| -> BTreeMap<String, Decimal> {
        list.iter()
            .map(|(name, figure)| ((*name).to_owned(), d(figure)))
            .collect()
    };
    let prices = map(&[("A", "100"), ("B", "33"), ("C", "7")]);
    let found = rebalance(
        &map(&[("A", "10"), ("C", "3")]),
        &map(&[("A", "0.5"), ("B", "0.5")]),
        &prices,
        d("0"),
        d("0"),
    )
    .unwrap();
    let shown: Vec<String> = found
        .trades
        .iter()
        .map(|trade| {
            format!(
                "{} {} {}",
                trade.symbol,
                if trade.side == Side::Buy { "+" } else { "-" },
                trade.quantity
            )
        })
        .collect();
    assert_eq!(shown, ["A - 5", "C - 3", "B + 15"]);
    // Half of 1,021 is 510.50. Four shares of A would not pay for fifteen of B, so a fifth is sold.
    assert_eq!(found.cash, d("26"));
    let small = rebalance(
        &map(&[("A", "10")]),
        &map(&[("A", "0.9")]),
        &prices,
        d("0"),
        d("500"),
    )
    .unwrap();
    assert!(small.trades.is_empty());
    assert!(
        small.skipped[0].1.contains("below the minimum"),
        "{:?}",
        small.skipped
    );
    let refused = rebalance(&map(&[("Z", "1")]), &map(&[]), &prices, d("0"), d("0")).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid { field, .. } if field == "prices.Z"));
}

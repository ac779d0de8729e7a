//! Textbook examples of inventory.

use crate::{d, printed};
use calculator::{Costing, Movement, Refusal, eoq, normal_cdf, normal_quantile, reorder_point, valuation};

fn movements(list: &[(&str, &str)]) -> Vec<Movement> {
    list.iter()
        .map(|(quantity, unit_cost)| match *unit_cost {
            "out" => Movement::Out {
                quantity: d(quantity),
            },
            cost => Movement::In {
                quantity: d(quantity),
                unit_cost: d(cost),
            },
        })
        .collect()
}

/// OpenStax, "Principles of Accounting, Volume 1", 10.2 and 10.3 (The Spy Who Loves You), perpetual: 150 at 21, sale of
/// 120, 225 at 27, sale of 180, 210 at 33. Cost of goods sold 7,200 (FIFO), 7,380 (LIFO); weighted average 7,253 with unit
/// costs in full digits.
#[test]
fn the_spy_who_loves_you() {
    let all = movements(&[
        ("150", "21"),
        ("120", "out"),
        ("225", "27"),
        ("180", "out"),
        ("210", "33"),
    ]);
    let of = |method| {
        let found = valuation(method, &all).unwrap();
        assert_eq!(found.closing_quantity, d("285"));
        let cogs: rust_decimal::Decimal = found.cogs.iter().sum();
        assert_eq!(cogs + found.closing_value, d("16155"));
        cogs
    };
    printed(of(Costing::Fifo), "7200");
    printed(of(Costing::Lifo), "7380");
    printed(of(Costing::Average), "7253");
}

#[test]
fn each_issue_takes_the_layers_that_are_there_then() {
    let all = movements(&[("10", "1"), ("10", "2"), ("15", "out"), ("5", "3"), ("8", "out")]);
    let fifo = valuation(Costing::Fifo, &all).unwrap();
    assert_eq!(fifo.cogs, [d("20"), d("19")]);
    assert_eq!((fifo.closing_quantity, fifo.closing_value), (d("2"), d("6")));
    let lifo = valuation(Costing::Lifo, &all).unwrap();
    assert_eq!(lifo.cogs, [d("25"), d("18")]);
    assert_eq!(lifo.closing_value, d("2"));
    let average = valuation(Costing::Average, &all).unwrap();
    assert_eq!(average.cogs, [d("22.5"), d("18")]);
    assert_eq!(average.closing_value, d("4.5"));
}

#[test]
fn more_than_there_is_cannot_go_out() {
    let refused = valuation(Costing::Fifo, &movements(&[("1", "1"), ("2", "out")])).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid { field, .. } if field == "movements[1].out"));
}

/// Heizer and Render, "Operations Management", Sharp, Inc.: 1,000 units a year, 10 an order, 0.50 to hold: 200 units.
#[test]
fn the_economic_order_quantity_of_sharp_inc() {
    let found = eoq(d("10"), d("0.5"), d("1000")).unwrap();
    assert_eq!((found.quantity, found.cost), (d("200"), d("100")));
}

/// The table of the standard normal distribution (NIST/SEMATECH e-Handbook, 1.3.6.7.1) and its usual quantiles.
#[test]
fn the_normal_distribution() {
    for (x, p) in [
        ("0", "0.5"),
        ("1", "0.84134"),
        ("1.96", "0.97500"),
        ("-2.33", "0.00990"),
        ("3", "0.99865"),
    ] {
        printed(normal_cdf(d(x)), p);
    }
    for (p, x) in [
        ("0.95", "1.64485362695147"),
        ("0.975", "1.95996398454005"),
        ("0.99", "2.32634787404084"),
        ("0.000001", "-4.7534243088229"),
        ("0.5", "0"),
    ] {
        printed(normal_quantile(d(p)).unwrap(), x);
    }
}

/// Stevenson, "Operations Management", usage rate variable: 50 a day, standard deviation 5, lead time 6 days, service level 97%:
/// 300 + 1.88 * 5 * sqrt(6) = 323.03.
#[test]
fn the_reorder_point_holds_a_safety_stock() {
    printed(
        reorder_point(d("50"), d("6"), d("5"), d("0.97")).unwrap(),
        "323.03",
    );
    assert_eq!(
        reorder_point(d("50"), d("6"), d("0"), d("0.99")).unwrap(),
        d("300")
    );
    assert_eq!(
        reorder_point(d("50"), d("6"), d("5"), d("0.5")).unwrap(),
        d("300")
    );
    assert!(reorder_point(d("50"), d("6"), d("5"), d("1")).is_err());
}

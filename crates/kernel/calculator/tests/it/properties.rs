use crate::loans::loan;
use calculator::{CashFlow, Costing, Movement, apr, schedule, valuation};
use proptest::prelude::*;
use rust_decimal::Decimal;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every line adds up, the debt falls to nothing, and the parts make the totals.
    #[test]
    fn a_schedule_balances(cents in 100_i64..10_000_000_000, basis_points in 0_i64..3_000, instalments in 1_u32..420) {
        let mut terms = loan("1", "0", instalments);
        terms.principal = Decimal::new(cents, 2);
        terms.annual_rate = Decimal::new(basis_points, 4);
        let found = schedule(&terms).unwrap();
        let mut balance = terms.principal;
        for line in &found.instalments {
            prop_assert_eq!(line.payment, line.interest + line.principal);
            prop_assert_eq!(line.balance, balance - line.principal);
            balance = line.balance;
        }
        prop_assert!(balance.is_zero());
        prop_assert_eq!(found.total_paid, terms.principal + found.total_interest);
    }

    /// Without a finance charge beside the interest the rate is the nominal rate, but for the rounding of payments.
    #[test]
    fn the_apr_of_a_plain_loan_is_its_rate(basis_points in 10_i64..3_000, instalments in 1_u32..361) {
        let mut terms = loan("10000000", "0", instalments);
        terms.annual_rate = Decimal::new(basis_points, 4);
        let flows: Vec<CashFlow> = schedule(&terms).unwrap().instalments.iter().map(|line| CashFlow {
            periods: line.number, fraction: Decimal::ZERO, amount: line.payment,
        }).collect();
        let advance = CashFlow { periods: 0, fraction: Decimal::ZERO, amount: terms.principal };
        let rate = apr(&[advance], &flows, Decimal::from(12)).unwrap();
        prop_assert!((rate - terms.annual_rate).abs() < Decimal::new(1, 7), "{} {}", rate, terms.annual_rate);
    }

    /// What came in is what went out and what is left, whatever the method.
    #[test]
    fn no_cost_is_lost(moves in prop::collection::vec((1_i64..100, 0_i64..10_000, any::<bool>()), 1..40)) {
        let mut held = 0;
        let mut received = Decimal::ZERO;
        let movements: Vec<Movement> = moves.into_iter().filter_map(|(quantity, cost, out)| {
            if out {
                let quantity = quantity.min(held);
                held -= quantity;
                (quantity > 0).then(|| Movement::Out { quantity: Decimal::from(quantity) })
            } else {
                held += quantity;
                received += Decimal::from(quantity) * Decimal::new(cost, 2);
                Some(Movement::In { quantity: Decimal::from(quantity), unit_cost: Decimal::new(cost, 2) })
            }
        }).collect();
        for method in [Costing::Fifo, Costing::Lifo, Costing::Average] {
            let found = valuation(method, &movements).unwrap();
            let issued: Decimal = found.cogs.iter().sum();
            prop_assert!((issued + found.closing_value - received).abs() < Decimal::new(1, 18));
            prop_assert_eq!(found.closing_quantity, Decimal::from(held));
        }
    }
}

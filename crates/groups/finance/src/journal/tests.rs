use super::{AccountType, LedgerAccount, Leg, Legs};
use kernel::{Currency, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn currency(index: usize) -> Currency {
    ["INR", "USD", "JPY"][index % 3].parse().unwrap()
}

fn money(units: i64, index: usize) -> Money {
    let currency = currency(index);
    Money::new(Decimal::new(units, currency.decimals()), currency).unwrap()
}

fn account(index: usize) -> LedgerAccount {
    LedgerAccount::Named(AccountType::Expense, format!("account {index}"))
}

fn sums(legs: &[Leg]) -> BTreeMap<String, Decimal> {
    let mut sums = BTreeMap::new();
    for leg in legs {
        *sums
            .entry(leg.amount.currency().to_string())
            .or_insert(Decimal::ZERO) += leg.amount.amount();
    }
    sums
}

proptest! {
    #[test]
    fn legs_exist_only_when_they_add_up(parts in prop::collection::vec((0_usize..5, -9_i64..9, 0_usize..3), 0..8)) {
        let legs: Vec<Leg> = parts
            .iter()
            .map(|(of, units, currency)| Leg::new(account(*of), money(*units, *currency)))
            .collect();
        let balanced = legs.len() >= 2
            && legs.iter().all(|leg| !leg.amount.is_zero())
            && sums(&legs).values().all(Decimal::is_zero);
        prop_assert_eq!(Legs::new(legs.clone()).is_ok(), balanced);
        let read: Result<Legs, _> = serde_json::from_value(serde_json::to_value(&legs).unwrap());
        prop_assert_eq!(read.is_ok(), balanced);
    }

    #[test]
    fn flows_say_what_the_legs_say(parts in prop::collection::vec((0_usize..5, 1_i64..1000, 0_usize..2), 1..12), rest in 5_usize..8) {
        let mut legs: Vec<Leg> = parts
            .iter()
            .enumerate()
            .map(|(at, (of, units, currency))| {
                Leg::new(account(*of), money(if at % 2 == 0 { *units } else { -*units }, *currency))
            })
            .collect();
        for (code, sum) in sums(&legs) {
            if !sum.is_zero() {
                legs.push(Leg::new(account(rest), Money::new(-sum, code.parse().unwrap()).unwrap()));
            }
        }
        let legs = Legs::new(legs).unwrap();
        let mut expected: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        for leg in legs.as_slice() {
            let key = (leg.account.to_string(), leg.amount.currency().to_string());
            *expected.entry(key).or_default() += leg.amount.amount();
        }
        let mut found: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        for (debit, credit, amount) in legs.flows() {
            prop_assert!(amount.is_positive());
            let code = amount.currency().to_string();
            *found.entry((debit.to_string(), code.clone())).or_default() += amount.amount();
            *found.entry((credit.to_string(), code)).or_default() -= amount.amount();
        }
        expected.retain(|_, sum| !sum.is_zero());
        found.retain(|_, sum| !sum.is_zero());
        prop_assert_eq!(found, expected);
        prop_assert_eq!(legs.reversed().reversed(), legs);
    }

    #[test]
    fn an_account_reads_as_it_was_written(name in "[a-zé:_ ]{1,40}") {
        let Ok(written) = LedgerAccount::named(AccountType::Income, &name) else {
            return Ok(());
        };
        prop_assert_eq!(written.to_string().parse::<LedgerAccount>().unwrap(), written);
    }
}

#[test]
fn an_exchange_balances_in_both_currencies() {
    let legs = Legs::exchange(account(1), money(8300, 0), account(2), money(100, 1)).unwrap();
    assert!(sums(legs.as_slice()).values().all(Decimal::is_zero));
    assert_eq!(legs.flows().len(), 2);
    assert!(Legs::pair(account(1), account(2), money(0, 0)).is_err());
}

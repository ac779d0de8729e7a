//! Whatever happens to a book, its figures follow from its entries.

use super::tests::{Ledger, USER};
use crate::{
    accounts::{AccountKind, AccountRecord},
    journal::Entry,
    transactions::TransactionRecord,
};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Currency, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;

const CURRENCIES: [&str; 4] = ["INR", "INR", "USD", "JPY"];
const CATEGORIES: [&str; 5] = ["food", "rent", "salary", "fun", "opening_balance"];

#[derive(Debug, Clone)]
enum Step {
    /// So many smallest units on an account, in a category, on a day; income or expense.
    Post(i64, usize, usize, u32, bool),
    /// So many units from one account to another, where so many arrive if the currency is another one.
    Transfer(i64, usize, usize, i64, u32),
    /// One of the entries that stand is taken back.
    Reverse(usize),
    Fold,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let units = 1_i64..1_000_000_000_000;
    let step = prop_oneof![
        4 => (units.clone(), 0_usize..4, 0_usize..5, 1_u32..60, any::<bool>())
            .prop_map(|(units, on, category, day, income)| Step::Post(units, on, category, day, income)),
        3 => (units.clone(), 0_usize..4, 1_usize..4, units, 1_u32..60)
            .prop_map(|(sent, from, by, received, day)| Step::Transfer(sent, from, (from + by) % 4, received, day)),
        3 => (0_usize..100).prop_map(Step::Reverse),
        1 => Just(Step::Fold),
    ];
    prop::collection::vec(step, 1..30)
}

fn money(units: i64, currency: Currency) -> Money {
    Money::new(Decimal::new(units, currency.decimals()), currency).unwrap()
}

fn day(number: u32) -> NaiveDate {
    "2025-12-31".parse::<NaiveDate>().unwrap() + chrono::Days::new(number.into())
}

async fn accounts(ledger: &Ledger) -> Vec<Stored<AccountRecord>> {
    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    let accounts = CURRENCIES.iter().enumerate().map(|(number, currency)| {
        let record = AccountRecord {
            user_id: USER,
            client_id: None,
            advisor_id: None,
            name: format!("Account {number}"),
            kind: AccountKind::Checking,
            currency: currency.parse().unwrap(),
        };
        batch.insert(Uuid::from_u128(100 + number as u128), record)
    });
    let accounts = accounts.collect();
    ledger.store.commit(batch).await.unwrap();
    accounts
}

/// What lies on every account by the entries that stand: added up leg by leg, with nothing of the projections.
fn expected(standing: &[Stored<TransactionRecord>]) -> BTreeMap<String, Decimal> {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for entry in standing {
        let mut of_entry: BTreeMap<String, Decimal> = BTreeMap::new();
        for leg in entry.legs().unwrap().as_slice() {
            let (currency, amount) = (leg.amount.currency(), leg.amount.amount());
            *of_entry.entry(currency.to_string()).or_default() += amount;
            *sums.entry(format!("{} {currency}", leg.account)).or_default() += amount;
        }
        assert!(of_entry.values().all(Decimal::is_zero), "{of_entry:?}");
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

async fn take(
    ledger: &Ledger,
    accounts: &[Stored<AccountRecord>],
    standing: &mut Vec<Stored<TransactionRecord>>,
    step: Step,
) {
    let entry = match step {
        Step::Post(units, on, category, number, income) => {
            let (account, kinds) = (&accounts[on], [TransactionKind::Expense, TransactionKind::Income]);
            let amount = money(units, account.currency);
            let kind = kinds[usize::from(income)];
            Entry::on_account(account, kind, amount, CATEGORIES[category], day(number))
        }
        Step::Transfer(sent, from, to, received, number) => {
            let (from, to) = (&accounts[from], &accounts[to]);
            let received = if from.currency == to.currency {
                sent
            } else {
                received
            };
            let (sent, received) = (money(sent, from.currency), money(received, to.currency));
            Entry::transfer(from, sent, to, received, day(number))
        }
        Step::Reverse(which) => {
            if !standing.is_empty() {
                let entry = standing.swap_remove(which % standing.len());
                ledger.reverse(&entry).await;
            }
            return;
        }
        Step::Fold => return ledger.fold().await,
    };
    let id = ledger.harness.sources.ids().next();
    standing.push(ledger.commit(id, entry.unwrap()).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is posted, moved between accounts and currencies, taken back and folded, in whatever order: the legs of
    /// every entry add up to nothing in each currency, what lies on accounts is what the entries that stand say, the feed
    /// says the same, and once everything was taken back nothing is left.
    #[test]
    fn replay_equals_state_and_reversals_restore(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = Ledger::new().await;
            let accounts = accounts(&ledger).await;
            let mut standing = Vec::new();
            for step in steps {
                take(&ledger, &accounts, &mut standing, step).await;
                assert_eq!(ledger.balances().await, expected(&standing));
            }
            assert!(ledger.differences(false).await.is_empty());
            for entry in std::mem::take(&mut standing) {
                ledger.reverse(&entry).await;
            }
            assert!(ledger.balances().await.is_empty());
            ledger.fold().await;
            assert!(ledger.differences(false).await.is_empty());
            let last = ledger.balances.flows(super::tests::BOOK, None, &[]).await.unwrap();
            assert!(last.iter().all(|flow| flow.amount.is_zero() && flow.count == 0), "{last:?}");
        });
    }
}

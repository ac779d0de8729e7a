//! Whatever is bought and sold: lots add up to positions, cash is the sum of its flows, and what is stored is what follows
//! from the entries.

use crate::setting::Setting;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rust_decimal::Decimal;
use serde_json::json;

#[test]
fn positions_are_the_sum_of_fills_and_cash_the_sum_of_flows() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let setting = runtime.block_on(async {
        let setting = Setting::new().await;
        setting.instrument("AAA", "equity", "tech").await;
        setting
    });
    let trade = (any::<bool>(), 1_u32..5000, 1_u32..100_000, 0_u32..300, 0_u8..4);
    let mut runner = TestRunner::new(Config {
        cases: 8,
        failure_persistence: None,
        ..Config::default()
    });
    let trades = proptest::collection::vec(trade, 1..16);
    let run = runner.run(&trades, |trades| {
        runtime.block_on(async {
            let methods = ["fifo", "lifo", "hifo", "average"];
            let portfolio = setting.portfolio(&setting.user, "average").await;
            let pay = json!({ "kind": "deposit", "amount": 100_000_000, "date": "2025-01-01" });
            setting.entered(&setting.user, &portfolio, &pay).await;
            let (mut held, mut cash) = (0_i64, Decimal::from(100_000_000));
            for (buys, quantity, price, day, method) in trades {
                let date =
                    chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(day.into());
                let mut body = json!({
                    "kind": if buys { "buy" } else { "sell" }, "symbol": "AAA", "date": date,
                    "quantity": format!("{}.{:03}", quantity / 1000, quantity % 1000),
                    "price": format!("{}.{:02}", price / 100, price % 100),
                });
                if !buys {
                    body["method"] = json!(methods[usize::from(method)]);
                }
                let made = setting.enter(&setting.user, &portfolio, &body).await;
                if made.status == 201 {
                    held += if buys {
                        i64::from(quantity)
                    } else {
                        -i64::from(quantity)
                    };
                    cash += made["cash"].to_string().parse::<Decimal>().unwrap();
                } else {
                    made.assert_error(409, "not_held");
                }
            }
            let positions = setting.read(&setting.user, &portfolio, "/positions").await;
            let quantity: Decimal = match positions.as_array().unwrap().first() {
                Some(one) => one["quantity"].to_string().parse().unwrap(),
                None => Decimal::ZERO,
            };
            prop_assert_eq!(quantity, Decimal::new(held, 3));
            let read = setting.read(&setting.user, &portfolio, "").await;
            let stored: Decimal = read["accounts"][0]["cash"].as_str().unwrap().parse().unwrap();
            prop_assert_eq!(stored, cash);
            let verified = setting.read(&setting.user, &portfolio, "/verification").await;
            prop_assert_eq!(&verified["consistent"], &json!(true), "{}", verified);
            Ok(())
        })
    });
    run.unwrap();
}

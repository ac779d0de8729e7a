//! One scenario by every way in, in every topology: the same ledger, the same events, the same metrics.

mod hostile;
mod outcome;
mod senders;

use crate::{
    deployment::{Conditions, Topology},
    message_brokers::within,
    world::{User, World},
};
use outcome::Outcome;
use rust_decimal::Decimal;
use senders::{Brokers, Way};
use serde_json::{Value, json};

/// What each way posts, and the name under which it says it twice.
fn posting(user: &User, number: usize) -> Value {
    json!({
        "type": if number.is_multiple_of(3) { "income" } else { "expense" },
        "amount": format!("{number}.25"),
        "category": if number.is_multiple_of(2) { "Food" } else { "Travel" },
        "date": format!("2026-01-{number:02}"),
        "description": format!("way {number}"),
        "user_id": user.id,
    })
}

async fn played(topology: Topology, brokers: &Brokers) -> Outcome {
    let mut world = World::start(topology, &Conditions::with_brokers(brokers.settings())).await;
    let admin = world.admin().await;
    let payer = world.newcomer("payer", "client").await;
    let mut line = brokers.line(&world, &payer).await;
    for (number, way) in (1..).zip(Way::ALL) {
        let posting = posting(&payer, number);
        for _ in 0..2 {
            line.send(&mut world, &payer, way, &posting, Some(&format!("{way:?}")))
                .await;
        }
        // Posted one after the other, so that what is compared does not hang on which broker is faster.
        let count = number;
        within("the posting is there", async || {
            (listed(&world, &payer).await.len() == count).then_some(())
        })
        .await;
    }
    for wrong in [
        json!({ "type": "expense", "amount": -1, "user_id": payer.id }),
        json!({ "type": "expense", "amount": "1e400", "user_id": payer.id }),
        json!({ "type": "expense", "amount": 1, "user_id": payer.id, "category": "a\u{0}b" }),
        json!({ "type": "expense", "amount": 1, "user_id": payer.id, "currency": "XXQ" }),
        json!({ "type": "expense", "amount": 1, "user_id": payer.id, "date": "292277026-12-31" }),
    ] {
        for way in Way::ALL {
            let name = format!("wrong {way:?}");
            let field = line.refused(&mut world, &payer, way, &wrong, &name).await;
            let known = ["amount", "category", "currency", "date"];
            let is_named = field
                .as_deref()
                .is_none_or(|field| known.iter().any(|known| field.contains(known)));
            assert!(is_named, "{topology:?}: {way:?}: {wrong}: {field:?}");
        }
    }
    world.settle(&admin).await;
    let outcome = Outcome::of(&world, &admin, &payer).await;
    drop(line);
    world.stop().await;
    outcome
}

async fn listed(world: &World, payer: &User) -> Vec<Value> {
    let path = format!("/api/v1/transactions?limit=100&user_id={}", payer.id);
    let listed = world.unrecorded(&path, payer).await;
    listed.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_every_other_way_are_the_same_ledger_in_every_topology() {
    let brokers = Brokers::start().await;
    let monolith = played(Topology::Monolith, &brokers).await;
    let ways = Way::ALL.len();
    assert_eq!(monolith.transactions.len(), ways, "{monolith:#?}");
    assert_eq!(monolith.entries.len(), ways);
    // 1 to 9 and a quarter each: 3, 6 and 9 came in, the others went out.
    assert_eq!(monolith.report["total_income"].to_string(), "18.75");
    assert_eq!(monolith.report["total_expenses"].to_string(), "28.50");
    assert_eq!(
        monolith.metric("financial_transactions_total"),
        Some(Decimal::from(9)),
        "{monolith:#?}"
    );
    assert_eq!(
        monolith.metric("financial_transaction_amount_sum"),
        Some(Decimal::new(4725, 2))
    );
    for topology in [
        Topology::Split,
        Topology::HybridWithout("finance"),
        Topology::HybridWithout("auth"),
    ] {
        let other = played(topology, &brokers).await;
        other.assert_same(&monolith, topology);
    }
}

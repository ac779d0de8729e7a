use super::listed;
use crate::{
    deployment::Topology,
    message_brokers::within,
    world::{User, World},
};
use regex::Regex;
use rust_decimal::Decimal;
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap());

/// What stands in the ledger afterwards, what was said about it and what was counted; without ids, and in an order that
/// does not hang on them.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) transactions: Vec<String>,
    pub(super) entries: Vec<String>,
    pub(super) report: Value,
    accounts: Vec<String>,
    trial_balance: String,
    events: Vec<String>,
    metrics: BTreeMap<String, Decimal>,
}

impl Outcome {
    pub(super) async fn of(world: &World, admin: &User, payer: &User) -> Self {
        let listed = listed(world, payer).await;
        let mut entries = Vec::new();
        for transaction in &listed {
            let path = format!("/api/v1/ledger/entries/{}", transaction["id"].as_str().unwrap());
            let mut entry = world.unrecorded(&path, payer).await;
            if let Some(legs) = entry["legs"].as_array_mut() {
                legs.sort_by_key(bare);
            }
            entries.push(entry);
        }
        let accounts = world
            .unrecorded(&format!("/api/v1/accounts/{}", payer.id), payer)
            .await;
        let balance = world
            .unrecorded("/api/v1/ledger/statements/trial-balance", payer)
            .await;
        Self {
            metrics: counted(world, listed.len()).await,
            transactions: sorted(&listed),
            entries: sorted(&entries),
            report: world.unrecorded("/api/v1/financial-report", payer).await,
            accounts: sorted(accounts.as_array().unwrap()),
            trial_balance: bare(&balance),
            events: events(world, admin).await,
        }
    }

    /// The sum of a metric over its labels.
    pub(super) fn metric(&self, name: &str) -> Option<Decimal> {
        let lines = self.metrics.iter();
        let named = lines.filter(|(line, _)| line.split('{').next() == Some(name));
        named.map(|(_, value)| *value).reduce(|sum, value| sum + value)
    }

    pub(super) fn assert_same(&self, monolith: &Self, topology: Topology) {
        assert_eq!(self.transactions, monolith.transactions, "{topology:?}");
        assert_eq!(self.entries, monolith.entries, "{topology:?}");
        assert_eq!(bare(&self.report), bare(&monolith.report), "{topology:?}");
        assert_eq!(self.accounts, monolith.accounts, "{topology:?}");
        assert_eq!(self.trial_balance, monolith.trial_balance, "{topology:?}");
        assert_eq!(self.events, monolith.events, "{topology:?}");
        assert_eq!(self.metrics, monolith.metrics, "{topology:?}");
    }
}

/// The events of finance: what was said, about what, in whose name.
async fn events(world: &World, admin: &User) -> Vec<String> {
    let path = "/api/infrastructure/events?group=finance&limit=200";
    let events = world.unrecorded(path, admin).await;
    sorted(events.as_array().unwrap())
}

/// What the processes counted together: a posting is counted where it is made.
async fn counted(world: &World, postings: usize) -> BTreeMap<String, Decimal> {
    within("every posting is counted", async || {
        let mut sums = BTreeMap::new();
        for text in world.metrics().await {
            for line in text.lines().filter(|line| line.starts_with("financial_trans")) {
                let (name, value) = line.rsplit_once(' ').unwrap();
                *sums.entry(name.to_owned()).or_insert(Decimal::ZERO) += value.parse::<Decimal>().unwrap();
            }
        }
        (sums.get("financial_transactions_total") == Some(&Decimal::from(postings))).then_some(sums)
    })
    .await
}

fn sorted(values: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(bare).collect();
    texts.sort();
    texts
}

/// A value without what is another one each time: ids, places and times of making.
fn bare(value: &Value) -> String {
    let mut value = value.clone();
    strip(&mut value);
    ID.replace_all(&value.to_string(), "<id>").into_owned()
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in [
                "seq",
                "time",
                "created_at",
                "updated_at",
                "trace",
                "trace_id",
                "traceparent",
            ] {
                members.remove(name);
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

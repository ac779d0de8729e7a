use crate::{
    message_brokers::within,
    served::{Served, access},
};
use runtime::Settings;
use serde_json::{Value, json};

/// A served platform with somebody whose money moves.
pub(super) struct Scene {
    pub(super) served: Served,
    token: String,
    pub(super) user: String,
}

impl Scene {
    pub(super) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let served = Served::with(change).await;
        let login = served.newcomer("payer@example.com", "client").await;
        let token = access(&login).to_owned();
        let me = served.get("/api/auth/me", &token).await;
        let user = me.body["id"].as_str().unwrap().to_owned();
        Self { served, token, user }
    }

    /// The message of source 004, for this user.
    pub(super) fn message(&self, amount: u32) -> Value {
        json!({
            "command": "create_transaction",
            "params": { "type": "expense", "amount": amount, "user_id": self.user }
        })
    }

    /// The amounts that were posted, in order.
    pub(super) async fn amounts(&self) -> Vec<u64> {
        let mut amounts = Vec::new();
        let mut path = "/api/v1/transactions?limit=100&sort=amount&account_id=".to_owned();
        let accounts = self
            .served
            .get(&format!("/api/v1/accounts/{}", self.user), &self.token)
            .await;
        let Some(account) = accounts.body.get(0).and_then(|account| account["id"].as_str()) else {
            return amounts;
        };
        path += account;
        let listed = self.served.get(&path, &self.token).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        for transaction in listed.body.as_array().unwrap() {
            let amount = transaction["amount"].to_string();
            amounts.push(amount.split('.').next().unwrap().parse().unwrap());
        }
        amounts
    }

    /// Waits until exactly these amounts are posted, and looks once more that it stays so.
    pub(super) async fn posted(&self, expected: &[u64]) {
        within("the transactions are posted", async || {
            let amounts = self.amounts().await;
            assert!(amounts.len() <= expected.len(), "too many: {amounts:?}");
            (amounts == expected).then_some(())
        })
        .await;
    }

    /// What the process says is missing.
    pub(super) async fn degraded(&self) -> Value {
        self.served.get("/ready", "").await.body["degraded"].clone()
    }

    /// The value of a metric with these labels in its line.
    pub(super) async fn metric(&self, name: &str, labels: &[&str]) -> u64 {
        let metrics = self.served.get("/metrics", "").await.text;
        let line = metrics
            .lines()
            .find(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
            .unwrap_or(0)
    }
}

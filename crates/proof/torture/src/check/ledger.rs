use super::Figures;
use crate::{error::Error, load::Client};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;

/// After every day on which a clock that jumps may have posted.
const TRIAL_BALANCE: &str = "/api/v1/ledger/statements/trial-balance?as_of=2099-12-31";

/// A transaction as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) account: String,
    /// Below zero goes out.
    pub(crate) amount: Decimal,
    pub(crate) imported: bool,
}

/// An account as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) balance: Decimal,
}

/// What one client owns.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) transactions: Vec<Found>,
    pub(crate) accounts: Vec<Account>,
    /// What lies on each account of the trial balance: debits less credits.
    pub(crate) trial: BTreeMap<String, Decimal>,
}

/// Asks for everything that a client owns.
pub(crate) async fn read(client: &mut Client) -> Result<Ledger, Error> {
    let failed = |error: String| Error::at("read a ledger", error);
    let (api, session) = client.fresh().await.map_err(failed)?;
    let transactions = api
        .list("/api/v1/transactions?limit=200", &session.token)
        .await
        .map_err(failed)?;
    let accounts = api
        .list(
            &format!("/api/v1/accounts/{}?limit=200", session.user),
            &session.token,
        )
        .await
        .map_err(failed)?;
    let trial = api.get(TRIAL_BALANCE, &session.token).await.map_err(failed)?;
    let mut ledger = Ledger::default();
    for row in trial.json()["rows"].as_array().into_iter().flatten() {
        let lies = decimal(&row["debit"])? - decimal(&row["credit"])?;
        ledger.trial.insert(text(&row["account"]), lies);
    }
    for transaction in &transactions {
        let amount = decimal(&transaction["amount"])?;
        ledger.transactions.push(Found {
            id: text(&transaction["id"]),
            key: text(&transaction["description"]),
            account: text(&transaction["account_id"]),
            amount: if transaction["type"] == "expense" {
                -amount
            } else {
                amount
            },
            imported: !transaction["import_id"].is_null(),
        });
    }
    for account in &accounts {
        ledger.accounts.push(Account {
            id: text(&account["id"]),
            name: text(&account["name"]),
            version: account["version"].as_u64().unwrap_or_default(),
            balance: decimal(&account["balance"])?,
        });
    }
    Ok(ledger)
}

impl Ledger {
    /// Each account's balance must be the sum of its transactions, and the trial balance must say the same and nothing in all.
    pub(crate) fn add_up(&self, figures: &mut Figures) {
        let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
        for transaction in &self.transactions {
            *sums.entry(&transaction.account).or_default() += transaction.amount;
        }
        for account in &self.accounts {
            let sum = sums.remove(account.id.as_str()).unwrap_or_default();
            if sum != account.balance {
                figures.imbalance.push(format!(
                    "account {} shows {}, its transactions add up to {sum}",
                    account.id, account.balance
                ));
            }
            let tried = self.trial.get(&format!("money:{}", account.id));
            let tried = tried.copied().unwrap_or_default();
            if sum != tried {
                figures.imbalance.push(format!(
                    "the trial balance shows {tried} on account {}, its transactions add up to {sum}",
                    account.id
                ));
            }
        }
        let all: Decimal = self.trial.values().sum();
        if !all.is_zero() {
            figures
                .imbalance
                .push(format!("the trial balance is out by {all}"));
        }
        for (account, sum) in sums {
            figures.imbalance.push(format!(
                "transactions of {sum} lie on account {account}, which is not there"
            ));
        }
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A number or a text, to its last digit.
pub(crate) fn decimal(value: &Value) -> Result<Decimal, Error> {
    let digits = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    digits
        .parse()
        .map_err(|error| Error::at(format!("read the amount {digits}"), error))
}

use crate::{Platform, PlatformError, PlatformParts};
use auth_contract::NewInvitedUser;
use chrono::NaiveDate;
use finance_contract::{NewTransaction, TransactionKind};
use kernel::{Amount, CallContext, Currency, IdempotencyKey, Money, Role, TenantId, UserId};
use runtime::Settings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The platform embedded in another program, without a server: the direct integration of source 004.
///
/// Construct once, [`System::start_system`]; use [`System::process_command`] throughout; [`System::stop_system`].
pub struct System {
    platform: Platform,
    user: UserId,
    currency: Currency,
}

/// What a command answered: one of the two is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandResult {
    /// What it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The parameters of `create_transaction`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateTransaction {
    #[serde(rename = "type")]
    kind: TransactionKind,
    amount: Amount,
    description: Option<String>,
    currency: Option<Currency>,
    category: Option<String>,
    date: Option<NaiveDate>,
    account_id: Option<Uuid>,
    user_id: Option<UserId>,
    idempotency_key: Option<String>,
}

impl System {
    /// Starts the system on the stores that the settings name. Transactions without a user belong to the system's own
    /// service user, which is made at the first start.
    pub async fn start_system(settings: Settings) -> Result<Self, PlatformError> {
        let currency = settings.regional.currency;
        let platform = Platform::assemble(PlatformParts::of_process(settings)).await?;
        platform.start();
        let refused = |error: &dyn std::fmt::Display| PlatformError::Command(error.to_string());
        let key = IdempotencyKey::parse("embedded-system").map_err(|error| refused(&error))?;
        let cx = CallContext::system("system", TenantId::DEFAULT, platform.sources().ids());
        let user = NewInvitedUser {
            name: "Embedded system".to_owned(),
            role: Role::Service,
        };
        let user = platform
            .handles()
            .users
            .invite(&cx, key, user)
            .await
            .map_err(|error| refused(&error))?
            .id;
        Ok(Self {
            platform,
            user,
            currency,
        })
    }

    /// Runs one command: `create_transaction`. What is wrong with it is an answer, not a failure of the program.
    pub async fn process_command(&self, command: &str, params: Value) -> CommandResult {
        let outcome = match command {
            "create_transaction" => self.create_transaction(params).await,
            other => Err(format!("there is no command '{other}': use create_transaction")),
        };
        match outcome {
            Ok(result) => CommandResult {
                result: Some(result),
                error: None,
            },
            Err(error) => CommandResult {
                result: None,
                error: Some(error),
            },
        }
    }

    /// How the system is: `{"system_status": "operational" | "degraded", "groups": {…}}`.
    pub async fn get_system_status(&self) -> Value {
        let states = self.platform.states().await;
        let word = |operational: bool| if operational { "operational" } else { "degraded" };
        let groups: serde_json::Map<String, Value> = states
            .iter()
            .map(|(name, operational)| ((*name).to_owned(), word(*operational).into()))
            .collect();
        json!({ "system_status": word(states.iter().all(|(_, operational)| *operational)), "groups": groups })
    }

    /// Finishes what runs and closes the stores.
    pub async fn stop_system(self) {
        self.platform.stop().await;
    }

    async fn create_transaction(&self, params: Value) -> Result<Value, String> {
        let params: CreateTransaction = serde_json::from_value(params).map_err(|error| error.to_string())?;
        let amount = Money::new(params.amount.0, params.currency.unwrap_or(self.currency))
            .map_err(|error| format!("amount {error}"))?;
        let ids = self.platform.sources().ids();
        let key = match &params.idempotency_key {
            Some(text) => IdempotencyKey::parse(text).map_err(|error| error.to_string())?,
            None => IdempotencyKey::fresh(ids),
        };
        let transaction = NewTransaction {
            user_id: Some(params.user_id.unwrap_or(self.user)),
            account_id: params.account_id,
            to_account_id: None,
            received: None,
            kind: params.kind,
            amount,
            description: params.description,
            category: params.category,
            date: params.date,
        };
        let cx = CallContext::system("system", TenantId::DEFAULT, ids);
        let posted = self
            .platform
            .handles()
            .ledger
            .create_transaction(&cx, key, transaction)
            .await;
        serde_json::to_value(posted.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }
}

use super::ServiceAccount;
use crate::{
    error::Error,
    transactions::{Posting, TransactionCreateRequest, TransactionCreateResponse, TransactionsService},
};
use finance_contract::{Commands, FinanceError};
use kernel::{CallContext, CallError, Command, CommandOutcome, IdempotencyKey, Principal};
use serde::Serialize;
use std::{future::ready, pin::Pin, sync::Arc};

/// A command on its way.
pub(crate) type Carried<'a> = Pin<Box<dyn Future<Output = Result<CommandOutcome, Error>> + Send + 'a>>;

/// Every command that there is.
const KNOWN: &str = "create_transaction or financial_report";

/// Carries out commands: each is one call of the service that a route would call.
pub(crate) struct CommandsService {
    transactions: Arc<TransactionsService>,
    account: ServiceAccount,
}

impl CommandsService {
    pub(crate) fn new(transactions: Arc<TransactionsService>, account: ServiceAccount) -> Self {
        Self {
            transactions,
            account,
        }
    }

    /// Carries a command out, once for each key. (A future with a name: the compiler cannot tell otherwise that it may move
    /// between threads.)
    pub(crate) fn run<'a>(
        &'a self,
        cx: &'a CallContext,
        key: &'a IdempotencyKey,
        command: &'a Command,
    ) -> Carried<'a> {
        match command.command.as_str() {
            "create_transaction" => Box::pin(self.create_transaction(cx, key, command)),
            "financial_report" => Box::pin(ready(Err(Error::invalid(
                "command",
                "answers with a report, which has no way back from here: ask over HTTP",
            )))),
            other => Box::pin(ready(Err(unknown(other)))),
        }
    }

    async fn create_transaction<'a>(
        &'a self,
        cx: &'a CallContext,
        key: &'a IdempotencyKey,
        command: &'a Command,
    ) -> Result<CommandOutcome, Error> {
        let request: TransactionCreateRequest = crate::params::read(&command.params)?;
        let mut posting = Posting::from(request);
        if posting.user_id.is_none() && posting.account_id.is_none() && is_platform(cx) {
            posting.user_id = Some(self.account.of_firm(cx).await?);
        }
        let posted = self.transactions.create(cx, key, posting).await;
        outcome(&TransactionCreateResponse::of(posted.map_err(below_params)?))
    }
}

#[rpc::async_trait]
impl Commands for CommandsService {
    async fn run(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        command: Command,
    ) -> Result<CommandOutcome, FinanceError> {
        Ok(CommandsService::run(self, cx, &key, &command).await?)
    }
}

fn is_platform(cx: &CallContext) -> bool {
    matches!(cx.principal, Principal::System { .. })
}

pub(crate) fn outcome(made: &impl Serialize) -> Result<CommandOutcome, Error> {
    let data = serde_json::to_value(made).map_err(CallError::internal)?;
    Ok(CommandOutcome { data })
}

fn unknown(name: &str) -> Error {
    let shown: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(60)
        .collect();
    Error::invalid("command", format!("there is no command '{shown}': use {KNOWN}"))
}

/// What is wrong with a value stands where the value was sent.
pub(crate) fn below_params(error: Error) -> Error {
    match error {
        Error::Call(CallError::Invalid { mut details }) => {
            for detail in &mut details {
                detail.field = format!("params.{}", detail.field);
            }
            CallError::Invalid { details }.into()
        }
        other => other,
    }
}

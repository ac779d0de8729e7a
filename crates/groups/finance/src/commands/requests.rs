use kernel::{CallError, Command, IdempotencyKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A command.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct CommandRequest {
    /// What is to be done: `create_transaction` or `financial_report`.
    #[schema(pattern = "^(create_transaction|financial_report)$")]
    command: String,
    /// What it needs: what the route of the same name takes.
    #[serde(default)]
    #[schema(value_type = Object)]
    params: Option<Map<String, Value>>,
    /// Names the intention, as the header `Idempotency-Key` does.
    #[schema(pattern = "^[ -~]{1,200}$")]
    id: Option<String>,
}

impl CommandRequest {
    /// The command, and its id under the name that a client knows.
    pub(crate) fn command(self) -> Result<Command, CallError> {
        let id = self.id.map(|text| IdempotencyKey::parse(&text)).transpose();
        Ok(Command {
            command: self.command,
            params: self.params.unwrap_or_default(),
            id: id.map_err(|_| CallError::invalid("id", "must be 1 to 200 printable ASCII characters"))?,
        })
    }
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CommandResponse {
    /// `success`.
    #[schema(pattern = "^success$")]
    pub(crate) status: String,
    /// What it made or found.
    #[schema(value_type = Object)]
    pub(crate) data: Value,
}

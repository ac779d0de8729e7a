use crate::access::Owner;
use kernel::{AdvisorId, ClientId, Currency, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountKind {
    /// For everyday payments.
    Checking,
    /// Put aside.
    Savings,
    /// A card that is paid off.
    CreditCard,
    /// Coins and notes.
    Cash,
    /// Borrowed.
    Loan,
    /// Securities and funds.
    Investment,
    /// Anything else.
    Other,
}

/// An account as it is stored. Its balance is not here: see [`crate::balances`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) name: String,
    pub(crate) kind: AccountKind,
    pub(crate) currency: Currency,
}

impl AccountRecord {
    pub(crate) fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }
}

use crate::{access::Owner, stamps::Stamped};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;
use wealth_contract::{FundingKind, FundingState};

/// A step that a funding took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FundingStep {
    /// What it became.
    pub(crate) state: FundingState,
    /// When, UTC.
    pub(crate) at: DateTime<Utc>,
    /// Who took it, as in `user:0190…`.
    pub(crate) by: String,
    /// Why, in codes: `requested_by_owner`, `above_limit` and `no_rate` say why it must be approved; `below_limit` that it need
    /// not be.
    pub(crate) reasons: Vec<String>,
}

static FUNDING: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("funding", Scoping::Client)
        .personal_text(&["payee"])
        .field("portfolio_id", FieldKind::Uuid)
        .field("state", FieldKind::Text)
        .serves(&["portfolio_id"], &["created_at"])
        .serves(&["state"], &["created_at"])
});

/// A funding as it is stored: what follows from its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FundingRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) kind: FundingKind,
    pub(crate) amount: Decimal,
    pub(crate) currency: Currency,
    /// To whom a payout goes.
    pub(crate) payee: Option<String>,
    pub(crate) state: FundingState,
    /// The day on which the money moved, or is expected to.
    pub(crate) date: NaiveDate,
    /// The user who asked for it; none when a service did.
    pub(crate) requested_by: Option<UserId>,
    /// Whether somebody else must agree before the money moves.
    pub(crate) needs_approval: bool,
    /// The entry that it made in the portfolio.
    pub(crate) entry_id: Option<Uuid>,
    pub(crate) steps: Vec<FundingStep>,
}

impl FundingRecord {
    /// Whether money was set aside for it that is still there.
    pub(crate) fn is_reserved(&self) -> bool {
        self.kind != FundingKind::Deposit
            && matches!(self.state, FundingState::Requested | FundingState::Approved)
    }

    /// Whether the money may still move.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, FundingState::Requested | FundingState::Approved)
    }

    /// Whether this state may follow: the one table of it.
    pub(crate) fn may_become(&self, next: FundingState) -> bool {
        use FundingState::{Approved, Cancelled, Failed, Requested, Settled};
        match self.state {
            Requested if next == Settled => !self.needs_approval,
            Requested => matches!(next, Approved | Failed | Cancelled),
            Approved => matches!(next, Settled | Failed | Cancelled),
            Settled | Failed | Cancelled => false,
        }
    }
}

impl Stamped for FundingRecord {
    fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

impl Document for FundingRecord {
    fn collection() -> &'static Collection {
        &FUNDING
    }
}

use super::ratio::Ratio;
use crate::{access::Owner, entries::Lot, jurisdiction::Jurisdiction, market::SplitFactor, stamps::Stamped};
use chrono::NaiveDate;
use kernel::{AdvisorId, ClientId, Currency, TenantId, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a company does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionKind {
    /// `ratio` new shares in the place of old ones: more of them.
    Split,
    /// The same: fewer of them.
    ReverseSplit,
    /// `amount` for each share; with a `ratio` the owner may choose new shares instead.
    CashDividend,
    /// `ratio` new shares for old ones, which stay; with an `amount` the owner may choose cash instead.
    StockDividend,
    /// `ratio` new shares for old ones, which stay.
    Bonus,
    /// `ratio` rights for shares, each to buy one share at `subscription_price`.
    Rights,
    /// `ratio` shares of `new_symbol` for shares, which stay.
    SpinOff,
    /// `ratio` shares of `new_symbol`, an `amount` of cash, or both in the place of each share.
    Merger,
    /// The same shares under the name of `new_symbol`.
    SymbolChange,
}

impl ActionKind {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ActionKind::Split => "split",
            ActionKind::ReverseSplit => "reverse_split",
            ActionKind::CashDividend => "cash_dividend",
            ActionKind::StockDividend => "stock_dividend",
            ActionKind::Bonus => "bonus",
            ActionKind::Rights => "rights",
            ActionKind::SpinOff => "spin_off",
            ActionKind::Merger => "merger",
            ActionKind::SymbolChange => "symbol_change",
        }
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionState {
    /// Recorded: it will happen, or has happened and is not applied.
    Announced,
    /// Portfolio after portfolio.
    Applying,
    /// To all portfolios.
    Applied,
    /// It is taken back, portfolio after portfolio.
    Undoing,
    /// It was taken back from all portfolios.
    Undone,
    /// It will not happen.
    Cancelled,
}

impl ActionState {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ActionState::Announced => "announced",
            ActionState::Applying => "applying",
            ActionState::Applied => "applied",
            ActionState::Undoing => "undoing",
            ActionState::Undone => "undone",
            ActionState::Cancelled => "cancelled",
        }
    }
}

static ACTIONS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("corporate_actions", Scoping::Tenant)
        .field("symbol", FieldKind::Text)
        .field("kind", FieldKind::Text)
        .field("state", FieldKind::Text)
        .field("ex_date", FieldKind::Time)
        .unlisted()
        .within_firms()
        .serves(&[], &["ex_date"])
        .serves(&["symbol"], &["ex_date"])
        .serves(&["kind"], &["ex_date"])
        .serves(&["state"], &["ex_date"])
        .serves(&["symbol", "kind"], &["ex_date"])
        .serves(&["symbol", "state"], &["ex_date"])
        .serves(&["kind", "state"], &["ex_date"])
        .serves(&["symbol", "kind", "state"], &["ex_date"])
});

/// A corporate action as it is stored. It is of the firm, as instruments are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CorporateAction {
    pub(crate) kind: ActionKind,
    pub(crate) symbol: String,
    /// Who held it at the end of the day before is entitled.
    pub(crate) ex_date: NaiveDate,
    pub(crate) record_date: Option<NaiveDate>,
    /// When cash is paid; the ex-date when there is none.
    pub(crate) pay_date: Option<NaiveDate>,
    pub(crate) election_by: Option<NaiveDate>,
    pub(crate) ratio: Option<Ratio>,
    /// For each share.
    pub(crate) amount: Option<Decimal>,
    /// Of all its amounts.
    pub(crate) currency: Currency,
    pub(crate) new_symbol: Option<String>,
    pub(crate) cost_share: Option<Decimal>,
    pub(crate) cash_in_lieu_price: Option<Decimal>,
    pub(crate) subscription_price: Option<Decimal>,
    pub(crate) rights_price: Option<Decimal>,
    pub(crate) fair_value_share: Option<Decimal>,
    pub(crate) fair_value_right: Option<Decimal>,
    pub(crate) fair_value_new: Option<Decimal>,
    pub(crate) jurisdiction: Jurisdiction,
    pub(crate) state: ActionState,
}

impl CorporateAction {
    /// The day on which it enters portfolios.
    pub(crate) fn effective(&self) -> NaiveDate {
        match self.kind {
            ActionKind::CashDividend | ActionKind::Rights => self.pay_date.unwrap_or(self.ex_date),
            _ => self.ex_date,
        }
    }

    /// Whether it leaves the number of shares and their cost as they are.
    pub(crate) fn pays_only(&self) -> bool {
        self.kind == ActionKind::CashDividend && self.ratio.is_none()
    }

    /// What it does to the price of one.
    pub(crate) fn split(&self, id: Uuid) -> Option<SplitFactor> {
        let ratio = self.ratio?;
        let new = match self.kind {
            ActionKind::Split | ActionKind::ReverseSplit => ratio.new,
            ActionKind::Bonus => ratio.new + ratio.old,
            ActionKind::StockDividend if self.amount.is_none() => ratio.new + ratio.old,
            _ => return None,
        };
        Some(SplitFactor {
            action_id: id,
            ex_date: self.ex_date,
            new,
            old: ratio.old,
        })
    }
}

impl Document for CorporateAction {
    fn collection() -> &'static Collection {
        &ACTIONS
    }
}

/// What an owner chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    /// Of a dividend: the money.
    Cash,
    /// Of a dividend: new shares.
    Stock,
    /// Of rights: to buy.
    Subscribe,
    /// Of rights: to sell them at `rights_price`.
    Sell,
    /// Of rights: to do nothing.
    Lapse,
}

/// What an owner chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Election {
    pub(crate) choice: Choice,
    /// For how many rights; for all when there is none.
    pub(crate) quantity: Option<Decimal>,
}

/// How a portfolio stands to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParticipationState {
    /// Its owner chose, and nothing happened yet.
    Elected,
    /// The action was entered in it.
    Applied,
    /// It was not, and `reason` says why.
    Skipped,
    /// It was entered and taken back.
    Undone,
}

/// The lots of an instrument that an action changed: those that went, and those that stand in their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LotChange {
    /// Of what.
    pub(crate) symbol: String,
    /// What was held.
    pub(crate) before: Vec<Lot>,
    /// What is held instead.
    pub(crate) after: Vec<Lot>,
    /// The gain that was realised; below zero for a loss.
    #[schema(value_type = String)]
    pub(crate) realised: Decimal,
}

/// What an action does to one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountOutcome {
    /// On which.
    pub(crate) account_id: Uuid,
    /// How many were held at the end of the day before the ex-date.
    #[schema(value_type = String)]
    pub(crate) entitled: Decimal,
    /// What the cash of the account changes by, in its currency.
    #[schema(value_type = String)]
    pub(crate) cash: Decimal,
    /// The part of it that is paid in the place of fractions.
    #[schema(value_type = String)]
    pub(crate) cash_in_lieu: Decimal,
    /// Which lots.
    pub(crate) changes: Vec<LotChange>,
}

static PARTICIPATIONS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("corporate_action_participations", Scoping::Client)
        .field("action_id", FieldKind::Uuid)
        .field("portfolio_id", FieldKind::Uuid)
        .serves(&["action_id"], &["created_at"])
        .serves(&["portfolio_id"], &["created_at"])
});

/// How a portfolio takes part in an action. There is one for each pair: whoever applies an action makes it in the commit
/// of its entries, so that nobody can do that a second time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Participation {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) action_id: Uuid,
    pub(crate) portfolio_id: Uuid,
    pub(crate) state: ParticipationState,
    pub(crate) election: Option<Election>,
    pub(crate) accounts: Vec<AccountOutcome>,
    pub(crate) reason: Option<String>,
}

impl Stamped for Participation {
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

impl Document for Participation {
    fn collection() -> &'static Collection {
        &PARTICIPATIONS
    }
}

/// The id of a participation: there is one for each action and portfolio.
pub(crate) fn participation_id(tenant: TenantId, action: Uuid, portfolio: Uuid) -> Uuid {
    let name = format!("participation\u{0}{tenant}\u{0}{action}\u{0}{portfolio}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

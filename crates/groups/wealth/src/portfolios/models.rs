use crate::{
    access::Owner,
    entries::{AccountState, PositionState},
    stamps::Stamped,
};
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What targets speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TargetBy {
    /// Single instruments.
    #[default]
    Symbol,
    /// Classes of assets.
    Class,
    /// Sectors.
    Sector,
}

/// How much of a portfolio something should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// Of what: a symbol, a class or a sector; `cash` for cash.
    pub(crate) key: String,
    /// The part of the portfolio, 0 to 1.
    pub(crate) weight: Decimal,
    /// How far it may be away on either side before it is told as drifted.
    pub(crate) band: Decimal,
}

static PORTFOLIOS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("portfolios", Scoping::Client)
        .personal_text(&["name"])
        .field("name", FieldKind::Text)
        .field("value", FieldKind::Decimal)
        .serves(&[], &["name", "value"])
        .serves(&["user_id"], &["created_at"])
});

/// A portfolio as it is stored: with the sums of its lots, so that a list of many reads nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PortfolioRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) name: String,
    pub(crate) currency: Currency,
    pub(crate) accounts: Vec<AccountState>,
    pub(crate) positions: Vec<PositionState>,
    pub(crate) targets_by: TargetBy,
    pub(crate) targets: Vec<Target>,
    /// How many entries were made.
    pub(crate) entries: u64,
    /// What it was worth when something was last entered.
    pub(crate) value: Decimal,
    pub(crate) valued_completely: bool,
}

impl PortfolioRecord {
    /// The currencies in which something is counted: its own first.
    pub(crate) fn currencies(&self) -> Vec<Currency> {
        let mut currencies = vec![self.currency];
        for account in &self.accounts {
            if !currencies.contains(&account.currency) {
                currencies.push(account.currency);
            }
        }
        currencies
    }

    /// Sets money of an account aside.
    pub(crate) fn reserve(&mut self, account: Uuid, amount: Decimal) {
        if let Some(account) = self.accounts.iter_mut().find(|one| one.id == account) {
            account.reserved += amount;
        }
    }

    /// Lets money go that was set aside on an account.
    pub(crate) fn release(&mut self, account: Uuid, amount: Decimal) {
        if let Some(account) = self.accounts.iter_mut().find(|one| one.id == account) {
            account.reserved -= amount;
        }
    }

    /// Replaces a position; one of nothing, on which nothing was realised, is not kept.
    pub(crate) fn put(&mut self, position: PositionState) {
        let same =
            |one: &PositionState| one.account_id == position.account_id && one.symbol == position.symbol;
        self.positions.retain(|one| !same(one));
        if !position.quantity.is_zero() || !position.realised.is_zero() {
            self.positions.push(position);
            self.positions
                .sort_by(|a, b| (&a.symbol, a.account_id).cmp(&(&b.symbol, b.account_id)));
        }
    }
}

impl Stamped for PortfolioRecord {
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

impl Document for PortfolioRecord {
    fn collection() -> &'static Collection {
        &PORTFOLIOS
    }
}

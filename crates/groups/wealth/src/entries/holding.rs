use super::models::{Leg, Lot};
use kernel::UserId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

static HOLDINGS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("holdings", Scoping::Owner)
        .field("portfolio_id", FieldKind::Uuid)
        .field("symbol", FieldKind::Text)
        .unlisted()
        .within_firms()
        .belongs_to("portfolio_id")
        .serves(&["portfolio_id"], &["symbol"])
        .serves(&["symbol"], &["id"])
});

/// The lots of one instrument in one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holding {
    pub(crate) user_id: UserId,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    pub(crate) lots: Vec<Lot>,
    /// All gains that were realised so far.
    pub(crate) realised: Decimal,
}

impl Document for Holding {
    fn collection() -> &'static Collection {
        &HOLDINGS
    }
}

impl Holding {
    pub(crate) fn quantity(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.quantity).sum()
    }

    pub(crate) fn cost(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.cost).sum()
    }

    /// Does what a leg says; refused when a lot is not there or too small, which nothing that was decided from this very
    /// holding can be.
    pub(crate) fn apply(&mut self, leg: &Leg) -> Result<(), &'static str> {
        for taken in &leg.taken {
            let lot = self.lots.iter_mut().find(|lot| lot.id == taken.lot_id);
            let lot = lot.ok_or("a lot that was taken is not there")?;
            if lot.quantity < taken.quantity {
                return Err("more was taken from a lot than it holds");
            }
            lot.quantity -= taken.quantity;
            lot.cost = taken.cost_left;
        }
        for (id, cost) in &leg.revalued {
            if let Some(lot) = self.lots.iter_mut().find(|lot| lot.id == *id) {
                lot.cost = *cost;
            }
        }
        self.lots.retain(|lot| !lot.quantity.is_zero());
        self.lots.extend(leg.made.iter().cloned());
        self.lots.sort_by_key(|lot| (lot.acquired, lot.id));
        self.realised += leg.realised;
        Ok(())
    }
}

/// The id of a holding: there is one for each account and symbol.
pub(crate) fn holding_id(account: Uuid, symbol: &str) -> Uuid {
    let name = format!("holding\u{0}{account}\u{0}{symbol}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

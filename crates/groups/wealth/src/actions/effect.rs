//! What an action does to one account: legs and cash. Nothing here reads or writes.

use super::{
    exchange,
    models::{ActionKind, Choice, CorporateAction, Election},
};
use crate::{
    entries::{AccountState, Holding, Leg, Lot, LotMove, Proceeds, SaleRule, rounded, sell},
    error::Error,
    jurisdiction::BonusShares,
};
use calculator::split;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An account as an action finds it.
pub(super) struct Held<'a> {
    pub(super) id: Uuid,
    pub(super) action: &'a CorporateAction,
    pub(super) account: &'a AccountState,
    /// The lots at the end of the day before the ex-date.
    pub(super) then: &'a Holding,
    /// The lots of today, by symbol.
    pub(super) now: &'a BTreeMap<String, Holding>,
    /// What a unit of the action's currency is worth in the account's, on the day on which it is paid.
    pub(super) rate: Option<Decimal>,
    pub(super) election: Option<&'a Election>,
    /// For how many rights the election still speaks; for all when there is none.
    pub(super) left: Option<Decimal>,
}

/// What comes of it.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub(super) legs: Vec<Leg>,
    pub(super) cash: Decimal,
    pub(super) cash_in_lieu: Decimal,
    /// How many rights were used by the election.
    pub(super) used: Decimal,
}

/// What an action does to an account; refused with the reason where it does nothing.
pub(super) fn effect(held: &Held<'_>) -> Result<Effect, Error> {
    if held.then.quantity() <= Decimal::ZERO {
        return Err(not_entitled(format!(
            "nothing of {} was held on it at the end of the day before {}",
            held.action.symbol, held.action.ex_date
        )));
    }
    let action = held.action;
    match (action.kind, held.choice()) {
        (ActionKind::Split | ActionKind::ReverseSplit, _) => {
            let ratio = held.ratio()?;
            exchange::same(held, ratio)
        }
        (ActionKind::Bonus, _) => held.bonus(),
        (ActionKind::CashDividend | ActionKind::StockDividend, Choice::Cash) => held.dividend(),
        (ActionKind::CashDividend, _) => held.reinvested(),
        (ActionKind::StockDividend, _) if action.amount.is_some() => held.reinvested(),
        (ActionKind::StockDividend, _) => held.bonus(),
        (ActionKind::Rights, choice) => exchange::rights(held, choice),
        (ActionKind::SpinOff, _) => exchange::spin_off(held),
        (ActionKind::Merger, _) => exchange::merger(held),
        (ActionKind::SymbolChange, _) => exchange::renamed(held, (Decimal::ONE, Decimal::ONE)),
    }
}

impl Held<'_> {
    /// What the owner chose, or what happens to those who choose nothing.
    fn choice(&self) -> Choice {
        let silent = match self.action.kind {
            ActionKind::CashDividend => Choice::Cash,
            ActionKind::StockDividend => Choice::Stock,
            _ => Choice::Lapse,
        };
        self.election.map_or(silent, |election| election.choice)
    }

    pub(super) fn ratio(&self) -> Result<(Decimal, Decimal), Error> {
        let ratio = self.action.ratio.map(|ratio| (ratio.new, ratio.old));
        ratio.ok_or_else(|| kernel::CallError::internal("an action has no ratio").into())
    }

    /// The lots of today of the action's own instrument.
    pub(super) fn lots(&self) -> &[Lot] {
        self.now
            .get(&self.action.symbol)
            .map_or(&[], |holding| holding.lots.as_slice())
    }

    /// The quantity and cost that a lot has today: nothing when it is gone.
    pub(super) fn today(&self, lot: Uuid) -> (Decimal, Decimal) {
        let lot = self.lots().iter().find(|one| one.id == lot);
        lot.map_or((Decimal::ZERO, Decimal::ZERO), |lot| (lot.quantity, lot.cost))
    }

    pub(super) fn money(&self, amount: Decimal) -> Result<Decimal, Error> {
        rounded(amount, self.account.currency)
    }

    /// An amount of the action in the account's currency.
    pub(super) fn converted(&self, amount: Decimal) -> Result<Decimal, Error> {
        let rate = self.rate.ok_or_else(|| {
            skipped(format!(
                "there is no rate of {} in {} on {}: keep a quote of {0}{1}, then apply it again",
                self.action.currency,
                self.account.currency,
                self.action.effective()
            ))
        })?;
        amount.checked_mul(rate).ok_or_else(too_large)
    }

    pub(super) fn lot_id(&self, of: &str) -> Uuid {
        made_lot_id(self.id, self.account.id, of)
    }

    /// Cash for each share that was held: no lot changes.
    fn dividend(&self) -> Result<Effect, Error> {
        let cash = self.dividend_of(self.then.quantity())?;
        Ok(Effect {
            legs: vec![leg(&self.action.symbol)],
            cash,
            ..Effect::default()
        })
    }

    fn dividend_of(&self, quantity: Decimal) -> Result<Decimal, Error> {
        let amount = self.action.amount.unwrap_or_default();
        let gross = quantity.checked_mul(amount).ok_or_else(too_large)?;
        self.money(self.converted(gross)?)
    }

    /// A dividend that is taken in shares: they cost what was not paid out.
    fn reinvested(&self) -> Result<Effect, Error> {
        let quantity = times(self.then.quantity(), self.ratio()?)?;
        let cost = self.dividend_of(self.then.quantity())?;
        self.with_new(quantity, cost)
    }

    /// New shares beside the old ones: at no cost, or at a part of the old cost, as the jurisdiction says.
    fn bonus(&self) -> Result<Effect, Error> {
        let (new, old) = self.ratio()?;
        match self.action.jurisdiction.rules()?.bonus_shares {
            BonusShares::SpreadCost => exchange::same(self, (new + old, old)),
            BonusShares::NoCost => self.with_new(times(self.then.quantity(), (new, old))?, Decimal::ZERO),
        }
    }

    fn with_new(&self, quantity: Decimal, cost: Decimal) -> Result<Effect, Error> {
        let lot = Lot {
            id: self.lot_id("new"),
            acquired: self.action.ex_date,
            quantity,
            cost,
        };
        let mut effect = Effect {
            legs: vec![Leg::of_new(&self.action.symbol, lot)],
            ..Effect::default()
        };
        self.pay_fraction(&mut effect, &self.action.symbol, quantity)?;
        Ok(effect)
    }

    /// Pays out what is beyond whole shares of `made`, where the action says at which price: a sale of the fraction by the
    /// account's own method.
    pub(super) fn pay_fraction(&self, effect: &mut Effect, symbol: &str, made: Decimal) -> Result<(), Error> {
        let Some(price) = self.action.cash_in_lieu_price else {
            return Ok(());
        };
        let fraction = made.fract();
        let mut holding = self.holding(symbol);
        for leg in effect.legs.iter().filter(|leg| leg.symbol == symbol) {
            let applied = holding.apply(leg);
            applied.map_err(|cause| Error::from(kernel::CallError::internal(cause)))?;
        }
        if fraction.is_zero() || holding.quantity() < fraction {
            return Ok(());
        }
        let proceeds = self.converted(fraction.checked_mul(price).ok_or_else(too_large)?)?;
        let proceeds = self.money(proceeds)?;
        let rule = SaleRule::By(self.account.method.into());
        let day = self.action.effective();
        let sale = sell(&holding, &rule, day, fraction, proceeds, self.account.currency)?;
        effect.cash += proceeds;
        effect.cash_in_lieu += proceeds;
        effect.legs.push(sale);
        Ok(())
    }

    fn holding(&self, symbol: &str) -> Holding {
        let empty = || Holding {
            symbol: symbol.to_owned(),
            lots: Vec::new(),
            realised: Decimal::ZERO,
            ..self.then.clone()
        };
        self.now.get(symbol).cloned().unwrap_or_else(empty)
    }
}

/// The id of the lot that an action makes of another one: always the same, so that doing it again makes the same.
pub(crate) fn made_lot_id(action: Uuid, account: Uuid, of: &str) -> Uuid {
    let name = format!("lot\u{0}{action}\u{0}{account}\u{0}{of}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// That an account or a portfolio is left as it is.
pub(super) fn skipped(reason: impl Into<String>) -> Error {
    Error::standing("skipped", reason)
}

/// That there is nothing for an action to do.
pub(super) fn not_entitled(reason: impl Into<String>) -> Error {
    Error::standing("not_entitled", reason)
}

pub(super) fn too_large() -> Error {
    skipped("it is too large to be kept exactly")
}

/// So many for so many, to the last digit: what a split and its reverse do together leaves exactly what there was.
pub(super) fn times(quantity: Decimal, ratio: (Decimal, Decimal)) -> Result<Decimal, Error> {
    let exact = split(quantity, Decimal::ZERO, &[ratio])?.quantity;
    let near = exact.round_dp(15);
    Ok(match (exact - near).abs() < Decimal::new(1, 20) {
        true => near.normalize(),
        false => exact.normalize(),
    })
}

/// A leg in which nothing moves yet.
pub(super) fn leg(symbol: &str) -> Leg {
    Leg {
        symbol: symbol.to_owned(),
        taken: Vec::new(),
        made: Vec::new(),
        realised: Decimal::ZERO,
        revalued: Vec::new(),
    }
}

/// All of a lot goes for what it cost, and for `gain` more.
pub(super) fn whole(lot: &Lot, quantity: Decimal, cost: Decimal, gain: Decimal) -> LotMove {
    LotMove {
        lot_id: lot.id,
        acquired: lot.acquired,
        quantity,
        cost,
        proceeds: cost + gain,
        cost_left: Decimal::ZERO,
    }
}

/// Shares an amount among lots by their quantities.
pub(super) fn shared(held: &Held<'_>, amount: Decimal, among: &[Decimal]) -> Result<Vec<Decimal>, Error> {
    let mut left = Proceeds::new(among.iter().sum(), amount, held.account.currency);
    among.iter().map(|quantity| left.of(*quantity)).collect()
}

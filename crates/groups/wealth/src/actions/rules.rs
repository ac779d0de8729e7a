//! Which fields belong to which kind of action, and what they may be.

use super::{
    models::{ActionKind, ActionState, CorporateAction},
    requests::CorporateActionRequest,
};
use crate::{entries::price_check, error::Error, jurisdiction::Jurisdiction, market::Instrument};
use kernel::Amount;
use rust_decimal::Decimal;

/// A field, whether it was sent, and whether it must or may be.
type Row = (&'static str, bool, Need);

#[derive(Clone, Copy, PartialEq)]
enum Need {
    Must,
    May,
    Not,
}

impl CorporateActionRequest {
    /// What is to be stored, once everything about it is right.
    pub(super) fn checked(self, instrument: &Instrument) -> Result<CorporateAction, Error> {
        for (field, sent, need) in self.fields() {
            match (need, sent) {
                (Need::Must, false) => return Err(Error::invalid(field, "is required for this kind")),
                (Need::Not, true) => {
                    return Err(Error::invalid(field, "does not belong to an action of this kind"));
                }
                _ => {}
            }
        }
        self.check_figures()?;
        self.check_dates()?;
        let amount = |amount: Option<Amount>| amount.map(|amount| amount.0.normalize());
        let currency = self.currency.unwrap_or(instrument.currency);
        Ok(CorporateAction {
            kind: self.kind,
            symbol: self.symbol.to_string(),
            ex_date: self.ex_date.date(),
            record_date: self.record_date.map(|date| date.date()),
            pay_date: self.pay_date.map(|date| date.date()),
            election_by: self.election_by.map(|date| date.date()),
            ratio: self.ratio,
            amount: amount(self.amount),
            currency,
            new_symbol: self.new_symbol.map(|symbol| symbol.to_string()),
            cost_share: amount(self.cost_share),
            cash_in_lieu_price: amount(self.cash_in_lieu_price),
            subscription_price: amount(self.subscription_price),
            rights_price: amount(self.rights_price),
            fair_value_share: amount(self.fair_value_share),
            fair_value_right: amount(self.fair_value_right),
            fair_value_new: amount(self.fair_value_new),
            jurisdiction: self
                .jurisdiction
                .unwrap_or_else(|| Jurisdiction::of(instrument.currency)),
            state: ActionState::Announced,
        })
    }

    fn fields(&self) -> [Row; 11] {
        use ActionKind::{
            Bonus, CashDividend, Merger, ReverseSplit, Rights, SpinOff, Split, StockDividend, SymbolChange,
        };
        use Need::{May, Must, Not};
        let kind = self.kind;
        let both = self.amount.is_some() && self.ratio.is_some();
        let ratio = match kind {
            CashDividend => May,
            Merger if self.amount.is_some() => May,
            SymbolChange => Not,
            _ => Must,
        };
        let amount = match kind {
            CashDividend => Must,
            Merger | StockDividend => May,
            _ => Not,
        };
        let new_symbol = match kind {
            SpinOff | SymbolChange => Must,
            Merger if self.ratio.is_some() => Must,
            _ => Not,
        };
        let only = |may: bool, need: Need| if may { need } else { Not };
        let values = only(kind == Rights, May);
        let in_lieu = matches!(kind, Split | ReverseSplit | StockDividend | Bonus | SpinOff)
            || (matches!(kind, CashDividend | Merger) && self.ratio.is_some());
        let elects = kind == Rights || (both && matches!(kind, CashDividend | StockDividend));
        [
            ("ratio", self.ratio.is_some(), ratio),
            ("amount", self.amount.is_some(), amount),
            ("new_symbol", self.new_symbol.is_some(), new_symbol),
            (
                "cost_share",
                self.cost_share.is_some(),
                only(kind == SpinOff, Must),
            ),
            (
                "cash_in_lieu_price",
                self.cash_in_lieu_price.is_some(),
                only(in_lieu, May),
            ),
            (
                "subscription_price",
                self.subscription_price.is_some(),
                only(kind == Rights, Must),
            ),
            ("rights_price", self.rights_price.is_some(), values),
            (
                "fair_value_share",
                self.fair_value_share.is_some(),
                only(
                    kind == Rights,
                    if self.fair_value_right.is_some() {
                        Must
                    } else {
                        May
                    },
                ),
            ),
            (
                "fair_value_right",
                self.fair_value_right.is_some(),
                only(
                    kind == Rights,
                    if self.fair_value_share.is_some() {
                        Must
                    } else {
                        May
                    },
                ),
            ),
            (
                "fair_value_new",
                self.fair_value_new.is_some(),
                only(kind == Merger && both, Must),
            ),
            ("election_by", self.election_by.is_some(), only(elects, May)),
        ]
    }

    fn check_figures(&self) -> Result<(), Error> {
        for (field, figure, least) in [
            ("amount", self.amount, true),
            ("cash_in_lieu_price", self.cash_in_lieu_price, true),
            ("subscription_price", self.subscription_price, false),
            ("rights_price", self.rights_price, false),
            ("fair_value_share", self.fair_value_share, true),
            ("fair_value_right", self.fair_value_right, false),
            ("fair_value_new", self.fair_value_new, true),
        ] {
            let Some(Amount(figure)) = figure else { continue };
            price_check(figure).map_err(|message| Error::invalid(field, message))?;
            if least && figure.is_zero() {
                return Err(Error::invalid(field, "must be more than 0"));
            }
        }
        let part = |share: Decimal| (Decimal::ZERO..=Decimal::ONE).contains(&share) && share.scale() <= 8;
        if self.cost_share.is_some_and(|share| !part(share.0)) {
            return Err(Error::invalid(
                "cost_share",
                "must be 0 to 1, with 8 decimals at most",
            ));
        }
        let Some(ratio) = self.ratio else { return Ok(()) };
        match self.kind {
            ActionKind::Split if ratio.new <= ratio.old => Err(Error::invalid(
                "ratio",
                "must make more of them: fewer is a reverse_split",
            )),
            ActionKind::ReverseSplit if ratio.new >= ratio.old => Err(Error::invalid(
                "ratio",
                "must make fewer of them: more is a split",
            )),
            _ => Ok(()),
        }
    }

    fn check_dates(&self) -> Result<(), Error> {
        if self.pay_date.is_some_and(|date| date < self.ex_date) {
            return Err(Error::invalid("pay_date", "must not be before the ex-date"));
        }
        match self.new_symbol.as_ref() == Some(&self.symbol) {
            true => Err(Error::invalid("new_symbol", "must be another one than symbol")),
            false => Ok(()),
        }
    }
}

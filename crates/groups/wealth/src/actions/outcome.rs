//! What an action does to a portfolio, account by account, from its entries as they were before the ex-date and its lots of
//! today. Preview and application ask the same question.

use super::{
    effect::{Effect, Held, effect, not_entitled, skipped},
    models::{AccountOutcome, CorporateAction, Election, LotChange},
};
use crate::{
    entries::{BookState, EntriesStore, Holding, Leg, Lot},
    error::Error,
    market::Market,
    portfolios::PortfolioRecord,
};
use kernel::{CallError, Currency, ErrorKind, Fault};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;

/// Reads what an answer needs.
#[derive(Clone)]
pub(super) struct Outcomes {
    entries: EntriesStore,
    market: Market,
}

/// What happens on one account, and the legs that say so.
pub(super) struct Planned {
    pub(super) outcome: AccountOutcome,
    pub(super) legs: Vec<Leg>,
}

/// The lots of today by account and symbol.
type Lots = BTreeMap<Uuid, BTreeMap<String, Holding>>;

impl Outcomes {
    pub(super) fn new(entries: EntriesStore, market: Market) -> Self {
        Self { entries, market }
    }

    /// What an action does to a portfolio; refused with the reason where it does nothing.
    pub(super) async fn of(
        &self,
        action: &Stored<CorporateAction>,
        portfolio: &Stored<PortfolioRecord>,
        election: Option<&Election>,
    ) -> Result<Vec<Planned>, Error> {
        let mut then = BookState::default();
        let entries = self.entries.all(portfolio.tenant_id, portfolio.id).await?;
        for entry in entries.iter().filter(|entry| entry.date < action.ex_date) {
            let applied = then.apply(&entry.data);
            applied.map_err(|_| {
                skipped(
                    "what it held before the ex-date cannot be told: a sale was entered for an earlier day",
                )
            })?;
        }
        let mut now = Lots::new();
        for holding in self.entries.holdings(portfolio.tenant_id, portfolio.id).await? {
            let account = now.entry(holding.account_id).or_default();
            account.insert(holding.symbol.clone(), holding.data);
        }
        let (mut planned, mut refused) = (Vec::new(), None);
        let mut left = election.and_then(|election| election.quantity);
        for account in &portfolio.accounts {
            let Some(then) = then.holdings.get(&(account.id, action.symbol.clone())) else {
                continue;
            };
            let empty = BTreeMap::new();
            let held = Held {
                id: action.id,
                action,
                account,
                then,
                now: now.get(&account.id).unwrap_or(&empty),
                rate: self.rate(action, account.currency, portfolio).await?,
                election,
                left,
            };
            match effect(&held) {
                Ok(effect) => {
                    left = left.map(|left| left - effect.used);
                    planned.push(planned_of(&held, effect)?);
                }
                Err(error) if error.is_about_the_portfolio() => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        match (planned.is_empty(), refused) {
            (false, None) => Ok(planned),
            // Half an action is none: the accounts of a portfolio go together.
            (false, Some(error)) if !error.is_no_holding() => Err(error),
            (false, Some(_)) => Ok(planned),
            (true, Some(error)) => Err(error),
            (true, None) => Err(not_entitled(format!(
                "nothing of {} was held in it at the end of the day before {}",
                action.symbol, action.ex_date
            ))),
        }
    }

    async fn rate(
        &self,
        action: &CorporateAction,
        currency: Currency,
        portfolio: &Stored<PortfolioRecord>,
    ) -> Result<Option<Decimal>, Error> {
        let pair = (action.currency, currency);
        self.market
            .rate(portfolio.tenant_id, pair, action.effective())
            .await
    }
}

fn planned_of(held: &Held<'_>, effect: Effect) -> Result<Planned, Error> {
    let mut symbols: Vec<&str> = effect.legs.iter().map(|leg| leg.symbol.as_str()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    let mut changes = Vec::new();
    for symbol in symbols {
        let before = held
            .now
            .get(symbol)
            .map_or(&[][..], |holding| holding.lots.as_slice());
        let mut holding = Holding {
            symbol: symbol.to_owned(),
            lots: before.to_vec(),
            realised: Decimal::ZERO,
            ..held.then.clone()
        };
        for leg in effect.legs.iter().filter(|leg| leg.symbol == symbol) {
            let applied = holding.apply(leg);
            applied.map_err(|cause| Error::from(CallError::internal(cause)))?;
        }
        let other = |from: &[Lot], to: &[Lot]| from.iter().filter(|lot| !to.contains(lot)).cloned().collect();
        changes.push(LotChange {
            symbol: symbol.to_owned(),
            before: other(before, &holding.lots),
            after: other(&holding.lots, before),
            realised: holding.realised,
        });
    }
    Ok(Planned {
        outcome: AccountOutcome {
            account_id: held.account.id,
            entitled: held.then.quantity().normalize(),
            cash: effect.cash,
            cash_in_lieu: effect.cash_in_lieu,
            changes,
        },
        legs: effect.legs,
    })
}

impl Error {
    /// Whether it says why something is left as it is, and not that something is broken. A portfolio that somebody changes
    /// while it is read does not fit together: whoever commits requires the version that was read, and begins anew.
    pub(super) fn is_about_the_portfolio(&self) -> bool {
        match self {
            Error::Store(_) | Error::StaleVersion => false,
            _ => self.is_torn() || matches!(self.kind(), ErrorKind::Conflict | ErrorKind::Invalid),
        }
    }

    fn is_torn(&self) -> bool {
        matches!(self, Error::Call(error) if error.kind() == ErrorKind::Internal)
    }

    /// Why something is left as it is, for its owner.
    pub(super) fn told(&self) -> String {
        match self.is_torn() {
            true => "it changed while it was looked at: ask again".to_owned(),
            false => self.to_string(),
        }
    }

    /// Whether it is that there is nothing to do: no holding then, or rights that lapse.
    fn is_no_holding(&self) -> bool {
        matches!(
            self,
            Error::Standing {
                code: "not_entitled",
                ..
            }
        )
    }
}

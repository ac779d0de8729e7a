use super::shadow::{FundingTold, PortfolioShadow};
use crate::{
    entries::{BookState, Entry, Holding},
    funding::FundingRecord,
    orders::{OrderRecord, OrderStep},
    portfolios::PortfolioRecord,
};
use kernel::TenantId;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::Stored;
use uuid::Uuid;

/// A figure that is stored otherwise than the feed says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WealthDifference {
    /// The firm.
    pub tenant: TenantId,
    /// Of which portfolio.
    pub portfolio: Uuid,
    /// Which figure, as in `the quantity of HDFCBANK in the lots of account 0190…`.
    pub figure: String,
    /// What is stored.
    pub stored: String,
    /// What the feed says.
    pub replayed: String,
}

/// What is stored of a portfolio, at one moment.
pub(super) struct Kept {
    pub(super) portfolio: Stored<PortfolioRecord>,
    pub(super) holdings: Vec<Stored<Holding>>,
    pub(super) entries: Vec<Stored<Entry>>,
    pub(super) orders: Vec<Stored<OrderRecord>>,
    pub(super) fundings: Vec<Stored<FundingRecord>>,
}

type Figures = BTreeMap<String, String>;

impl Kept {
    /// Where it is not what the feed says.
    pub(super) fn differences(
        &self,
        tenant: TenantId,
        told: &PortfolioShadow,
        state: &BookState,
    ) -> Vec<WealthDifference> {
        let names = |stored: &Figures, replayed: &Figures| -> BTreeSet<String> {
            stored.keys().chain(replayed.keys()).cloned().collect()
        };
        let (stored, replayed) = (self.stored(), self.replayed(told, state));
        let text = |of: Option<&String>| of.cloned().unwrap_or_else(|| "nothing".to_owned());
        names(&stored, &replayed)
            .into_iter()
            .filter(|name| stored.get(name) != replayed.get(name))
            .map(|figure| WealthDifference {
                tenant,
                portfolio: self.portfolio.id,
                stored: text(stored.get(&figure)),
                replayed: text(replayed.get(&figure)),
                figure,
            })
            .collect()
    }

    fn stored(&self) -> Figures {
        let mut figures = Figures::new();
        for account in &self.portfolio.accounts {
            put(
                &mut figures,
                format!("the cash of account {}", account.id),
                account.cash,
            );
            let aside = format!("what is set aside on account {}", account.id);
            put(&mut figures, aside, account.reserved);
        }
        for one in &self.portfolio.positions {
            position(
                &mut figures,
                one.account_id,
                &one.symbol,
                (one.quantity, one.cost, one.realised),
            );
        }
        for holding in &self.holdings {
            lots(&mut figures, holding);
        }
        for entry in &self.entries {
            figures.insert(format!("entry {}", entry.seq), written(&entry.data));
        }
        for order in &self.orders {
            figures.insert(format!("order {}", order.id), order_text(&order.steps));
            let name = format!("what was filled of order {}", order.id);
            put(&mut figures, name, order.filled);
            figures.insert(format!("the state of order {}", order.id), word(&order.state));
        }
        for funding in &self.fundings {
            let steps = funding.steps.iter().map(|step| word(&step.state));
            figures.insert(
                format!("funding {}", funding.id),
                steps.collect::<Vec<_>>().join(", "),
            );
            figures.insert(
                format!("the state of funding {}", funding.id),
                word(&funding.state),
            );
        }
        figures
    }

    fn replayed(&self, told: &PortfolioShadow, state: &BookState) -> Figures {
        let mut figures = Figures::new();
        for (account, cash) in &state.cash {
            put(&mut figures, format!("the cash of account {account}"), *cash);
        }
        for (account, reserved) in told.reserved() {
            put(
                &mut figures,
                format!("what is set aside on account {account}"),
                reserved,
            );
        }
        for ((account, symbol), holding) in &state.holdings {
            let sums = (holding.quantity(), holding.cost(), holding.realised);
            position(&mut figures, *account, symbol, sums);
            lots(&mut figures, holding);
        }
        for (seq, (_, entry)) in told.entries.range(..=self.portfolio.entries) {
            figures.insert(format!("entry {seq}"), written(entry));
        }
        for (id, steps) in &told.orders {
            figures.insert(format!("order {id}"), order_text(steps));
            put(
                &mut figures,
                format!("what was filled of order {id}"),
                filled(steps),
            );
            if let Some(last) = steps.last() {
                figures.insert(format!("the state of order {id}"), word(&last.state));
            }
        }
        for (id, steps) in &told.fundings {
            let texts: Vec<String> = steps.iter().map(|step| word(&step.facts.state)).collect();
            figures.insert(format!("funding {id}"), texts.join(", "));
            if let Some(FundingTold { facts, .. }) = steps.last() {
                figures.insert(format!("the state of funding {id}"), word(&facts.state));
            }
        }
        figures
    }
}

/// What the steps of an order filled.
pub(super) fn filled(steps: &[OrderStep]) -> Decimal {
    steps.iter().filter_map(|step| step.quantity).sum()
}

/// A figure; nothing is as good as 0.
fn put(figures: &mut Figures, name: String, figure: Decimal) {
    if !figure.is_zero() {
        figures.insert(name, figure.normalize().to_string());
    }
}

fn position(figures: &mut Figures, account: Uuid, symbol: &str, sums: (Decimal, Decimal, Decimal)) {
    let at = format!("{symbol} on account {account}");
    put(figures, format!("the quantity of {at}"), sums.0);
    put(figures, format!("the cost of {at}"), sums.1);
    put(figures, format!("the realised gain of {at}"), sums.2);
}

fn lots(figures: &mut Figures, holding: &Holding) {
    let at = format!("{} on account {}", holding.symbol, holding.account_id);
    put(
        figures,
        format!("the realised gain in the lots of {at}"),
        holding.realised,
    );
    for lot in &holding.lots {
        let text = format!(
            "{} of {} for {}",
            lot.quantity.normalize(),
            lot.acquired,
            lot.cost.normalize()
        );
        figures.insert(format!("lot {} of {at}", lot.id), text);
    }
}

fn order_text(steps: &[OrderStep]) -> String {
    let step = |step: &OrderStep| match (step.quantity, step.price) {
        (Some(quantity), Some(price)) => format!(
            "{} {} at {}",
            word(&step.state),
            quantity.normalize(),
            price.normalize()
        ),
        _ => word(&step.state),
    };
    steps.iter().map(step).collect::<Vec<_>>().join(", ")
}

fn word(state: &impl Serialize) -> String {
    let word = serde_json::to_value(state).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn written(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_default()
}

use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Which cost leaves with what is taken out; always perpetual: decided at each issue, from what is there then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Costing {
    /// The oldest first.
    Fifo,
    /// The newest first.
    Lifo,
    /// The weighted average of all that is there (moving average).
    Average,
}

/// Something that came in or went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Received.
    In {
        /// How many.
        quantity: Decimal,
        /// What one cost.
        unit_cost: Decimal,
    },
    /// Issued.
    Out {
        /// How many.
        quantity: Decimal,
    },
}

/// What was issued and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valuation {
    /// The cost of goods sold, one for each issue in their order.
    pub cogs: Vec<Decimal>,
    /// How many are left.
    pub closing_quantity: Decimal,
    /// What they cost.
    pub closing_value: Decimal,
}

/// Values movements in their order (IAS 2.25 for FIFO and weighted average; LIFO as US GAAP allows it). Nothing is
/// rounded; what is received is what is issued and what is left. Issuing more than there is, is refused.
pub fn valuation(method: Costing, movements: &[Movement]) -> Result<Valuation, Refusal> {
    let mut stock = Stock::default();
    let mut cogs = Vec::new();
    for (index, movement) in movements.iter().enumerate() {
        match *movement {
            Movement::In { quantity, unit_cost } => {
                let at = |field: &str| format!("movements[{index}].{field}");
                require(quantity > Decimal::ZERO, &at("in"), "must be more than 0")?;
                require(
                    unit_cost >= Decimal::ZERO,
                    &at("unit_cost"),
                    "must not be negative",
                )?;
                let cost = (Number::from(quantity) * unit_cost.into()).get()?;
                stock.receive(method, quantity, cost)?;
            }
            Movement::Out { quantity } => {
                let at = format!("movements[{index}].out");
                require(quantity > Decimal::ZERO, &at, "must be more than 0")?;
                if quantity > stock.quantity {
                    let held = stock.quantity.normalize();
                    return Err(Refusal::invalid(at, format!("is more than there is: {held}")));
                }
                cogs.push(stock.issue(method, quantity, None)?);
            }
        }
    }
    Ok(Valuation {
        cogs,
        closing_quantity: stock.quantity.normalize(),
        closing_value: stock.value()?.normalize(),
    })
}

/// A quantity that came in together, and what all of it cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// How many are left of it.
    pub quantity: Decimal,
    /// What they cost.
    pub cost: Decimal,
}

/// What is in stock, in the layers in which it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    quantity: Decimal,
    layers: VecDeque<Layer>,
}

impl Stock {
    /// A stock of these layers, the oldest first.
    pub fn new(layers: impl IntoIterator<Item = Layer>) -> Result<Self, Refusal> {
        let layers: VecDeque<Layer> = layers.into_iter().collect();
        let quantities = layers.iter().map(|layer| Number::from(layer.quantity));
        let quantity = quantities.fold(Number::ZERO, |sum, one| sum + one).get()?;
        Ok(Self { quantity, layers })
    }

    /// How many there are.
    pub fn quantity(&self) -> Decimal {
        self.quantity
    }

    /// The layers, the oldest first.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// What all of it cost.
    pub fn value(&self) -> Result<Decimal, Refusal> {
        let costs = self.layers.iter().map(|layer| Number::from(layer.cost));
        costs.fold(Number::ZERO, |sum, cost| sum + cost).get()
    }

    /// Takes in a quantity that cost this much in all.
    pub fn receive(&mut self, method: Costing, quantity: Decimal, cost: Decimal) -> Result<(), Refusal> {
        self.quantity = (Number::from(self.quantity) + quantity.into()).get()?;
        match (method, self.layers.back_mut()) {
            (Costing::Average, Some(all)) => {
                all.quantity = (Number::from(all.quantity) + quantity.into()).get()?;
                all.cost = (Number::from(all.cost) + cost.into()).get()?;
            }
            _ => self.layers.push_back(Layer { quantity, cost }),
        }
        Ok(())
    }

    /// Takes out a quantity, which must be there; answers its cost. The part of a layer that is split is rounded half-up to
    /// `decimals` when they are given, and the layer keeps the rest: nothing is lost.
    pub fn issue(
        &mut self,
        method: Costing,
        quantity: Decimal,
        decimals: Option<u32>,
    ) -> Result<Decimal, Refusal> {
        require(quantity <= self.quantity, "quantity", "is more than there is")?;
        self.quantity -= quantity;
        let (mut wanted, mut cost) = (quantity, Number::ZERO);
        while wanted > Decimal::ZERO {
            let layer = match method {
                Costing::Lifo => self.layers.pop_back(),
                Costing::Fifo | Costing::Average => self.layers.pop_front(),
            };
            let Some(mut layer) = layer else { break };
            if layer.quantity <= wanted {
                wanted -= layer.quantity;
                cost = cost + layer.cost.into();
                continue;
            }
            let mut part = (Number::from(layer.cost) * wanted.into() / layer.quantity.into()).get()?;
            if let Some(decimals) = decimals {
                part = part.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
            }
            cost = cost + part.into();
            layer.quantity -= wanted;
            layer.cost -= part;
            wanted = Decimal::ZERO;
            match method {
                Costing::Lifo => self.layers.push_back(layer),
                Costing::Fifo | Costing::Average => self.layers.push_front(layer),
            }
        }
        cost.get()
    }
}

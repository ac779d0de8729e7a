use super::models::{CostLayer, ItemRecord, PlaceQuantity};
use crate::error::Error;
use calculator::{Layer, Refusal, Stock};
use kernel::CallError;
use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

/// What a movement does to the value of a stock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// What came in or went out.
    pub(super) cost: Decimal,
    /// What earlier issues without stock cost more than was assumed.
    pub(super) adjustment: Decimal,
}

impl ItemRecord {
    /// What the stock cost; below 0 while more was issued than there was.
    pub(super) fn value(&self) -> Decimal {
        let layers: Decimal = self.stock.layers.iter().map(|layer| layer.cost).sum();
        let missing = self.stock.missing.as_ref();
        layers - missing.map_or(Decimal::ZERO, |missing| missing.cost)
    }

    /// What one costs on average; what it last cost when there is none.
    pub(super) fn unit_cost(&self) -> Decimal {
        match self.stock.on_hand > Decimal::ZERO {
            true => (self.value() / self.stock.on_hand).normalize(),
            false => self.stock.last_unit_cost,
        }
    }

    /// How many lie at a location.
    pub(super) fn at(&self, location: Option<Uuid>) -> Decimal {
        let places = self.stock.places.iter();
        let place = places.filter(|place| place.location_id == location);
        place.map(|place| place.quantity).sum()
    }

    /// Puts so many to a location, or takes them away when negative.
    pub(super) fn put(&mut self, location: Option<Uuid>, quantity: Decimal) {
        let places = &mut self.stock.places;
        match places.iter_mut().find(|place| place.location_id == location) {
            Some(place) => place.quantity += quantity,
            None => places.push(PlaceQuantity {
                location_id: location,
                quantity,
            }),
        }
        places.retain(|place| !place.quantity.is_zero());
    }

    /// Takes in a quantity. What was issued before it came is settled first: it cost what this costs.
    pub(super) fn receive(&mut self, quantity: Decimal, unit_cost: Decimal) -> Result<Cost, Error> {
        let cost = self.rounded(quantity.checked_mul(unit_cost).ok_or_else(too_large)?);
        let (mut left, mut left_cost, mut adjustment) = (quantity, cost, Decimal::ZERO);
        if let Some(missing) = self.stock.missing.take() {
            let settled = missing.quantity.min(quantity);
            let assumed = match settled == missing.quantity {
                true => missing.cost,
                false => self.rounded(missing.cost * (settled / missing.quantity)),
            };
            let actual = match settled == quantity {
                true => cost,
                false => self.rounded(cost * (settled / quantity)),
            };
            adjustment = actual - assumed;
            left -= settled;
            left_cost -= actual;
            if settled < missing.quantity {
                self.stock.missing = Some(CostLayer {
                    quantity: missing.quantity - settled,
                    cost: missing.cost - assumed,
                });
            }
        }
        if left > Decimal::ZERO {
            let mut stock = self.layers()?;
            stock.receive(self.valuation, left, left_cost).map_err(refused)?;
            self.keep(&stock);
        }
        self.stock.on_hand += quantity;
        self.stock.last_unit_cost = unit_cost;
        Ok(Cost { cost, adjustment })
    }

    /// Takes out a quantity. What is not there is assumed to cost what the last one cost.
    pub(super) fn issue(&mut self, quantity: Decimal) -> Result<Cost, Error> {
        let mut stock = self.layers()?;
        let there = quantity.min(stock.quantity());
        let mut cost = stock
            .issue(self.valuation, there, Some(self.currency.decimals()))
            .map_err(refused)?;
        self.keep(&stock);
        let beyond = quantity - there;
        if beyond > Decimal::ZERO {
            let assumed = beyond
                .checked_mul(self.stock.last_unit_cost)
                .ok_or_else(too_large)?;
            let assumed = self.rounded(assumed);
            let missing = self.stock.missing.get_or_insert(CostLayer {
                quantity: Decimal::ZERO,
                cost: Decimal::ZERO,
            });
            missing.quantity += beyond;
            missing.cost += assumed;
            cost += assumed;
        }
        self.stock.on_hand -= quantity;
        Ok(Cost {
            cost,
            adjustment: Decimal::ZERO,
        })
    }

    fn layers(&self) -> Result<Stock, Error> {
        let layers = self.stock.layers.iter().map(|layer| Layer {
            quantity: layer.quantity,
            cost: layer.cost,
        });
        Stock::new(layers).map_err(refused)
    }

    fn keep(&mut self, stock: &Stock) {
        let layers = stock.layers().map(|layer| CostLayer {
            quantity: layer.quantity,
            cost: layer.cost,
        });
        self.stock.layers = layers.collect();
    }

    fn rounded(&self, amount: Decimal) -> Decimal {
        let decimals = self.currency.decimals();
        let mut amount = amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        amount.rescale(decimals);
        amount
    }
}

fn too_large() -> Error {
    Error::invalid("quantity", "makes a value that is too large to be kept exactly")
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid { field, message } => Error::invalid(&field, message),
        Refusal::NoAnswer(reason) => CallError::invalid("quantity", reason).into(),
    }
}

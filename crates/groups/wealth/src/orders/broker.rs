use super::models::{OrderRecord, OrderWay};
use crate::market::Price;
use rust_decimal::Decimal;

/// What a broker did of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) quantity: Decimal,
    pub(crate) price: Decimal,
}

/// Who carries orders out.
pub(crate) trait Broker: Send + Sync {
    /// What is done of an order at once by this quote; nothing when it has to wait.
    fn place(&self, order: &OrderRecord, quote: Option<Price>) -> Option<Fill>;
}

/// Fills everything at the newest quote, unless that is stale or beyond the order's limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SimulatedBroker;

impl Broker for SimulatedBroker {
    fn place(&self, order: &OrderRecord, quote: Option<Price>) -> Option<Fill> {
        let quote = quote.filter(|quote| !quote.stale)?;
        let fits = order.limit_price.is_none_or(|limit| match order.side {
            OrderWay::Buy => quote.price <= limit,
            OrderWay::Sell => quote.price >= limit,
        });
        fits.then_some(Fill {
            quantity: order.quantity - order.filled,
            price: quote.price,
        })
    }
}

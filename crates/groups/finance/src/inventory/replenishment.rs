use super::models::{ItemRecord, Replenishment};
use rust_decimal::{Decimal, RoundingStrategy};

/// The service level when none is named.
const USUAL_SERVICE_LEVEL: Decimal = Decimal::from_parts(95, 0, 0, false, 2);

impl Replenishment {
    /// The stock at which to order: the one that is named, or the one that follows from demand, lead time and service
    /// level, to four decimals. None when neither is known.
    pub(super) fn point(&self) -> Option<Decimal> {
        if let Some(named) = self.reorder_point {
            return Some(named);
        }
        let point = calculator::reorder_point(
            self.daily_demand?,
            self.lead_time_days?,
            self.demand_sd.unwrap_or_default(),
            self.service_level.unwrap_or(USUAL_SERVICE_LEVEL),
        );
        let point = point.ok()?;
        Some(
            point
                .round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
                .normalize(),
        )
    }

    /// The economic order quantity of a year's demand, in whole units, at least 1. None when its costs are not known.
    pub(super) fn order_quantity(&self) -> Option<Decimal> {
        let demand = self.daily_demand?.checked_mul(Decimal::from(365))?;
        let found = calculator::eoq(self.order_cost?, self.holding_cost?, demand).ok()?;
        let whole = found
            .quantity
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        Some(whole.max(Decimal::ONE).normalize())
    }
}

impl ItemRecord {
    /// Why the item is low; None when it is not.
    pub(super) fn low_reason(&self) -> Option<String> {
        let point = self.replenishment.point()?;
        let on_hand = self.stock.on_hand.normalize();
        if on_hand > point {
            return None;
        }
        let because = match (self.replenishment.reorder_point, &self.replenishment) {
            (
                None,
                Replenishment {
                    daily_demand: Some(demand),
                    lead_time_days: Some(days),
                    ..
                },
            ) => {
                let level = self.replenishment.service_level.unwrap_or(USUAL_SERVICE_LEVEL);
                format!(
                    "a demand of {} a day for {} days and a service level of {}",
                    demand.normalize(),
                    days.normalize(),
                    level.normalize()
                )
            }
            _ => "the reorder point that was set".to_owned(),
        };
        Some(format!("{on_hand} on hand is not above {point}: {because}"))
    }

    /// How many to order: the economic order quantity, or what is missing to twice the reorder point.
    pub(super) fn suggested_quantity(&self) -> Decimal {
        let missing = || {
            let point = self.replenishment.point().unwrap_or_default();
            let missing = point + point - self.stock.on_hand;
            missing.ceil().max(Decimal::ONE).normalize()
        };
        self.replenishment.order_quantity().unwrap_or_else(missing)
    }
}

use super::{Answer, input::scalar};
use calculator::{Costing, Movement, Refusal};
use kernel::Amount;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
pub(super) struct ValuationInput {
    method: Costing,
    movements: Vec<MovementInput>,
}

#[derive(Debug, Deserialize)]
struct MovementInput {
    r#in: Option<Amount>,
    unit_cost: Option<Amount>,
    out: Option<Amount>,
}

impl MovementInput {
    fn movement(&self, index: usize) -> Result<Movement, Refusal> {
        match (self.r#in, self.unit_cost, self.out) {
            (Some(quantity), Some(unit_cost), None) => Ok(Movement::In {
                quantity: quantity.0,
                unit_cost: unit_cost.0,
            }),
            (None, None, Some(quantity)) => Ok(Movement::Out { quantity: quantity.0 }),
            _ => Err(Refusal::Invalid {
                field: format!("movements[{index}]"),
                message: "must have 'in' and 'unit_cost', or 'out' alone".to_owned(),
            }),
        }
    }
}

pub(super) fn valuation(input: &ValuationInput) -> Answer {
    let movements = input.movements.iter().enumerate();
    let movements: Result<Vec<Movement>, Refusal> = movements
        .map(|(index, movement)| movement.movement(index))
        .collect();
    let found = calculator::valuation(input.method, &movements?)?;
    Ok(json!({
        "cogs": found.cogs.iter().map(|cost| Amount(cost.normalize())).collect::<Vec<_>>(),
        "closing_quantity": Amount(found.closing_quantity),
        "closing_value": Amount(found.closing_value),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct EoqInput {
    fixed_cost: Amount,
    holding_cost: Amount,
    demand: Amount,
}

pub(super) fn eoq(input: &EoqInput) -> Answer {
    let found = calculator::eoq(input.fixed_cost.0, input.holding_cost.0, input.demand.0)?;
    Ok(json!({ "quantity": Amount(found.quantity), "cost": Amount(found.cost) }))
}

#[derive(Debug, Deserialize)]
pub(super) struct ReorderPointInput {
    daily_demand: Amount,
    lead_time_days: Amount,
    demand_sd: Amount,
    service_level: Amount,
}

pub(super) fn reorder_point(input: &ReorderPointInput) -> Answer {
    Ok(scalar(calculator::reorder_point(
        input.daily_demand.0,
        input.lead_time_days.0,
        input.demand_sd.0,
        input.service_level.0,
    )?))
}

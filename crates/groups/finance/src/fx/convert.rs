use super::FxRates;
use crate::{balances::plus, error::Error};
use chrono::NaiveDate;
use kernel::{Currency, TenantId};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Converts many amounts into one currency; each rate is looked up once.
pub(crate) struct Converter<'a> {
    rates: &'a FxRates,
    tenant: TenantId,
    to: Currency,
    known: HashMap<(&'static str, NaiveDate), Decimal>,
}

impl<'a> Converter<'a> {
    pub(crate) fn new(rates: &'a FxRates, tenant: TenantId, to: Currency) -> Self {
        Self {
            rates,
            tenant,
            to,
            known: HashMap::new(),
        }
    }

    /// The currency that everything becomes.
    pub(crate) fn currency(&self) -> Currency {
        self.to
    }

    /// An amount by the rate of a day, not rounded. Refused, naming `currency`, when there is no rate.
    pub(crate) async fn value(
        &mut self,
        amount: Decimal,
        from: Currency,
        day: NaiveDate,
    ) -> Result<Decimal, Error> {
        if from == self.to || amount.is_zero() {
            return Ok(amount);
        }
        let rate = match self.known.get(&(from.code(), day)) {
            Some(rate) => *rate,
            None => {
                let rate = self.rates.on(self.tenant, from, self.to, day).await?;
                let rate = rate.ok_or_else(|| {
                    let to = self.to;
                    let what = format!("there is no rate of {from} in {to} for {day} or before: put one in at /api/v1/fx-rates");
                    Error::invalid("currency", what)
                })?;
                self.known.insert((from.code(), day), rate);
                rate
            }
        };
        let value = amount.checked_mul(rate);
        value.ok_or_else(|| Error::invalid("currency", "an amount is too large to be converted exactly"))
    }
}

/// Units of a foreign currency and what they cost, by weighted average: what is added costs the rate of its day, what
/// leaves takes its share of the cost along. Works the same for what is owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pool {
    pub(crate) units: Decimal,
    pub(crate) cost: Decimal,
}

impl Pool {
    /// Adds the net change of a day; `value` is what it was worth on that day.
    pub(crate) fn change(&mut self, units: Decimal, value: Decimal) -> Result<(), Error> {
        let grows = self.units.is_zero() || self.units.is_sign_negative() == units.is_sign_negative();
        if grows {
            self.units = plus(self.units, units)?;
            self.cost = plus(self.cost, value)?;
            return Ok(());
        }
        let rest = plus(self.units, units)?;
        if rest.is_zero() || rest.is_sign_negative() != self.units.is_sign_negative() {
            // Everything left, and what goes beyond it begins anew at the rate of the day.
            let share = rest.checked_div(units).unwrap_or_default();
            self.cost = value.checked_mul(share).unwrap_or_default();
        } else {
            let share = rest.checked_div(self.units).unwrap_or_default();
            self.cost = self.cost.checked_mul(share).unwrap_or_default();
        }
        self.units = rest;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_takes_its_share_of_the_cost_along() {
        let mut pool = Pool::default();
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        pool.change(d("100"), d("8000")).unwrap();
        pool.change(d("100"), d("9000")).unwrap();
        pool.change(d("-50"), d("-4500")).unwrap();
        assert_eq!((pool.units, pool.cost), (d("150"), d("12750")));
        pool.change(d("-200"), d("-20000")).unwrap();
        assert_eq!((pool.units, pool.cost), (d("-50"), d("-5000")));
        pool.change(d("50"), d("4000")).unwrap();
        assert_eq!((pool.units, pool.cost), (d("0"), d("0")));
    }
}

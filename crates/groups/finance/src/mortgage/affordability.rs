use super::{
    requests::{AffordabilityLimit, AffordabilityRequest, AffordabilityResponse},
    service::{MortgageService, check_rate, check_term, optional, refused},
};
use crate::{balances::plus, error::Error, transactions::check_amount};
use kernel::Amount;
use rust_decimal::{Decimal, RoundingStrategy};

impl MortgageService {
    /// What somebody can afford: the rules of thumb of US lenders, 28% and 36% of the income, unless others are named.
    pub(crate) fn affordability(
        &self,
        request: &AffordabilityRequest,
    ) -> Result<AffordabilityResponse, Error> {
        let currency = self.currency(request.currency);
        let income = check_amount(request.monthly_income.0, currency)
            .map_err(|message| Error::invalid("monthly_income", message))?
            .amount();
        let debts = optional("monthly_debts", request.monthly_debts, currency)?;
        let costs = optional("monthly_costs", request.monthly_costs, currency)?;
        let down_payment = optional("down_payment", request.down_payment, currency)?;
        let housing_ratio = ratio("housing_ratio", request.housing_ratio, Decimal::new(28, 2))?;
        let debt_ratio = ratio("debt_ratio", request.debt_ratio, Decimal::new(36, 2))?;
        let rate = check_rate(request.annual_rate)? / Decimal::from(12);
        let months = check_term(request.term_months)?;
        let for_home = part(income, housing_ratio)?;
        let for_home_with_debts = part(income, debt_ratio)? - debts;
        let limited_by = match for_home_with_debts < for_home {
            true => AffordabilityLimit::DebtRatio,
            false => AffordabilityLimit::HousingRatio,
        };
        let down = |amount: Decimal| {
            let mut amount = amount
                .max(Decimal::ZERO)
                .round_dp_with_strategy(currency.decimals(), RoundingStrategy::ToZero);
            amount.rescale(currency.decimals());
            amount
        };
        let payment = down(for_home.min(for_home_with_debts) - costs);
        let principal = down(calculator::present_value(rate, months, payment).map_err(refused)?);
        Ok(AffordabilityResponse {
            currency,
            payment: Amount(payment),
            principal: Amount(principal),
            price: Amount(plus(principal, down_payment)?),
            limited_by,
            housing_ratio: Amount(housing_ratio),
            debt_ratio: Amount(debt_ratio),
        })
    }
}

fn ratio(field: &str, named: Option<Amount>, usual: Decimal) -> Result<Decimal, Error> {
    match named {
        None => Ok(usual),
        Some(Amount(ratio)) if ratio > Decimal::ZERO && ratio <= Decimal::ONE => Ok(ratio),
        Some(_) => Err(Error::invalid(
            field,
            "must be a fraction, more than 0 and at most 1",
        )),
    }
}

fn part(income: Decimal, ratio: Decimal) -> Result<Decimal, Error> {
    income
        .checked_mul(ratio)
        .ok_or_else(|| Error::invalid("monthly_income", "is too large to be kept exactly"))
}

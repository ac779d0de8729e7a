//! What the law of a country says about gains and about what companies do, as data (`rules/jurisdictions.json`).

use crate::{error::Error, market::AssetClass};
use chrono::{Datelike, Months, NaiveDate};
use kernel::{CallError, Currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::ToSchema;

/// Whose law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub(crate) enum Jurisdiction {
    /// India.
    #[serde(rename = "IN")]
    India,
    /// The United States of America.
    #[serde(rename = "US")]
    UnitedStates,
}

/// What bonus shares and stock dividends do to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BonusShares {
    /// They cost nothing and are held since they were given.
    NoCost,
    /// The cost of the old ones is spread over all, which are held since the old ones were.
    SpreadCost,
}

/// What holds for a class of assets.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClassRule {
    /// A gain is long term after more than so many months.
    pub(crate) long_term_months: u32,
    /// Whether section 112A of the Income-tax Act of India is about it.
    pub(crate) section_112a: bool,
}

/// The rates of a span of days.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RateRule {
    from: NaiveDate,
    until: Option<NaiveDate>,
    section_112a: bool,
    pub(crate) short: Decimal,
    pub(crate) long: Decimal,
    pub(crate) rule: String,
}

/// A gain that is exempt in each tax year that begins in a span of days.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exemption {
    year_from: NaiveDate,
    year_until: Option<NaiveDate>,
    pub(crate) amount: Decimal,
    pub(crate) rule: String,
}

/// A day of the year.
#[derive(Debug, Clone, Copy, Deserialize)]
struct YearDay {
    month: u32,
    day: u32,
}

/// The rules of a country.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rules {
    /// Whose accounts are under them when nobody says otherwise.
    currency: Currency,
    /// Where they stand.
    pub(crate) source: String,
    pub(crate) bonus_shares: BonusShares,
    tax_year_begins: YearDay,
    /// A loss is disallowed when the same is bought within so many days before or after.
    pub(crate) wash_sale_days: Option<u64>,
    classes: BTreeMap<AssetClass, ClassRule>,
    rates: Vec<RateRule>,
    exemptions: Vec<Exemption>,
    /// What was bought before may cost what it was worth on 31 January 2018.
    pub(crate) grandfathered_before: Option<NaiveDate>,
}

static RULES: LazyLock<Result<BTreeMap<Jurisdiction, Rules>, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../rules/jurisdictions.json")).map_err(|error| error.to_string())
});

impl Jurisdiction {
    /// The rules.
    pub(crate) fn rules(self) -> Result<&'static Rules, Error> {
        let all = RULES
            .as_ref()
            .map_err(|cause| CallError::internal(cause.clone()))?;
        let rules = all.get(&self);
        rules.ok_or_else(|| CallError::internal("a jurisdiction has no rules").into())
    }

    /// Under which law an account in a currency is, when nobody says otherwise: that of the currency, else India's.
    pub(crate) fn of(currency: Currency) -> Self {
        let all = RULES.as_ref().ok();
        let found = all.and_then(|all| all.iter().find(|(_, rules)| rules.currency == currency));
        found.map_or(Jurisdiction::India, |(jurisdiction, _)| *jurisdiction)
    }
}

impl Rules {
    /// What holds for a class.
    pub(crate) fn class(&self, class: AssetClass) -> Result<&ClassRule, Error> {
        let rule = self.classes.get(&class);
        rule.ok_or_else(|| CallError::internal("a class of assets has no tax rule").into())
    }

    /// Whether what was acquired and sold on these days is long term.
    pub(crate) fn is_long_term(rule: &ClassRule, acquired: NaiveDate, sold: NaiveDate) -> bool {
        let over = acquired.checked_add_months(Months::new(rule.long_term_months));
        over.is_some_and(|over| sold > over)
    }

    /// The rates of a day.
    pub(crate) fn rates(&self, rule: &ClassRule, day: NaiveDate) -> Result<&RateRule, Error> {
        let holds = |one: &&RateRule| {
            one.section_112a == rule.section_112a
                && one.from <= day
                && one.until.is_none_or(|until| day < until)
        };
        let found = self.rates.iter().find(holds);
        found.ok_or_else(|| CallError::internal("a day has no rate of tax").into())
    }

    /// Whether its exemptions are in this currency.
    pub(crate) fn is_own(&self, currency: Currency) -> bool {
        self.currency == currency
    }

    /// What is exempt in the tax year that begins on a day.
    pub(crate) fn exemption(&self, begins: NaiveDate) -> Option<&Exemption> {
        let holds =
            |one: &&Exemption| one.year_from <= begins && one.year_until.is_none_or(|until| begins < until);
        self.exemptions.iter().find(holds)
    }

    /// The first and the last day of the tax year that begins in a calendar year.
    pub(crate) fn tax_year(&self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        let YearDay { month, day } = self.tax_year_begins;
        let begins = NaiveDate::from_ymd_opt(year, month, day)?;
        let next = NaiveDate::from_ymd_opt(year.checked_add(1)?, month, day)?;
        Some((begins, next.pred_opt()?))
    }

    /// The calendar year in which the tax year of a day begins.
    pub(crate) fn tax_year_of(&self, day: NaiveDate) -> i32 {
        let YearDay { month, day: first } = self.tax_year_begins;
        match (day.month(), day.day()) >= (month, first) {
            true => day.year(),
            false => day.year() - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_rules_for_every_class_and_day() {
        for jurisdiction in [Jurisdiction::India, Jurisdiction::UnitedStates] {
            let rules = jurisdiction.rules().unwrap();
            let class = rules.class(AssetClass::Equity).unwrap();
            for day in ["1990-01-01", "2024-07-22", "2024-07-23", "2030-01-01"] {
                rules.rates(class, day.parse().unwrap()).unwrap();
            }
        }
        let india = Jurisdiction::India.rules().unwrap();
        let (first, last) = india.tax_year(2025).unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2025-04-01".into(), "2026-03-31".into())
        );
        assert_eq!(india.tax_year_of("2026-03-31".parse().unwrap()), 2025);
        assert_eq!(
            Jurisdiction::of("USD".parse().unwrap()),
            Jurisdiction::UnitedStates
        );
    }

    #[test]
    fn a_year_to_the_day_is_short_term_and_a_day_more_is_long() {
        let long = |jurisdiction: Jurisdiction, sold: &str| {
            let rules = jurisdiction.rules().unwrap();
            let class = rules.class(AssetClass::Equity).unwrap();
            Rules::is_long_term(class, "2024-03-01".parse().unwrap(), sold.parse().unwrap())
        };
        for jurisdiction in [Jurisdiction::UnitedStates, Jurisdiction::India] {
            assert!(!long(jurisdiction, "2025-03-01"));
            assert!(long(jurisdiction, "2025-03-02"));
        }
    }
}

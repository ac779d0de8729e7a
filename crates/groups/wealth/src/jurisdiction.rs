//! What the law of a country says about gains and about what companies do, as data (`rules/jurisdictions.json`).

use crate::error::Error;
use kernel::{CallError, Currency};
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

/// The rules of a country.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rules {
    /// Whose accounts are under them when nobody says otherwise.
    currency: Currency,
    pub(crate) bonus_shares: BonusShares,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_rules() {
        for jurisdiction in [Jurisdiction::India, Jurisdiction::UnitedStates] {
            jurisdiction.rules().unwrap();
        }
        assert_eq!(
            Jurisdiction::of("USD".parse().unwrap()),
            Jurisdiction::UnitedStates
        );
    }
}

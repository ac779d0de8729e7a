//! The decision table: which risk of a product fits which risk profile of a client, and what else holds an order.

use crate::clients::RiskProfile;
use advisory_contract::{HoldReason, OrderSide, ProductRisk};
use chrono::NaiveDate;

/// The riskiest product that fits a risk profile.
const LIMITS: [(RiskProfile, ProductRisk); 3] = [
    (RiskProfile::Conservative, ProductRisk::LowToModerate),
    (RiskProfile::Moderate, ProductRisk::ModeratelyHigh),
    (RiskProfile::Aggressive, ProductRisk::VeryHigh),
];

/// What is known of a client when an order comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) risk_profile: RiskProfile,
    /// The last day on which the identity check is good; unknown holds nothing.
    pub(crate) kyc_expiry: Option<NaiveDate>,
    /// Whether the identity check was refused.
    pub(crate) kyc_rejected: bool,
    /// Whether the name stands in the list of sanctions and nobody has said that it is somebody else.
    pub(crate) sanctioned: bool,
    pub(crate) today: NaiveDate,
}

/// Why an order is to be held; nothing when it may pass. What is sold is not judged for its risk: selling lowers it.
pub(crate) fn reasons(facts: &Facts, side: OrderSide, risk: Option<ProductRisk>) -> Vec<HoldReason> {
    let mut reasons = Vec::new();
    let mut hold = |code: &str, message: String| {
        reasons.push(HoldReason {
            code: code.to_owned(),
            message,
        });
    };
    let limit = LIMITS
        .iter()
        .find(|(profile, _)| *profile == facts.risk_profile)
        .map_or(ProductRisk::Low, |(_, limit)| *limit);
    if let Some(risk) = risk.filter(|risk| side == OrderSide::Buy && *risk > limit) {
        hold(
            "unsuitable_risk",
            format!(
                "a product of {} risk does not fit a {} risk profile, which allows {} at most",
                words(risk),
                facts.risk_profile.as_str(),
                words(limit)
            ),
        );
    }
    if let Some(expired) = facts.kyc_expiry.filter(|expiry| *expiry < facts.today) {
        hold(
            "kyc_expired",
            format!("the identity check ended on {expired}: renew it first"),
        );
    }
    if facts.kyc_rejected {
        hold(
            "kyc_rejected",
            "the identity check was refused: repeat it first".to_owned(),
        );
    }
    if facts.sanctioned {
        let message = "the name stands in the list of sanctions: a compliance officer has to look at it";
        hold("sanctions_match", message.to_owned());
    }
    reasons
}

fn words(risk: ProductRisk) -> &'static str {
    match risk {
        ProductRisk::Low => "low",
        ProductRisk::LowToModerate => "low to moderate",
        ProductRisk::Moderate => "moderate",
        ProductRisk::ModeratelyHigh => "moderately high",
        ProductRisk::High => "high",
        ProductRisk::VeryHigh => "very high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(profile: RiskProfile, side: OrderSide, risk: ProductRisk) -> bool {
        let facts = Facts {
            risk_profile: profile,
            kyc_expiry: None,
            kyc_rejected: false,
            sanctioned: false,
            today: NaiveDate::MIN,
        };
        !reasons(&facts, side, Some(risk)).is_empty()
    }

    #[test]
    fn a_product_fits_up_to_the_limit_of_the_profile() {
        for (profile, fits, does_not) in [
            (
                RiskProfile::Conservative,
                ProductRisk::LowToModerate,
                ProductRisk::Moderate,
            ),
            (
                RiskProfile::Moderate,
                ProductRisk::ModeratelyHigh,
                ProductRisk::High,
            ),
        ] {
            assert!(!held(profile, OrderSide::Buy, fits));
            assert!(held(profile, OrderSide::Buy, does_not));
            assert!(!held(profile, OrderSide::Sell, does_not));
        }
        assert!(!held(
            RiskProfile::Aggressive,
            OrderSide::Buy,
            ProductRisk::VeryHigh
        ));
    }

    #[test]
    fn an_identity_check_is_good_on_its_last_day() {
        let day = NaiveDate::from_ymd_opt(2027, 3, 31).unwrap();
        let mut facts = Facts {
            risk_profile: RiskProfile::Moderate,
            kyc_expiry: Some(day),
            kyc_rejected: false,
            sanctioned: false,
            today: day,
        };
        assert!(reasons(&facts, OrderSide::Sell, None).is_empty());
        facts.today = day.succ_opt().unwrap();
        assert_eq!(reasons(&facts, OrderSide::Sell, None)[0].code, "kyc_expired");
        (facts.sanctioned, facts.kyc_rejected) = (true, true);
        assert_eq!(reasons(&facts, OrderSide::Buy, None).len(), 3);
    }
}

//! The rule table of lead scores. Every rule says why it gives points; the score is their sum, to the last digit.

use super::models::{ActivityKind, LeadRecord, Source, Stage};
use chrono::{DateTime, Utc};
use kernel::{Amount, Currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Points for where a lead came from.
const SOURCES: [(Source, i64); 5] = [
    (Source::Referral, 25),
    (Source::Partner, 20),
    (Source::Event, 15),
    (Source::Website, 10),
    (Source::ColdCall, 5),
];
/// Points for where it stands.
const STAGES: [(Stage, i64); 3] = [
    (Stage::Contacted, 5),
    (Stage::Qualified, 15),
    (Stage::Proposal, 25),
];
/// Points for what there is to look after, from so many units of the installation's currency.
const ASSETS: [(i64, i64); 3] = [(10_000_000, 25), (2_500_000, 15), (500_000, 5)];
/// Points for what happened, on the day; half of them are left after [`HALF_LIFE`] days.
const ACTIVITIES: [(ActivityKind, i64); 4] = [
    (ActivityKind::Meeting, 20),
    (ActivityKind::Call, 10),
    (ActivityKind::EmailReceived, 8),
    (ActivityKind::EmailSent, 2),
];
const HALF_LIFE: i64 = 30;
/// What happened gives no more than this.
const MOST_FOR_ACTIVITIES: i64 = 30;

/// Why a lead has points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScoreReason {
    /// The rule: `source`, `stage`, `expected_assets`, `reachable` or `activity`.
    pub(crate) code: String,
    /// How many points it gives, with at most two decimals.
    #[schema(value_type = f64)]
    pub(crate) points: Amount,
    /// For people, with the figures.
    pub(crate) message: String,
}

/// The reasons for a lead's score at a moment; none for a lead that is lost or converted.
pub(super) fn reasons(lead: &LeadRecord, currency: Currency, now: DateTime<Utc>) -> Vec<ScoreReason> {
    let mut reasons = Vec::new();
    if matches!(lead.stage, Stage::Converted | Stage::Lost) {
        return reasons;
    }
    let mut add = |code: &str, points: Decimal, message: String| {
        if points > Decimal::ZERO {
            reasons.push(ScoreReason {
                code: code.to_owned(),
                points: Amount(points.normalize()),
                message,
            });
        }
    };
    if let Some((_, points)) = SOURCES.iter().find(|(source, _)| *source == lead.source) {
        add("source", (*points).into(), "where the lead came from".to_owned());
    }
    if let Some((_, points)) = STAGES.iter().find(|(stage, _)| *stage == lead.stage) {
        add("stage", (*points).into(), format!("is {}", lead.stage.as_str()));
    }
    let at_least = |(from, _): &&(i64, i64)| lead.expected_assets >= Decimal::from(*from);
    if let Some((from, points)) = ASSETS.iter().find(at_least).filter(|_| lead.currency == currency) {
        let message = format!("expects to bring {from} {currency} or more");
        add("expected_assets", (*points).into(), message);
    }
    if lead.email.is_some() && lead.phone.is_some() {
        add(
            "reachable",
            Decimal::from(5),
            "can be written to and called".to_owned(),
        );
    }
    let happened: Decimal = lead
        .activities
        .iter()
        .map(|activity| worth(activity.kind, (now - activity.at).num_days().max(0)))
        .sum();
    let happened = happened.round_dp(2).min(Decimal::from(MOST_FOR_ACTIVITIES));
    add(
        "activity",
        happened,
        format!(
            "{} activities, of which half the weight is left after {HALF_LIFE} days",
            lead.activities.len()
        ),
    );
    reasons
}

/// The sum of the reasons.
pub(super) fn score(reasons: &[ScoreReason]) -> Decimal {
    reasons.iter().map(|reason| reason.points.0).sum()
}

/// What an activity is worth after some days: half of it after each half-life, and in between on a straight line.
fn worth(kind: ActivityKind, days: i64) -> Decimal {
    let points = ACTIVITIES
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or(0, |(_, points)| *points);
    let (halvings, rest) = (days / HALF_LIFE, days % HALF_LIFE);
    if halvings > 20 {
        return Decimal::ZERO;
    }
    let whole = Decimal::from(points) / Decimal::from(1_i64 << halvings);
    whole * (Decimal::ONE - Decimal::from(rest) / Decimal::from(2 * HALF_LIFE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_an_activity_is_left_after_a_half_life_and_it_only_falls() {
        let after = |days| worth(ActivityKind::Meeting, days);
        assert_eq!([after(0), after(30), after(60)], [20, 10, 5].map(Decimal::from));
        assert_eq!(after(15), Decimal::from(15));
        assert!((0..400).all(|day| after(day + 1) <= after(day)));
        assert_eq!(after(10_000), Decimal::ZERO);
    }
}

use super::answers::{BriefDrift, BriefOutside, BriefPart, BriefPortfolio};
use crate::clients::PortfolioHeard;
use kernel::Amount;
use store::Stored;
use wealth_contract::{PortfolioDrift, PortfolioPart};

impl From<Stored<PortfolioHeard>> for BriefPortfolio {
    fn from(heard: Stored<PortfolioHeard>) -> Self {
        let part = |part: PortfolioPart| BriefPart {
            key: part.key,
            value: Amount(part.value),
            weight: part.weight.map(Amount),
        };
        let outside = |drift: PortfolioDrift| BriefOutside {
            key: drift.key,
            target: Amount(drift.target),
            actual: Amount(drift.actual),
        };
        let (id, heard) = (heard.id, heard.data);
        let drift = match &heard.composition {
            None => BriefDrift::Unknown,
            Some(composition) if !composition.has_targets => BriefDrift::NoTargets,
            Some(composition) if composition.drifted.is_empty() => BriefDrift::WithinBands,
            Some(_) => BriefDrift::Drifted,
        };
        let composed_on = heard.composition.as_ref().map(|composition| composition.as_of);
        let (classes, drifted) = heard
            .composition
            .map(|composition| (composition.classes, composition.drifted))
            .unwrap_or_default();
        Self {
            id,
            currency: heard.currency,
            value: Amount(heard.value),
            as_of: heard.as_of,
            complete: heard.complete,
            allocation: classes.into_iter().map(part).collect(),
            drift,
            outside: drifted.into_iter().map(outside).collect(),
            composed_on,
        }
    }
}

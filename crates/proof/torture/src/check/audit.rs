use super::{Figures, feed::Feeds};
use crate::{deployment::Deployment, error::Error};

/// The audit log must be whole, row by row, and hold what every group has recorded, each record once.
pub(crate) async fn examine(
    deployment: &Deployment,
    feeds: &Feeds,
    figures: &mut Figures,
) -> Result<(), Error> {
    let output = deployment.operator(&["audit", "verify"]).await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        figures
            .chain_breaks
            .push(format!("wealthctl audit verify: {}", said.trim()));
        return Ok(());
    }
    let chains: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::at("read what wealthctl audit verify says", error))?;
    let chains = chains.as_array().map(Vec::as_slice).unwrap_or_default();
    let log = chains.iter().filter(|chain| chain["chain"] == "audit log");
    let kept: u64 = log.filter_map(|chain| chain["rows"].as_u64()).sum();
    let recorded = super::feed::audit_records(feeds);
    let most = recorded + deployment.audit_ahead;
    figures.audit_lag = recorded.saturating_sub(kept) + kept.saturating_sub(most);
    if figures.audit_lag > 0 {
        figures.imbalance.push(format!(
            "the groups have recorded {recorded} acts, the audit log holds {kept}"
        ));
    }
    Ok(())
}

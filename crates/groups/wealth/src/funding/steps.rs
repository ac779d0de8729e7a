use super::models::{FundingRecord, FundingStep};
use crate::error::Error;
use kernel::{AuditRecord, CallContext, CallError, Money, NewEvent};
use store::{Batch, Stored};
use wealth_contract::{
    FUNDING_APPROVED, FUNDING_CANCELLED, FUNDING_FAILED, FUNDING_REQUESTED, FUNDING_SETTLED, FundingChanged,
    FundingState,
};

fn event_of(state: FundingState) -> &'static str {
    match state {
        FundingState::Requested => FUNDING_REQUESTED,
        FundingState::Approved => FUNDING_APPROVED,
        FundingState::Settled => FUNDING_SETTLED,
        FundingState::Failed => FUNDING_FAILED,
        FundingState::Cancelled => FUNDING_CANCELLED,
    }
}

fn word(state: FundingState) -> &'static str {
    event_of(state).trim_start_matches("funding.")
}

/// Whether a funding may take this step; an illegal one is 409.
pub(super) fn legal(funding: &FundingRecord, next: FundingState) -> Result<(), Error> {
    if funding.may_become(next) {
        return Ok(());
    }
    let hint = match (funding.state, next) {
        (FundingState::Requested, FundingState::Settled) => ": it must be approved first",
        _ => "",
    };
    let reason = format!(
        "the {} is {}: it cannot become {}{hint}",
        funding.kind.as_str(),
        word(funding.state),
        word(next)
    );
    Err(Error::standing("illegal_transition", reason))
}

/// Adds a step to a funding.
pub(super) fn take(funding: &mut FundingRecord, step: FundingStep) {
    funding.state = step.state;
    funding.steps.push(step);
}

/// The event and the audit record of the last step.
pub(super) fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    stored: &Stored<FundingRecord>,
) -> Result<(), Error> {
    let name = event_of(stored.state);
    let subject = format!("funding/{}", stored.id);
    let amount = Money::new(stored.amount, stored.currency)
        .map_err(|cause| Error::from(CallError::internal(cause.to_string())))?;
    let facts = FundingChanged {
        funding_id: stored.id,
        user_id: stored.user_id,
        client_id: stored.client_id,
        portfolio_id: stored.portfolio_id,
        account_id: stored.account_id,
        kind: stored.kind,
        amount,
        state: stored.state,
        date: stored.date,
        reasons: stored
            .steps
            .last()
            .map(|step| step.reasons.clone())
            .unwrap_or_default(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, name, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(name, subject)
        .changing("state", None, Some(word(stored.state)))
        .changing("amount", None, Some(stored.amount.to_string()))
        .changing("currency", None, Some(stored.currency));
    batch.event(audit.into_event(cx).at_version(stored.version));
    Ok(())
}

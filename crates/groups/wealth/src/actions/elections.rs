//! What owners choose of an action that leaves them a choice.

use super::{
    effect::times,
    models::{
        ActionKind, ActionState, Choice, CorporateAction, Election, Participation, ParticipationState,
        participation_id,
    },
    outcome::Planned,
    requests::{ElectionRequest, ParticipationResponse},
    service::CorporateActions,
};
use crate::{access::Access, entries::quantity_check, error::Error};
use kernel::{AuditRecord, CallContext, IdempotencyKey, NewEvent, Scope};
use rust_decimal::Decimal;
use serde_json::json;
use store::Stored;
use uuid::Uuid;
use wealth_contract::CORPORATE_ACTION_ELECTED;

impl CorporateActions {
    /// Keeps what the owner of a portfolio chooses; until it is applied it can be chosen anew.
    pub(crate) async fn elect(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: ElectionRequest,
    ) -> Result<ParticipationResponse, Error> {
        let named = (id, request.clone());
        self.store
            .once(cx, "wealth.elect", key, &named, |mut batch| {
                let request = request.clone();
                async move {
                    let action = self.walk.action(cx, id).await?;
                    let portfolio = self.portfolios.visible(cx, request.portfolio_id).await?;
                    Access::writing(cx, portfolio.user_id)?;
                    self.require_choice(&action, &request)?;
                    let quantity = request.quantity.map(|quantity| quantity.0.normalize());
                    let election = Election {
                        choice: request.choice,
                        quantity,
                    };
                    let place = participation_id(cx.tenant(), id, portfolio.id);
                    let scope = Scope::Tenant { tenant: cx.tenant() };
                    let known = self.store.get::<Participation>(&scope, place).await?;
                    // The same question as applying it would ask: who held nothing then has nothing to choose.
                    match self.walk.outcomes.of(&action, &portfolio, Some(&election)).await {
                        Ok(planned) => require_rights(&action, &election, &planned)?,
                        Err(error) if error.is_about_the_portfolio() && request.choice == Choice::Lapse => {}
                        Err(error) => return Err(error),
                    }
                    let participation = Participation {
                        user_id: portfolio.user_id,
                        client_id: portfolio.client_id,
                        advisor_id: portfolio.advisor_id,
                        action_id: id,
                        portfolio_id: portfolio.id,
                        state: ParticipationState::Elected,
                        election: Some(election),
                        accounts: Vec::new(),
                        reason: None,
                    };
                    let stored = match &known {
                        Some(known) => batch.replace(&known.with(participation)),
                        None => batch.insert(place, participation),
                    };
                    batch.require(&action);
                    batch.require(&portfolio);
                    let subject = format!("portfolio/{}", portfolio.id);
                    let data = json!({
                        "action_id": id, "portfolio_id": portfolio.id, "user_id": portfolio.user_id,
                        "choice": request.choice, "quantity": quantity,
                    });
                    batch.event(NewEvent::new(cx, CORPORATE_ACTION_ELECTED, subject.clone(), data));
                    batch.event(AuditRecord::new(CORPORATE_ACTION_ELECTED, subject).into_event(cx));
                    Ok((batch, ParticipationResponse::new(stored.data)))
                }
            })
            .await
    }

    fn require_choice(
        &self,
        action: &Stored<CorporateAction>,
        request: &ElectionRequest,
    ) -> Result<(), Error> {
        if action.state != ActionState::Announced {
            let reason = format!(
                "the action is {}: nothing can be chosen any more",
                action.state.as_str()
            );
            return Err(Error::standing("election_closed", reason));
        }
        if action.election_by.is_some_and(|last| last < self.market.today()) {
            let reason = "the last day for it is over: what happens to those who choose nothing happens";
            return Err(Error::standing("election_closed", reason));
        }
        let optional = action.amount.is_some() && action.ratio.is_some();
        let fits = match action.kind {
            ActionKind::CashDividend | ActionKind::StockDividend if optional => {
                matches!(request.choice, Choice::Cash | Choice::Stock)
            }
            ActionKind::Rights => match request.choice {
                Choice::Sell => action.rights_price.is_some(),
                choice => matches!(choice, Choice::Subscribe | Choice::Lapse),
            },
            _ => {
                let reason = "this action leaves no choice";
                return Err(Error::standing("no_election", reason));
            }
        };
        if !fits {
            return Err(Error::invalid("choice", "is none that this action leaves"));
        }
        match request.quantity {
            Some(_) if action.kind != ActionKind::Rights || request.choice == Choice::Lapse => Err(
                Error::invalid("quantity", "belongs to rights that are used or sold only"),
            ),
            Some(quantity) => match quantity_check(quantity.0) {
                Ok(()) if quantity.0.fract().is_zero() => Ok(()),
                Ok(()) => Err(Error::invalid("quantity", "must be a whole number of rights")),
                Err(message) => Err(Error::invalid("quantity", message)),
            },
            None => Ok(()),
        }
    }
}

/// Whether there are as many rights as are chosen for.
fn require_rights(action: &CorporateAction, election: &Election, planned: &[Planned]) -> Result<(), Error> {
    let Some((wanted, ratio)) = election.quantity.zip(action.ratio) else {
        return Ok(());
    };
    let mut given = Decimal::ZERO;
    for one in planned {
        given += times(one.outcome.entitled, (ratio.new, ratio.old))?.trunc();
    }
    match wanted <= given {
        true => Ok(()),
        false => Err(Error::invalid(
            "quantity",
            format!("must be at most {given}: there are no more rights"),
        )),
    }
}

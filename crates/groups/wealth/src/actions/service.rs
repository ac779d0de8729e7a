use super::{
    apply::{Walk, announce},
    job::{ActionWork, KIND},
    models::{ActionState, CorporateAction, Participation, ParticipationState, participation_id},
    requests::{
        CorporateActionRequest, CorporateActionResponse, ParticipationResponse, PreviewFilter,
        PreviewResponse,
    },
};
use crate::{
    access::Access,
    error::Error,
    market::{Instrument, Market},
    portfolios::{PortfolioRecord, PortfoliosStore},
};
use chrono::TimeDelta;
use events::jobs::NewJob;
use kernel::{CallContext, IdempotencyKey, Page, PageRequest, Scope};
use std::time::Duration;
use store::{Batch, Key, Query, Sort, Store, Stored};
use uuid::Uuid;
use wealth_contract::{CORPORATE_ACTION_CANCELLED, CORPORATE_ACTION_RECORDED};

/// A request works on portfolios until so little of its time is left; a job does the rest.
const ANSWER_IN: Duration = Duration::from_secs(5);

/// When a job looks whether the request got through.
const LOOK_AFTER: TimeDelta = TimeDelta::seconds(30);

/// Records and applies corporate actions.
#[derive(Clone)]
pub(crate) struct CorporateActions {
    pub(super) store: Store,
    pub(super) market: Market,
    pub(super) portfolios: PortfoliosStore,
    pub(super) walk: Walk,
    pub(super) access: Access,
}

impl CorporateActions {
    pub(crate) fn new(store: Store, market: Market, portfolios: PortfoliosStore, access: Access) -> Self {
        Self {
            walk: Walk::new(store.clone(), market.clone()),
            store,
            market,
            portfolios,
            access,
        }
    }

    /// Records an action, once for each key.
    pub(crate) async fn record(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: CorporateActionRequest,
    ) -> Result<CorporateActionResponse, Error> {
        Access::market(cx)?;
        self.store
            .once(cx, "wealth.record_action", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let instrument = self.known(cx, "symbol", request.symbol.as_str()).await?;
                    if let Some(symbol) = &request.new_symbol {
                        let new = self.known(cx, "new_symbol", symbol.as_str()).await?;
                        if new.currency != instrument.currency {
                            let message = format!("must be quoted in {} too", instrument.currency);
                            return Err(Error::invalid("new_symbol", message));
                        }
                    }
                    let action = request.checked(&instrument)?;
                    let id: Uuid = self.store.sources().ids().next();
                    let stored = batch.insert(id, action);
                    announce(cx, &mut batch, CORPORATE_ACTION_RECORDED, &stored);
                    Ok((batch, stored.into()))
                }
            })
            .await
    }

    async fn known(&self, cx: &CallContext, field: &str, symbol: &str) -> Result<Stored<Instrument>, Error> {
        let found = self.market.instrument(cx.tenant(), symbol).await?;
        found.ok_or_else(|| Error::invalid(field, "is not known: make the instrument first"))
    }

    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<CorporateActionResponse, Error> {
        Ok(self.walk.action(cx, id).await?.into())
    }

    /// What an action would do to the portfolios of the caller's scope; nothing is changed.
    pub(crate) async fn preview(
        &self,
        cx: &CallContext,
        id: Uuid,
        filter: &PreviewFilter,
        page: PageRequest,
    ) -> Result<Page<PreviewResponse>, Error> {
        let action = self.walk.action(cx, id).await?;
        let found = match filter.portfolio_id {
            Some(portfolio) => Page {
                items: vec![self.portfolios.visible(cx, portfolio).await?],
                next: None,
                total: None,
            },
            None => self.portfolios.list(&cx.scope()?, "created_at", page).await?,
        };
        let mut items = Vec::new();
        for portfolio in found.items {
            let holds = portfolio.positions.iter().any(|one| one.symbol == action.symbol);
            if holds || filter.portfolio_id.is_some() {
                items.push(self.foreseen(cx, &action, &portfolio).await?);
            }
        }
        Ok(Page {
            items,
            next: found.next,
            total: found.total,
        })
    }

    async fn foreseen(
        &self,
        cx: &CallContext,
        action: &Stored<CorporateAction>,
        portfolio: &Stored<PortfolioRecord>,
    ) -> Result<PreviewResponse, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let place = participation_id(cx.tenant(), action.id, portfolio.id);
        let known = self.store.get::<Participation>(&scope, place).await?;
        let done = known
            .as_ref()
            .is_some_and(|known| known.state == ParticipationState::Applied);
        let election = known.and_then(|known| known.data.election);
        let planned = match done {
            true => Err(Error::standing(
                "applied",
                "it is applied to this portfolio already",
            )),
            false => self.walk.outcomes.of(action, portfolio, election.as_ref()).await,
        };
        let (accounts, reason) = match planned {
            Ok(planned) => (planned.into_iter().map(|one| one.outcome).collect(), None),
            Err(error) if error.is_about_the_portfolio() => (Vec::new(), Some(error.told())),
            Err(error) => return Err(error),
        };
        Ok(PreviewResponse {
            portfolio_id: portfolio.id,
            user_id: portfolio.user_id,
            choice: election.map(|election| election.choice),
            accounts,
            reason,
        })
    }

    /// How the portfolios of the caller's scope took part.
    pub(crate) async fn participations(
        &self,
        cx: &CallContext,
        id: Uuid,
        page: PageRequest,
    ) -> Result<Page<ParticipationResponse>, Error> {
        self.walk.action(cx, id).await?;
        let query = Query::sorted(Sort::ascending("created_at")).equals("action_id", id);
        let found = self
            .store
            .find::<Participation>(&cx.scope()?, query.page(page))
            .await?;
        Ok(found.map(|stored| ParticipationResponse::new(stored.data)))
    }

    /// Applies an action to every portfolio that held the instrument: those that the request has no time for, a job does.
    /// Done already, nothing happens; with `again` those that were skipped are tried once more.
    pub(crate) async fn apply(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        again: bool,
    ) -> Result<CorporateActionResponse, Error> {
        Access::market(cx)?;
        self.store
            .once(
                cx,
                "wealth.apply_action",
                key,
                &(id, again),
                |mut batch| async move {
                    let action = self.walk.action(cx, id).await?;
                    match action.state {
                        ActionState::Announced => {}
                        ActionState::Applied if again => {}
                        ActionState::Applied | ActionState::Applying => return Ok((batch, ())),
                        state => return Err(illegal(state, "applied")),
                    }
                    if action.effective() > self.market.today() {
                        let reason = format!("it takes effect on {}: apply it then", action.effective());
                        return Err(Error::standing("not_due", reason));
                    }
                    self.require_last(cx, &action, |later| !later.pays_only()).await?;
                    self.walk.mark(cx, &mut batch, &action, true).await?;
                    self.begin(cx, &mut batch, &action, ActionState::Applying)?;
                    Ok::<_, Error>((batch, ()))
                },
            )
            .await?;
        self.go_on(cx, id).await
    }

    /// Takes an action back from every portfolio; refused when later entries touched the lots that it made.
    pub(crate) async fn undo(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
    ) -> Result<CorporateActionResponse, Error> {
        Access::market(cx)?;
        self.store
            .once(cx, "wealth.undo_action", key, &id, |mut batch| async move {
                let action = self.walk.action(cx, id).await?;
                match action.state {
                    ActionState::Applied => {}
                    ActionState::Undone | ActionState::Undoing => return Ok((batch, ())),
                    state => return Err(illegal(state, "undone")),
                }
                self.walk.require_untouched(cx, &action).await?;
                // What was paid later was paid for the shares that there were then.
                let follows = |later: &CorporateAction| !later.pays_only() || later.ex_date > action.ex_date;
                self.require_last(cx, &action, follows).await?;
                self.walk.mark(cx, &mut batch, &action, false).await?;
                self.begin(cx, &mut batch, &action, ActionState::Undoing)?;
                Ok::<_, Error>((batch, ()))
            })
            .await?;
        self.go_on(cx, id).await
    }

    /// Says that an action will not happen.
    pub(crate) async fn cancel(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
    ) -> Result<CorporateActionResponse, Error> {
        Access::market(cx)?;
        self.store
            .once(cx, "wealth.cancel_action", key, &id, |mut batch| async move {
                let action = self.walk.action(cx, id).await?;
                if action.state != ActionState::Announced {
                    return Err(illegal(action.state, "cancelled"));
                }
                let stored = batch.replace(&action.changed(|data| data.state = ActionState::Cancelled));
                announce(cx, &mut batch, CORPORATE_ACTION_CANCELLED, &stored);
                Ok((batch, stored.into()))
            })
            .await
    }

    fn begin(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        action: &Stored<CorporateAction>,
        state: ActionState,
    ) -> Result<(), Error> {
        batch.replace(&action.changed(|data| data.state = state));
        let due = batch.now() + LOOK_AFTER;
        let work = ActionWork { action_id: action.id };
        NewJob::new(KIND, &work)?.due(due).enqueue(&self.store, cx, batch);
        Ok(())
    }

    async fn go_on(&self, cx: &CallContext, id: Uuid) -> Result<CorporateActionResponse, Error> {
        let more = || cx.deadline.remaining() > ANSWER_IN;
        self.walk.go_on(cx, id, &more).await?;
        self.get(cx, id).await
    }

    /// Actions that change lots are applied in the order of their ex-dates: each finds the lots that the one before left.
    async fn require_last(
        &self,
        cx: &CallContext,
        action: &Stored<CorporateAction>,
        stands_in_the_way: impl Fn(&CorporateAction) -> bool,
    ) -> Result<(), Error> {
        if action.pays_only() {
            return Ok(());
        }
        let query = Query::sorted(Sort::ascending("ex_date"))
            .equals("symbol", action.symbol.as_str())
            .between(Some(Key::from(action.ex_date)), None);
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let later = self.store.find_all::<CorporateAction>(&scope, query).await?;
        let done = |one: &&Stored<CorporateAction>| {
            let state = matches!(
                one.state,
                ActionState::Applied | ActionState::Applying | ActionState::Undoing
            );
            one.id != action.id && state && stands_in_the_way(one)
        };
        match later.iter().find(done) {
            None => Ok(()),
            Some(one) => {
                let reason = format!(
                    "a {} of {} with the ex-date {} is applied already: undo that first",
                    one.kind.as_str(),
                    one.symbol,
                    one.ex_date
                );
                Err(Error::standing("later_action", reason))
            }
        }
    }
}

fn illegal(state: ActionState, wanted: &str) -> Error {
    let reason = format!("an action that is {} cannot be {wanted}", state.as_str());
    Error::standing("illegal_step", reason)
}

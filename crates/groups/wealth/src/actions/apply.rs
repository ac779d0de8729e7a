//! Applies an action to the portfolios that held the instrument, one commit for each. Whoever is interrupted, or runs beside
//! another, goes on where a portfolio has not taken part yet.

use super::{
    models::{ActionKind, ActionState, CorporateAction, Participation, ParticipationState, participation_id},
    outcome::{Outcomes, Planned},
};
use crate::{
    entries::{Desk, EntriesStore, EntryKind, Holding},
    error::Error,
    market::{Instrument, Market, Quote, quote_id},
    portfolios::PortfolioRecord,
};
use kernel::{AuditRecord, CallContext, MAX_PAGE, NewEvent, PageRequest, Scope};
use serde_json::json;
use std::collections::BTreeSet;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;
use wealth_contract::{CORPORATE_ACTION_APPLIED, CORPORATE_ACTION_UNDONE};

/// How often a portfolio is begun anew because somebody else was faster.
pub(super) const ATTEMPTS: usize = 64;

/// Works through the portfolios of an action.
#[derive(Clone)]
pub(crate) struct Walk {
    pub(super) store: Store,
    pub(super) market: Market,
    pub(super) outcomes: Outcomes,
}

/// Whether there is time for another page.
pub(super) type GoOn<'a> = &'a (dyn Fn() -> bool + Send + Sync);

impl Walk {
    pub(super) fn new(store: Store, market: Market) -> Self {
        Self {
            outcomes: Outcomes::new(EntriesStore::new(store.clone()), market.clone()),
            store,
            market,
        }
    }

    pub(super) async fn action(&self, cx: &CallContext, id: Uuid) -> Result<Stored<CorporateAction>, Error> {
        let scope = Scope::Tenant {
            tenant: cx.scope()?.tenant(),
        };
        let found = self.store.get::<CorporateAction>(&scope, id).await?;
        found.ok_or(Error::Missing {
            what: "corporate action",
        })
    }

    /// Does what is left of an action as long as there is time; answers whether nothing is left.
    pub(super) async fn go_on(&self, cx: &CallContext, id: Uuid, more: GoOn<'_>) -> Result<bool, Error> {
        let action = self.action(cx, id).await?;
        let done = match action.state {
            ActionState::Applying => self.apply_all(cx, &action, more).await?,
            ActionState::Undoing => self.undo_all(cx, &action, more).await?,
            _ => return Ok(true),
        };
        if done {
            self.finish(cx, id).await?;
        }
        Ok(done)
    }

    async fn apply_all(
        &self,
        cx: &CallContext,
        action: &Stored<CorporateAction>,
        more: GoOn<'_>,
    ) -> Result<bool, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut cursor = None;
        loop {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let query = Query::sorted(Sort::ascending("id")).equals("symbol", action.symbol.as_str());
            let found = self.store.find::<Holding>(&scope, query.page(page)).await?;
            let portfolios: BTreeSet<Uuid> = found.items.iter().map(|one| one.portfolio_id).collect();
            for portfolio in portfolios {
                if !more() {
                    return Ok(false);
                }
                self.apply_to(cx, action.id, portfolio).await?;
            }
            cursor = found.next;
            if cursor.is_none() {
                return Ok(true);
            }
        }
    }

    /// Applies an action to a portfolio, unless that was done; keeps why not where it cannot be.
    async fn apply_to(&self, cx: &CallContext, action: Uuid, portfolio: Uuid) -> Result<(), Error> {
        let mut attempts = 1;
        loop {
            match self.apply_once(cx, action, portfolio).await {
                Err(error) if is_lost(&error) && attempts < ATTEMPTS => attempts += 1,
                decided => return decided,
            }
        }
    }

    async fn apply_once(&self, cx: &CallContext, action: Uuid, portfolio: Uuid) -> Result<(), Error> {
        let action = &self.action(cx, action).await?;
        if action.state != ActionState::Applying {
            return Ok(());
        }
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let Some(portfolio) = self.store.get::<PortfolioRecord>(&scope, portfolio).await? else {
            return Ok(());
        };
        let id = participation_id(cx.tenant(), action.id, portfolio.id);
        let known = self.store.get::<Participation>(&scope, id).await?;
        if known.as_ref().is_some_and(|known| {
            matches!(
                known.state,
                ParticipationState::Applied | ParticipationState::Undone
            )
        }) {
            return Ok(());
        }
        let election = known.as_ref().and_then(|known| known.election.clone());
        let mut batch = self.store.batch(cx);
        let planned = match self.outcomes.of(action, &portfolio, election.as_ref()).await {
            Ok(planned) => self.entered(cx, &mut batch, action, &portfolio, planned).await,
            Err(error) => Err(error),
        };
        let (state, accounts, reason) = match planned {
            Ok(planned) => {
                let outcomes = planned.into_iter().map(|one| one.outcome).collect();
                (ParticipationState::Applied, outcomes, None)
            }
            Err(error) if error.is_about_the_portfolio() => {
                batch = self.store.batch(cx);
                batch.require(&portfolio);
                (ParticipationState::Skipped, Vec::new(), Some(error.told()))
            }
            Err(error) => return Err(error),
        };
        let participation = Participation {
            user_id: portfolio.user_id,
            client_id: portfolio.client_id,
            advisor_id: portfolio.advisor_id,
            action_id: action.id,
            portfolio_id: portfolio.id,
            state,
            election,
            accounts,
            reason,
        };
        match &known {
            Some(known) if known.data == participation => return Ok(()),
            Some(known) => drop(batch.replace(&known.with(participation))),
            None => drop(batch.insert(id, participation)),
        }
        // An action that was taken back in the meantime is entered nowhere any more.
        batch.require(action);
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Puts the entries of a portfolio into a batch.
    async fn entered(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        action: &Stored<CorporateAction>,
        portfolio: &Stored<PortfolioRecord>,
        planned: Vec<Planned>,
    ) -> Result<Vec<Planned>, Error> {
        let mut desk = Desk::new(&self.store, &self.market, portfolio.clone());
        for one in &planned {
            let kind = EntryKind::CorporateAction;
            let mut entry = desk.blank(one.outcome.account_id, action.effective(), kind);
            entry.cash = one.outcome.cash;
            entry.legs.clone_from(&one.legs);
            entry.cause = Some(cause_of(action.id));
            desk.enter(entry).await?;
        }
        desk.finish(cx, batch).await?;
        Ok(planned)
    }

    async fn finish(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let mut attempts = 1;
        loop {
            match self.finish_once(cx, id).await {
                Err(error) if is_lost(&error) && attempts < ATTEMPTS => attempts += 1,
                decided => return decided,
            }
        }
    }

    async fn finish_once(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let action = self.action(cx, id).await?;
        let mut batch = self.store.batch(cx);
        let (state, event) = match action.state {
            ActionState::Applying => (ActionState::Applied, CORPORATE_ACTION_APPLIED),
            ActionState::Undoing if self.any_left(cx, id).await? => {
                self.mark(cx, &mut batch, &action, true).await?;
                (ActionState::Applied, CORPORATE_ACTION_APPLIED)
            }
            ActionState::Undoing => (ActionState::Undone, CORPORATE_ACTION_UNDONE),
            _ => return Ok(()),
        };
        let stored = batch.replace(&action.changed(|action| action.state = state));
        announce(cx, &mut batch, event, &stored);
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Tells the instrument of a split, or takes that back, in the batch that begins it: prices are counted with it from then on.
    /// A new name has the last price of the old one until it has a quote of its own.
    pub(super) async fn mark(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        action: &Stored<CorporateAction>,
        applied: bool,
    ) -> Result<(), Error> {
        if let Some(split) = action.split(action.id)
            && let Some(instrument) = self.market.instrument(cx.tenant(), &action.symbol).await?
        {
            batch.replace(&instrument.changed(|instrument| {
                instrument.splits.retain(|one| one.action_id != action.id);
                if applied {
                    instrument.splits.push(split.clone());
                    instrument.splits.sort_by_key(|one| one.ex_date);
                }
            }));
        }
        if let (ActionKind::SymbolChange, Some(new), true) = (action.kind, &action.new_symbol, applied) {
            let old = self.market.instrument(cx.tenant(), &action.symbol).await?;
            let new = self.market.instrument(cx.tenant(), new).await?;
            if let (Some(old), Some(new)) = (old, new) {
                self.take_price_over(cx, batch, &old, &new).await?;
            }
        }
        Ok(())
    }

    async fn take_price_over(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        old: &Stored<Instrument>,
        new: &Stored<Instrument>,
    ) -> Result<(), Error> {
        let (Some((price, date)), None) = (old.price_on(self.market.today()), new.last_price) else {
            return Ok(());
        };
        let id = quote_id(cx.tenant(), &new.symbol, date);
        if self
            .store
            .get::<Quote>(&Scope::Tenant { tenant: cx.tenant() }, id)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let quote = Quote {
            symbol: new.symbol.clone(),
            date,
            price,
            adjusted: false,
        };
        batch.insert(id, quote);
        batch.replace(&new.changed(|instrument| {
            instrument.last_price = Some(price);
            instrument.last_date = Some(date);
        }));
        Ok(())
    }
}

/// Whether somebody else was faster, so that it is decided anew.
pub(super) fn is_lost(error: &Error) -> bool {
    matches!(error, Error::Store(error) if error.is_lost_race())
}

/// What entries of an action say of where they come from.
pub(super) fn cause_of(action: Uuid) -> String {
    format!("corporate_action/{action}")
}

/// Adds the event and the audit record of a change to its batch.
pub(super) fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<CorporateAction>) {
    let subject = cause_of(stored.id);
    let data = json!({
        "action_id": stored.id, "kind": stored.kind, "symbol": stored.symbol, "ex_date": stored.ex_date,
        "state": stored.state,
    });
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject);
    batch.event(audit.into_event(cx).at_version(stored.version));
}

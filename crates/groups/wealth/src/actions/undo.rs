//! Takes an action back: the lots are exactly those that there were. Refused where a later entry touched them.

use super::{
    apply::{ATTEMPTS, GoOn, Walk, cause_of, is_lost},
    effect::{leg, whole},
    models::{ActionState, CorporateAction, LotChange, Participation, ParticipationState},
};
use crate::{
    entries::{AccountState, Desk, EntriesStore, EntryKind, Holding, Leg},
    error::Error,
    portfolios::PortfolioRecord,
};
use kernel::{CallContext, MAX_PAGE, PageRequest, Scope};
use rust_decimal::Decimal;
use store::{Query, Sort, Stored};
use uuid::Uuid;

impl Walk {
    /// Refuses to take an action back from which a portfolio has gone on already.
    pub(super) async fn require_untouched(
        &self,
        cx: &CallContext,
        action: &Stored<CorporateAction>,
    ) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            let (page, next) = self.participations(cx, action.id, cursor).await?;
            for one in page.iter().filter(|one| one.state == ParticipationState::Applied) {
                self.require_undoable(cx, one).await?;
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn require_undoable(&self, cx: &CallContext, one: &Participation) -> Result<(), Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let Some(portfolio) = self
            .store
            .get::<PortfolioRecord>(&scope, one.portfolio_id)
            .await?
        else {
            return Ok(());
        };
        let entries = EntriesStore::new(self.store.clone());
        let holdings = entries.holdings(cx.tenant(), one.portfolio_id).await?;
        for account in &one.accounts {
            for change in &account.changes {
                let same = |held: &&Stored<Holding>| {
                    held.account_id == account.account_id && held.symbol == change.symbol
                };
                let held = holdings.iter().find(same);
                require_standing(change, held.map(|held| &held.data))?;
            }
            let state = portfolio.accounts.iter().find(|one| one.id == account.account_id);
            let lacks = |state: &AccountState| {
                !state.margin && account.cash > Decimal::ZERO && state.cash < account.cash
            };
            if state.is_some_and(lacks) {
                let reason = "an account has less cash than the action paid: pay in first";
                return Err(Error::standing("insufficient_cash", reason));
            }
        }
        Ok(())
    }

    pub(super) async fn undo_all(
        &self,
        cx: &CallContext,
        action: &Stored<CorporateAction>,
        more: GoOn<'_>,
    ) -> Result<bool, Error> {
        let mut cursor = None;
        loop {
            let (page, next) = self.participations(cx, action.id, cursor).await?;
            for one in page.iter().filter(|one| one.state == ParticipationState::Applied) {
                if !more() {
                    return Ok(false);
                }
                self.undo_from(cx, action.id, one.id).await?;
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(true);
            }
        }
    }

    async fn undo_from(&self, cx: &CallContext, action: Uuid, participation: Uuid) -> Result<(), Error> {
        let mut attempts = 1;
        loop {
            match self.undo_once(cx, action, participation).await {
                Err(error) if is_lost(&error) && attempts < ATTEMPTS => attempts += 1,
                decided => return decided,
            }
        }
    }

    /// Takes an action back from a portfolio, unless that was done. Where an entry was quicker the action stays, with the reason.
    async fn undo_once(&self, cx: &CallContext, action: Uuid, participation: Uuid) -> Result<(), Error> {
        let action = &self.action(cx, action).await?;
        if action.state != ActionState::Undoing {
            return Ok(());
        }
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let Some(known) = self.store.get::<Participation>(&scope, participation).await? else {
            return Ok(());
        };
        if known.state != ParticipationState::Applied {
            return Ok(());
        }
        let portfolio = self
            .store
            .get::<PortfolioRecord>(&scope, known.portfolio_id)
            .await?;
        let Some(portfolio) = portfolio else {
            return Ok(());
        };
        let mut batch = self.store.batch(cx);
        let mut desk = Desk::new(&self.store, &self.market, portfolio.clone());
        let entered = taken_back(&mut desk, action, &known).await;
        let changed = match entered {
            Ok(()) => {
                desk.finish(cx, &mut batch).await?;
                known.changed(|data| data.state = ParticipationState::Undone)
            }
            Err(error) if error.is_about_the_portfolio() => {
                batch.require(&portfolio);
                known.changed(|data| data.reason = Some(error.told()))
            }
            Err(error) => return Err(error),
        };
        batch.replace(&changed);
        batch.require(action);
        self.store.commit(batch).await?;
        Ok(())
    }

    async fn participations(
        &self,
        cx: &CallContext,
        action: Uuid,
        cursor: Option<String>,
    ) -> Result<(Vec<Stored<Participation>>, Option<String>), Error> {
        let page = PageRequest {
            limit: MAX_PAGE,
            cursor,
            count: false,
        };
        let query = Query::sorted(Sort::ascending("created_at")).equals("action_id", action);
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.find::<Participation>(&scope, query.page(page)).await?;
        Ok((found.items, found.next))
    }

    /// Whether there is a portfolio from which an action could not be taken back.
    pub(super) async fn any_left(&self, cx: &CallContext, action: Uuid) -> Result<bool, Error> {
        let mut cursor = None;
        loop {
            let (page, next) = self.participations(cx, action, cursor).await?;
            if page.iter().any(|one| one.state == ParticipationState::Applied) {
                return Ok(true);
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(false);
            }
        }
    }
}

async fn taken_back(
    desk: &mut Desk,
    action: &Stored<CorporateAction>,
    known: &Stored<Participation>,
) -> Result<(), Error> {
    for account in &known.accounts {
        let mut legs = Vec::with_capacity(account.changes.len());
        for change in &account.changes {
            let holding = desk.holding(account.account_id, &change.symbol).await?;
            require_standing(change, Some(holding))?;
            legs.push(back(change));
        }
        let kind = EntryKind::CorporateActionUndone;
        let mut entry = desk.blank(account.account_id, action.effective(), kind);
        entry.cash = -account.cash;
        entry.legs = legs;
        entry.cause = Some(cause_of(action.id));
        desk.enter(entry).await?;
    }
    Ok(())
}

/// The leg that puts back what there was.
fn back(change: &LotChange) -> Leg {
    let mut leg = leg(&change.symbol);
    let gone = |lot| whole(lot, lot.quantity, lot.cost, Decimal::ZERO);
    leg.taken = change.after.iter().map(gone).collect();
    leg.made.clone_from(&change.before);
    leg.realised = -change.realised;
    leg
}

/// Whether the lots that an action left are as it left them.
fn require_standing(change: &LotChange, held: Option<&Holding>) -> Result<(), Error> {
    let lots = held.map_or(&[][..], |held| held.lots.as_slice());
    let stands = change.after.iter().all(|lot| lots.contains(lot))
        && change.before.iter().all(|lot| {
            lots.iter()
                .all(|held| held.id != lot.id || change.after.contains(held))
        });
    match stands {
        true => Ok(()),
        false => Err(Error::standing(
            "lots_touched",
            format!(
                "later entries touched the lots of {} that this action made: it cannot be taken back",
                change.symbol
            ),
        )),
    }
}

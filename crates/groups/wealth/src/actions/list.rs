//! Which corporate actions there are, and which of them touch what somebody holds.

use super::{
    models::CorporateAction,
    requests::{ActionFilter, CorporateActionResponse},
    service::CorporateActions,
};
use crate::{error::Error, portfolios::PortfolioRecord};
use chrono::Days;
use kernel::{CallContext, Page, PageRequest, Scope};
use std::collections::BTreeSet;
use store::{Key, Query, Sort, StoreError, Stored};

impl CorporateActions {
    /// Actions by their ex-dates: of the firm, or of what somebody holds.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ActionFilter,
        page: PageRequest,
    ) -> Result<Page<CorporateActionResponse>, Error> {
        let scope = Scope::Tenant {
            tenant: cx.scope()?.tenant(),
        };
        let Some(held) = self.held(cx, filter).await? else {
            let query = query_of(filter, filter.symbol.as_ref().map(|symbol| symbol.as_str()));
            let found = self
                .store
                .find::<CorporateAction>(&scope, query.page(page))
                .await?;
            return Ok(found.map(CorporateActionResponse::from));
        };
        let mut items = Vec::new();
        for symbol in held {
            if filter.symbol.as_ref().is_some_and(|only| only.as_str() != symbol) {
                continue;
            }
            let query = query_of(filter, Some(&symbol));
            items.extend(self.store.find_all::<CorporateAction>(&scope, query).await?);
        }
        items.sort_by_key(|action| (action.ex_date, action.id));
        Ok(page_of(items, &page)?.map(CorporateActionResponse::from))
    }

    /// What the portfolios hold that a list is asked for, if it is asked for some.
    async fn held(&self, cx: &CallContext, filter: &ActionFilter) -> Result<Option<BTreeSet<String>>, Error> {
        let portfolios: Vec<Stored<PortfolioRecord>> = match (filter.portfolio_id, filter.user_id) {
            (None, None) => return Ok(None),
            (Some(id), user) => {
                let portfolio = self.portfolios.visible(cx, id).await?;
                if user.is_some_and(|user| user != portfolio.user_id) {
                    return Err(Error::Missing { what: "portfolio" });
                }
                vec![portfolio]
            }
            (None, Some(user)) => {
                let scope = self.access.reading(cx, user).await?;
                self.store.find_all(&scope, Query::all()).await?
            }
        };
        let held = portfolios.iter().flat_map(|one| one.positions.iter());
        let held = held.filter(|position| !position.quantity.is_zero());
        Ok(Some(held.map(|position| position.symbol.clone()).collect()))
    }
}

/// A page of actions that were gathered; its cursor is the id of the last one before it.
fn page_of(
    actions: Vec<Stored<CorporateAction>>,
    page: &PageRequest,
) -> Result<Page<Stored<CorporateAction>>, StoreError> {
    let total = Some(actions.len() as u64).filter(|_| page.count);
    let is_last = |action: &Stored<CorporateAction>, cursor: &str| action.id.to_string() == cursor;
    let begin = match &page.cursor {
        None => 0,
        Some(cursor) => {
            let last = actions.iter().position(|action| is_last(action, cursor));
            last.ok_or(StoreError::BadCursor)? + 1
        }
    };
    let end = actions.len().min(begin + page.limit as usize);
    let last = actions.get(end.wrapping_sub(1)).filter(|_| end < actions.len());
    let next = last.map(|action| action.id.to_string());
    let items = actions.into_iter().skip(begin).take(end - begin).collect();
    Ok(Page { items, next, total })
}

fn query_of(filter: &ActionFilter, symbol: Option<&str>) -> Query {
    let from = filter.from.map(|from| Key::from(from.date()));
    let until = filter.to.and_then(|to| to.date().checked_add_days(Days::new(1)));
    let mut query = Query::sorted(Sort::ascending("ex_date")).between(from, until.map(Key::from));
    if let Some(symbol) = symbol {
        query = query.equals("symbol", symbol);
    }
    if let Some(kind) = filter.kind {
        query = query.equals("kind", kind.as_str());
    }
    if let Some(state) = filter.state {
        query = query.equals("state", state.as_str());
    }
    query
}

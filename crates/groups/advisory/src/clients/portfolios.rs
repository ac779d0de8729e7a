//! What other groups tell of the portfolios of clients: their worth and what they are made of. Read for briefs.

use crate::error::Error;
use chrono::NaiveDate;
use events::Failure;
use kernel::{CallContext, Currency, EventEnvelope, Scope, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::LazyLock,
};
use store::{Batch, Collection, Document, Query, Scoping, Store, Stored};
use uuid::Uuid;
use wealth_contract::{
    PORTFOLIO_COMPOSED, PORTFOLIO_DELETED, PORTFOLIO_VALUED, PortfolioChanged, PortfolioComposed,
    PortfolioDrift, PortfolioPart, PortfolioValued,
};

/// What was told of a portfolio. Its id is the portfolio's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PortfolioHeard {
    pub(crate) user_id: UserId,
    pub(crate) currency: Currency,
    pub(crate) value: Decimal,
    pub(crate) complete: bool,
    /// The day of the value.
    pub(crate) as_of: NaiveDate,
    pub(crate) composition: Option<Composition>,
}

/// What a portfolio is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Composition {
    pub(crate) as_of: NaiveDate,
    pub(crate) classes: Vec<PortfolioPart>,
    pub(crate) has_targets: bool,
    pub(crate) drifted: Vec<PortfolioDrift>,
}

impl Document for PortfolioHeard {
    fn collection() -> &'static Collection {
        static PORTFOLIOS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("client_portfolios", Scoping::Owner).removed_with_user());
        &PORTFOLIOS
    }
}

/// The portfolios of a user that were told of, the oldest first.
pub(crate) async fn portfolios_of(
    store: &Store,
    cx: &CallContext,
    user: UserId,
    most: u32,
) -> Result<Vec<Stored<PortfolioHeard>>, Error> {
    let scope = Scope::Own {
        tenant: cx.tenant(),
        user,
    };
    Ok(store.find(&scope, Query::all().limit(most)).await?.items)
}

/// Adds what several events tell of portfolios to a batch, in one change of each.
pub(super) async fn remember(
    store: &Store,
    cx: &CallContext,
    batch: &mut Batch,
    run: &[&EventEnvelope],
) -> Result<(), Failure> {
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let mut heard: BTreeMap<Uuid, (Option<Stored<PortfolioHeard>>, Option<PortfolioHeard>)> = BTreeMap::new();
    for event in run {
        let Some(id) = portfolio_of(event)? else { continue };
        let (_, now) = match heard.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(room) => {
                let known = store.get::<PortfolioHeard>(&scope, id).await?;
                let data = known.as_ref().map(|known| known.data.clone());
                room.insert((known, data))
            }
        };
        *now = learnt(now.take(), event)?;
    }
    for (id, (known, now)) in heard {
        match (known, now) {
            (Some(known), Some(now)) if known.data == now => {}
            (Some(known), Some(now)) => drop(batch.replace(&known.with(now))),
            (Some(known), None) => batch.remove(&known),
            (None, Some(now)) => drop(batch.insert(id, now)),
            (None, None) => {}
        }
    }
    Ok(())
}

fn portfolio_of(event: &EventEnvelope) -> Result<Option<Uuid>, Failure> {
    Ok(match event.event_type.as_str() {
        PORTFOLIO_VALUED => Some(event.data_as::<PortfolioValued>()?.portfolio_id),
        PORTFOLIO_COMPOSED => Some(event.data_as::<PortfolioComposed>()?.portfolio_id),
        PORTFOLIO_DELETED => Some(event.data_as::<PortfolioChanged>()?.portfolio_id),
        _ => None,
    })
}

/// What is known after an event; nothing of a portfolio that is gone.
fn learnt(known: Option<PortfolioHeard>, event: &EventEnvelope) -> Result<Option<PortfolioHeard>, Failure> {
    Ok(match event.event_type.as_str() {
        PORTFOLIO_VALUED => {
            let told: PortfolioValued = event.data_as()?;
            Some(PortfolioHeard {
                user_id: told.user_id,
                currency: told.currency,
                value: told.value,
                complete: told.complete,
                as_of: told.date,
                composition: known.and_then(|known| known.composition),
            })
        }
        PORTFOLIO_COMPOSED => {
            let told: PortfolioComposed = event.data_as()?;
            Some(PortfolioHeard {
                user_id: told.user_id,
                currency: told.currency,
                value: told.value,
                complete: told.complete,
                as_of: told.date,
                composition: Some(Composition {
                    as_of: told.date,
                    classes: told.classes,
                    has_targets: told.has_targets,
                    drifted: told.drifted,
                }),
            })
        }
        PORTFOLIO_DELETED => None,
        _ => known,
    })
}

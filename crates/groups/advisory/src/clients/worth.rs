//! What a user owns, as other groups tell it: the total of a client follows it.

use super::{models::ClientRecord, portfolios::remember};
use crate::error::Error;
use advisory_contract::{CLIENT_CREATED, CLIENT_REASSIGNED, ClientChanged};
use events::{Failure, Projection};
use finance_contract::{BALANCE_CHANGED, BalanceChanged};
use kernel::{CallContext, Currency, EventEnvelope, Money, Scope, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};
use store::{Batch, Collection, Document, Query, Scoping, Store, Stored};
use uuid::Uuid;
use wealth_contract::{
    PORTFOLIO_COMPOSED, PORTFOLIO_DELETED, PORTFOLIO_VALUED, PortfolioChanged, PortfolioValued,
};

/// What was told of a user: by source, then by currency. A source is `accounts`, or a portfolio.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorthRecord {
    pub(crate) user_id: Option<UserId>,
    pub(crate) sources: BTreeMap<String, BTreeMap<String, Decimal>>,
}

impl Document for WorthRecord {
    fn collection() -> &'static Collection {
        static WORTH: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("client_worth", Scoping::Owner).removed_with_user());
        &WORTH
    }
}

impl WorthRecord {
    fn in_currency(&self, currency: Currency) -> Decimal {
        self.sources
            .values()
            .filter_map(|amounts| amounts.get(currency.code()))
            .sum()
    }

    fn learn(&mut self, told: &Told) {
        let source = told.source.clone();
        match told.news {
            News::Change(change) => {
                let amounts = self.sources.entry(source).or_default();
                *amounts.entry(change.currency().code().to_owned()).or_default() += change.amount();
            }
            News::Worth(worth) => {
                let amounts = [(worth.currency().code().to_owned(), worth.amount())];
                self.sources.insert(source, BTreeMap::from(amounts));
            }
            News::Gone => drop(self.sources.remove(&source)),
        }
    }
}

/// What is told of a source.
enum News {
    /// It has so much more, or less.
    Change(Money),
    /// All that it has.
    Worth(Money),
    /// There is no such source any more.
    Gone,
}

/// What an event tells of somebody.
struct Told {
    user: UserId,
    source: String,
    news: News,
}

/// The events of other groups that say what somebody owns: one more is one more arm here.
fn told(event: &EventEnvelope) -> Result<Option<Told>, Failure> {
    Ok(match event.event_type.as_str() {
        BALANCE_CHANGED => {
            let changed: BalanceChanged = event.data_as()?;
            Some(Told {
                user: changed.user_id,
                source: "accounts".to_owned(),
                news: News::Change(changed.change),
            })
        }
        // What was paid into a portfolio is on no money account of the ledger, so nothing is in both.
        PORTFOLIO_VALUED => {
            let valued: PortfolioValued = event.data_as()?;
            let worth = Money::rounded(valued.value, valued.currency)
                .map_err(|cause| Failure::permanent(format!("the value of a portfolio: {cause}")))?;
            Some(Told {
                user: valued.user_id,
                source: portfolio(valued.portfolio_id),
                news: News::Worth(worth),
            })
        }
        PORTFOLIO_DELETED => {
            let deleted: PortfolioChanged = event.data_as()?;
            Some(Told {
                user: deleted.user_id,
                source: portfolio(deleted.portfolio_id),
                news: News::Gone,
            })
        }
        _ => None,
    })
}

fn portfolio(id: Uuid) -> String {
    format!("portfolio/{id}")
}

/// What is known of a user in a currency.
pub(super) async fn followed(
    store: &Store,
    cx: &CallContext,
    user: UserId,
    currency: Currency,
) -> Result<Decimal, Error> {
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let known = store.get::<WorthRecord>(&scope, worth_id(user)).await?;
    Ok(known.map_or(Decimal::ZERO, |known| known.in_currency(currency)))
}

/// What these portfolios of a user are worth in a currency, as far as it was told.
pub(crate) async fn portfolios_worth(
    store: &Store,
    cx: &CallContext,
    user: UserId,
    portfolios: &[Uuid],
    currency: Currency,
) -> Result<Decimal, Error> {
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let known = store.get::<WorthRecord>(&scope, worth_id(user)).await?;
    let Some(known) = known else {
        return Ok(Decimal::ZERO);
    };
    let mut ids = portfolios.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let worth = ids.into_iter().filter_map(|id| {
        let amounts = known.sources.get(&portfolio(id))?;
        amounts.get(currency.code()).copied()
    });
    Ok(worth.fold(Decimal::ZERO, Decimal::saturating_add))
}

/// Keeps what users own and lets the totals of clients follow; hears the groups that know.
pub(crate) struct WorthProjection {
    store: Store,
}

impl WorthProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn client_of(&self, scope: &Scope, user: UserId) -> Result<Option<Stored<ClientRecord>>, Failure> {
        let query = Query::all().equals("user_id", user.0);
        Ok(self.store.find_first(scope, query).await?)
    }

    /// What several events of one user come to, in one change of each document.
    async fn settle(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        user: UserId,
        told: &[Told],
    ) -> Result<(), Failure> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let known = self.store.get::<WorthRecord>(&scope, worth_id(user)).await?;
        let mut worth = known.as_ref().map(|known| known.data.clone()).unwrap_or_default();
        worth.user_id = Some(user);
        told.iter().for_each(|told| worth.learn(told));
        if let Some(client) = self.client_of(&scope, user).await? {
            let followed = worth.in_currency(client.currency);
            if followed != client.followed_assets {
                batch.replace(&client.changed(|record| {
                    // Nobody changed it: the time of the last change stays what it was.
                    record.revised_at.get_or_insert(client.updated_at);
                    record.follow(followed);
                }));
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        match &known {
            Some(known) => batch.replace(&known.with(worth)),
            None => batch.insert(worth_id(user), worth),
        };
        Ok(())
    }
}

#[rpc::async_trait]
impl Projection for WorthProjection {
    fn name(&self) -> &'static str {
        "advisory.worth"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(
            event_type,
            BALANCE_CHANGED
                | PORTFOLIO_VALUED
                | PORTFOLIO_COMPOSED
                | PORTFOLIO_DELETED
                | CLIENT_CREATED
                | CLIENT_REASSIGNED
        )
    }

    fn longest_run(&self) -> usize {
        256
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        let mut by_user: BTreeMap<UserId, Vec<Told>> = BTreeMap::new();
        for event in run {
            if matches!(event.event_type.as_str(), CLIENT_CREATED | CLIENT_REASSIGNED) {
                // What was told while the client was being made or away.
                let client: ClientChanged = event.data_as()?;
                by_user.entry(client.user_id).or_default();
            }
            if let Some(told) = told(event)? {
                by_user.entry(told.user).or_default().push(told);
            }
        }
        let mut batch = self.store.batch(cx);
        for (user, told) in by_user {
            self.settle(cx, &mut batch, user, &told).await?;
        }
        remember(&self.store, cx, &mut batch, run).await?;
        Ok(batch)
    }
}

fn worth_id(user: UserId) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("worth\u{0}{user}").as_bytes())
}

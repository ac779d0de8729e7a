use super::{
    churn,
    priority::{action, points},
    requests::{ClientAtRisk, NextAction, PrioritizedClient, RankParameters},
    rules::{Book, Points},
};
use crate::{clients::ClientRecord, error::Error, goals::GoalRecord};
use chrono_tz::Tz;
use kernel::{Amount, CallContext, ClientId};
use rust_decimal::Decimal;
use std::{cmp::Reverse, collections::HashMap};
use store::{Query, Sort, Store, Stored};

/// The rules of who comes first.
pub(crate) struct Ranking {
    store: Store,
    timezone: Tz,
}

impl Ranking {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// Whom to look after first.
    pub(crate) async fn prioritize(
        &self,
        cx: &CallContext,
        parameters: &RankParameters,
    ) -> Result<Vec<PrioritizedClient>, Error> {
        let ranked = self.ranked(cx, parameters, points).await?;
        Ok(ranked.into_iter().map(prioritized).collect())
    }

    /// Who may leave: nobody without a driver.
    pub(crate) async fn at_risk(
        &self,
        cx: &CallContext,
        parameters: &RankParameters,
    ) -> Result<Vec<ClientAtRisk>, Error> {
        let ranked = self.ranked(cx, parameters, churn::drivers).await?;
        let at_risk = ranked.into_iter().filter(|(_, points)| points.score() > 0);
        Ok(at_risk
            .map(|(client, points)| ClientAtRisk {
                client_id: ClientId(client.id),
                score: points.score(),
                drivers: points.0,
                client_name: client.data.client_name,
                total_assets: Amount(client.data.total_assets),
                currency: client.data.currency,
            })
            .collect())
    }

    /// The clients with the most points; of equals the richest, then by id.
    async fn ranked(
        &self,
        cx: &CallContext,
        parameters: &RankParameters,
        rate: impl Fn(&Stored<ClientRecord>, &Book) -> Points,
    ) -> Result<Vec<(Stored<ClientRecord>, Points)>, Error> {
        let limit = match parameters.limit {
            None => 50,
            Some(limit @ 1..=200) => limit as usize,
            Some(_) => return Err(Error::invalid("limit", "must be a whole number from 1 to 200")),
        };
        let scope = cx.scope()?;
        let query = Query::sorted(Sort::descending("total_assets"));
        let clients = self.store.find_all::<ClientRecord>(&scope, query).await?;
        let off_track = Query::sorted(Sort::ascending("target_date")).equals("on_track", false);
        let off_track = self.store.find_all::<GoalRecord>(&scope, off_track).await?;
        let book = self.book(&clients, &off_track);
        let mut ranked: Vec<_> = clients
            .into_iter()
            .map(|client| {
                let points = rate(&client, &book);
                (client, points)
            })
            .collect();
        ranked.sort_by_key(|(client, points)| {
            (Reverse(points.score()), Reverse(client.total_assets), client.id)
        });
        ranked.truncate(limit);
        Ok(ranked)
    }

    fn book(&self, clients: &[Stored<ClientRecord>], goals: &[Stored<GoalRecord>]) -> Book {
        let now = self.store.sources().now();
        let mut assets: HashMap<&'static str, Vec<Decimal>> = HashMap::new();
        for client in clients {
            assets
                .entry(client.currency.code())
                .or_default()
                .push(client.total_assets);
        }
        let mut off_track = HashMap::new();
        for goal in goals {
            *off_track.entry(goal.client_id.0).or_default() += 1;
        }
        Book {
            now,
            today: now.with_timezone(&self.timezone).date_naive(),
            off_track,
            assets,
        }
    }
}

fn prioritized((client, points): (Stored<ClientRecord>, Points)) -> PrioritizedClient {
    let (action, message) = action(points.heaviest().map_or("", |reason| reason.code.as_str()));
    PrioritizedClient {
        client_id: ClientId(client.id),
        score: points.score(),
        next_best_action: NextAction {
            action: action.to_owned(),
            message: message.to_owned(),
        },
        reasons: points.0,
        client_name: client.data.client_name,
        total_assets: Amount(client.data.total_assets),
        currency: client.data.currency,
    }
}

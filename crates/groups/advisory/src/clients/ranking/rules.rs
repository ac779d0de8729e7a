use crate::clients::ClientRecord;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a client has points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Reason {
    /// The rule, as in `kyc_expired`.
    pub(crate) code: String,
    /// How many points it gives.
    pub(crate) points: u32,
    /// For people, with the figures.
    pub(crate) message: String,
}

/// Points by declared rules: the score is their sum, and nothing else.
#[derive(Debug, Default)]
pub(super) struct Points(pub(super) Vec<Reason>);

impl Points {
    pub(super) fn add(&mut self, code: &str, points: u32, message: impl Into<String>) {
        if points > 0 {
            self.0.push(Reason {
                code: code.to_owned(),
                points,
                message: message.into(),
            });
        }
    }

    pub(super) fn score(&self) -> u32 {
        self.0.iter().map(|reason| reason.points).sum()
    }

    /// The heaviest reason; of equals the one that was declared first.
    pub(super) fn heaviest(&self) -> Option<&Reason> {
        self.0.iter().rev().max_by_key(|reason| reason.points)
    }
}

/// What is known of the whole book when its clients are ranked.
pub(super) struct Book {
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
    /// How many goals of a client are off track.
    pub(super) off_track: HashMap<Uuid, u32>,
    /// Assets in each currency, largest first: to know where somebody stands.
    pub(super) assets: HashMap<&'static str, Vec<Decimal>>,
}

impl Book {
    /// Which part of the clients with the same currency owns more: 0 for the richest.
    pub(super) fn standing(&self, client: &ClientRecord) -> Option<Decimal> {
        let all = self.assets.get(client.currency.code())?;
        let richer = all.partition_point(|assets| *assets > client.total_assets);
        Some(Decimal::from(richer) / Decimal::from(all.len().max(1)))
    }

    /// For how many days nobody has spoken with the client: since they came, if never.
    pub(super) fn silent_days(&self, client: &Stored<ClientRecord>) -> i64 {
        let last = client.last_contact_at.unwrap_or(client.created_at);
        (self.now - last).max(TimeDelta::zero()).num_days()
    }

    /// How many days the identity check is still good for; negative when it has ended.
    pub(super) fn kyc_days(&self, client: &ClientRecord) -> Option<i64> {
        client
            .kyc_expiry_date
            .map(|expiry| (expiry - self.today).num_days())
    }
}

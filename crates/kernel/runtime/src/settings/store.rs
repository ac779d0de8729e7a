use super::{Problems, masked_url};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, fmt};

/// The address of a database. Shown and written with its password masked.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// An address as it was written.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn complaint(&self) -> Option<&'static str> {
        let scheme = self.0.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" | "mongodb" | "mongodb+srv" => None,
            "postgres" | "postgresql" => Some(
                "PostgreSQL is not supported: WealthOS keeps documents; use mongodb://… or leave it unset for the \
                 embedded SQLite store",
            ),
            _ => Some("must begin with mongodb://, mongodb+srv:// or sqlite:"),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked_url(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Where data lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// The database of all groups; unset is an embedded SQLite file per group in the data directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<DatabaseUrl>,
    /// The most connections in a pool.
    pub max_pool_size: u32,
    /// The connections that a pool keeps open.
    pub min_pool_size: u32,
    /// The database of one group, where it differs.
    pub group_urls: BTreeMap<String, DatabaseUrl>,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            database_url: None,
            max_pool_size: 30,
            min_pool_size: 0,
            group_urls: BTreeMap::new(),
        }
    }
}

impl StoreSettings {
    /// The database of a group: its own, else the common one, else none (embedded).
    pub fn url_of(&self, group: &str) -> Option<&DatabaseUrl> {
        self.group_urls.get(group).or(self.database_url.as_ref())
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        if let Some(complaint) = self.database_url.as_ref().and_then(DatabaseUrl::complaint) {
            problems.add("store.database_url", complaint);
        }
        for (group, url) in &self.group_urls {
            if let Some(complaint) = url.complaint() {
                problems.add(format!("store.group_urls.{group}"), complaint);
            }
        }
        problems.require(
            (1..=10_000).contains(&self.max_pool_size),
            "store.max_pool_size",
            "must be 1 to 10000",
        );
        problems.require(
            self.min_pool_size <= self.max_pool_size,
            "store.min_pool_size",
            "must not be above store.max_pool_size",
        );
    }
}

use super::place_of;
use crate::{Platform, PlatformError, PlatformParts, linked_groups};
use events::{Projection, Settled};
use runtime::Settings;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use store::StoreError;

/// A consumer of events that stood beyond the end of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reader {
    /// Whose consumer it is.
    pub(crate) group: &'static str,
    /// Its name.
    pub(crate) consumer: String,
    /// The group that it hears.
    pub(crate) feed: String,
    /// Where it stood.
    pub(crate) stood_at: u64,
    /// Where the feed ends.
    pub(crate) feed_ends_at: u64,
    /// What became of it: it is rebuilt from the first event, or goes on with what comes next.
    pub(crate) rebuilt: bool,
}

/// Opens every store that has data here, and brings back the readers that stand beyond a feed.
pub(super) async fn settle(settings: &Settings) -> Result<Vec<Reader>, PlatformError> {
    let mut present = Vec::new();
    for info in linked_groups() {
        // What cannot be reached from here is not looked at.
        if place_of(settings, info)?.holds_data().await.unwrap_or(false) {
            present.push(info.name.to_owned());
        }
    }
    let mut settings = settings.clone();
    settings.server.groups = present;
    settings.server.modules = Vec::new();
    let platform = Platform::assemble(PlatformParts::of_process(settings)).await?;
    let settled = settle_all(&platform).await;
    platform.stop().await;
    settled
}

async fn settle_all(platform: &Platform) -> Result<Vec<Reader>, PlatformError> {
    let mut ends = BTreeMap::new();
    for group in &platform.groups {
        let last = group.store.last_seq().await.map_err(failed(group.info.name))?;
        ends.insert(group.info.name, last);
    }
    let mut moved = Vec::new();
    for group in &platform.groups {
        let name = group.info.name;
        for cursor in group.store.consumer_cursors().await.map_err(failed(name))? {
            let Some(end) = ends.get(cursor.feed()).copied() else {
                continue;
            };
            let projection: Option<&Arc<dyn Projection>> = group
                .projections
                .iter()
                .map(|(projection, _)| projection)
                .find(|projection| projection.name() == cursor.consumer());
            let settled = group
                .projector
                .settle(&cursor, projection, end)
                .await
                .map_err(|error| {
                    PlatformError::Command(format!(
                        "the consumer {} of '{name}' could not be brought back: {error}",
                        cursor.consumer()
                    ))
                })?;
            if settled != Settled::Kept {
                moved.push(Reader {
                    group: name,
                    consumer: cursor.consumer().to_owned(),
                    feed: cursor.feed().to_owned(),
                    stood_at: cursor.seq(),
                    feed_ends_at: end,
                    rebuilt: settled == Settled::Rebuilding,
                });
            }
        }
    }
    Ok(moved)
}

fn failed(group: &'static str) -> impl Fn(StoreError) -> PlatformError {
    move |source| PlatformError::Store { group, source }
}

//! The data of an installation as files: taken while it works, put back while it rests.

mod manifest;
mod restore;
mod settle;
mod take;
mod unfinished;

pub use manifest::Manifest;
pub(crate) use restore::{Restoring, restore};
pub(crate) use settle::Reader;
pub(crate) use take::take;
pub(crate) use unfinished::refuse_unfinished;

use crate::{PlatformError, known_groups, linked_groups};
use kernel::GroupInfo;
use runtime::Settings;
use std::path::Path;
use store::{DataPlace, StoreError, StoreUrl};

/// The groups that are named, or all that this program has; whoever calls or hears another stands before it.
///
/// In this order a backup of an installation that works holds what a group knew of another no later than the other knew
/// it: a callee is never older than what its callers say of it, and a reader does not stand beyond a feed.
fn chosen(names: &[String]) -> Result<Vec<&'static GroupInfo>, PlatformError> {
    crate::groups::groups_are_linked(names)?;
    let mut waiting: Vec<&'static GroupInfo> = linked_groups()
        .into_iter()
        .filter(|info| names.is_empty() || names.iter().any(|name| name == info.name))
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_called = |info: &GroupInfo| waiting.iter().any(|other| other.calls.contains(&info.name));
        let is_heard = |info: &GroupInfo| {
            waiting.iter().any(|other| {
                other.name != info.name && (other.hears.contains(&info.name) || other.hears.contains(&"*"))
            })
        };
        let next = waiting
            .iter()
            .position(|info| !is_called(info) && !is_heard(info))
            .or_else(|| waiting.iter().position(|info| !is_called(info)))
            .unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

/// Where the data of a group lies.
fn place_of(settings: &Settings, info: &'static GroupInfo) -> Result<DataPlace, PlatformError> {
    let url = settings.store.url_of(info.name).map(|url| url.expose());
    let url = StoreUrl::parse(url, &settings.server.data_dir).map_err(of_group(info.name))?;
    Ok(DataPlace::new(info.name, url, tokio::runtime::Handle::current()))
}

fn of_group(group: &'static str) -> impl Fn(StoreError) -> PlatformError {
    move |source| match source {
        StoreError::Refused { reason } => PlatformError::Command(reason),
        source => PlatformError::Store { group, source },
    }
}

fn unusable(path: &Path) -> impl Fn(std::io::Error) -> PlatformError {
    move |error| PlatformError::Command(format!("{} cannot be used: {error}", path.display()))
}

/// The group of that name, linked in or not.
fn known(name: &str) -> Option<&'static GroupInfo> {
    known_groups().into_iter().find(|info| info.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_calls_a_group_is_taken_before_it() {
        let ordered = chosen(&[]).unwrap();
        for (place, info) in ordered.iter().enumerate() {
            let later = &ordered[place..];
            for called in info.calls {
                assert!(
                    later.iter().any(|other| other.name == *called),
                    "{called} is taken before {}, which calls it",
                    info.name
                );
            }
        }
        assert_eq!(ordered.len(), linked_groups().len());
    }

    #[test]
    fn only_what_is_named_is_taken() {
        let names = ["auth".to_owned(), "finance".to_owned()];
        let ordered: Vec<&str> = chosen(&names).unwrap().iter().map(|info| info.name).collect();
        assert_eq!(ordered, ["finance", "auth"]);
        assert!(chosen(&["bank".to_owned()]).is_err());
    }
}

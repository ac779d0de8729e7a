use super::{Figures, feed};
use crate::{error::Error, load::Advisor};
use std::collections::HashMap;

/// An advisor sees what belongs to clients of the book, once, and nothing of those who left it: what the finance group
/// made of the advisory group's events.
pub(crate) async fn examine(
    advisor: &mut Advisor,
    feeds: &feed::Feeds,
    figures: &mut Figures,
) -> Result<(), Error> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    for key in advisor.sees().await? {
        *seen.entry(key).or_default() += 1;
    }
    for advised in &advisor.book {
        for (key, id) in &advised.postings {
            let events = feed::tell_of(feeds, id);
            if events != 1 {
                figures
                    .chain_breaks
                    .push(format!("{key} (transaction/{id}) has {events} events"));
            }
            let times = seen.get(key).copied().unwrap_or_default();
            match (advised.has_left, times) {
                (true, 0) | (false, 1) => {}
                (true, _) => figures.imbalance.push(format!(
                    "the advisor still sees {key} of user {}, who left the book",
                    advised.user
                )),
                (false, 0) => figures
                    .acknowledged_lost
                    .push(format!("{key} was acknowledged and the advisor does not see it")),
                (false, times) => figures
                    .double_posted
                    .push(format!("{key} was posted {times} times")),
            }
        }
    }
    Ok(())
}

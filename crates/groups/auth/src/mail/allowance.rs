use crate::AuthFailure;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, Scoping, Store};
use uuid::Uuid;

/// The least time between two mails of a kind to one user.
const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// The most mails of a kind to one user in [`SPAN`].
const MOST: usize = 5;
const SPAN: TimeDelta = TimeDelta::hours(1);

/// When mails of one kind were asked for: so that nobody's mailbox is flooded from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailAllowance {
    user_id: UserId,
    asked: Vec<DateTime<Utc>>,
}

impl Document for MailAllowance {
    fn collection() -> &'static Collection {
        static ALLOWANCES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("mail_allowances", Scoping::Owner).removed_with_user());
        &ALLOWANCES
    }
}

/// Counts a mail of this kind to the user in the batch. Refused within a minute of the one before, and after five in an
/// hour.
pub(crate) async fn allow(
    store: &Store,
    batch: &mut Batch,
    user_id: UserId,
    kind: &str,
) -> Result<(), AuthFailure> {
    let id = Uuid::new_v5(&user_id.0, kind.as_bytes());
    let now = batch.now();
    let Some(known) = store.get_anywhere::<MailAllowance>(id).await? else {
        let asked = vec![now];
        batch.insert(id, MailAllowance { user_id, asked });
        return Ok(());
    };
    let recent = |at: &&DateTime<Utc>| now - **at < SPAN;
    let mut asked: Vec<DateTime<Utc>> = known.asked.iter().filter(recent).copied().collect();
    let free = match (asked.last(), asked.first()) {
        (Some(last), _) if now - *last < PAUSE => Some(*last + PAUSE),
        (_, Some(first)) if asked.len() >= MOST => Some(*first + SPAN),
        _ => None,
    };
    if let Some(free) = free {
        let seconds = u64::try_from((free - now).num_seconds()).unwrap_or(0).max(1);
        return Err(AuthFailure::TooManyMails { seconds });
    }
    asked.push(now);
    batch.replace(&known.changed(|allowance| allowance.asked = asked));
    Ok(())
}

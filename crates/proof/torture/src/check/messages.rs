use super::there;
use crate::{error::Error, load::Client};
use std::time::{Duration, Instant};

/// How long the messages that the broker has may take to be carried out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends one more message for each client and waits until it and all that were confirmed before it are carried out, or
/// have had time enough: whatever is missing then counts as lost.
pub(crate) async fn messages_are_done(clients: &mut [Client]) -> Result<(), Error> {
    let each = clients
        .iter_mut()
        .filter(|client| client.sends_messages())
        .map(of_one);
    futures::future::try_join_all(each).await.map(drop)
}

async fn of_one(client: &mut Client) -> Result<(), Error> {
    client.message().await?;
    let end = Instant::now() + PATIENCE;
    loop {
        let known = there(client).await?;
        let missing = client.journal.entries.iter().any(|entry| {
            entry.request.is_message()
                && entry.acknowledged().is_some()
                && !known.contains(&entry.request.key)
        });
        if !missing || Instant::now() > end {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

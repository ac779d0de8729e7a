use crate::{
    error::Error,
    load::{Client, Outcome},
};
use std::time::Duration;

/// How often a request is sent again until its outcome is known, with nothing broken any more.
const TRIES: u32 = 20;
/// How many answers of one request are enough to be compared.
const ANSWERS: usize = 2;

/// What asking again brought that it must not bring.
type Unequal = Vec<String>;

/// Sends again what nobody knows the outcome of, until it is known, and everything with a key a few times more: the same
/// key must bring the same bytes.
pub(crate) async fn send_again(clients: &mut [Client]) -> Result<Unequal, Error> {
    let each = clients.iter_mut().map(of_one);
    Ok(futures::future::try_join_all(each).await?.concat())
}

async fn of_one(client: &mut Client) -> Result<Unequal, Error> {
    let mut unequal = Unequal::new();
    for place in 0..client.journal.entries.len() {
        let entry = &client.journal.entries[place];
        let repeats = entry.request.repeats_bytes();
        let message = entry.request.is_message();
        let unknown = entry.answers.is_empty() && !entry.request.postings().is_empty();
        let times = match (unknown, repeats) {
            (true, true) => 2,
            (true, false) => 1,
            (false, true) if entry.answers.len() < ANSWERS => 1,
            (false, false) if message && entry.sendings < 2 => 1,
            (false, _) => 0,
        };
        for _ in 0..times {
            if let Some(trouble) = known(client, place).await? {
                unequal.push(trouble);
                break;
            }
        }
        unequal.extend(differing(client, place));
    }
    Ok(unequal)
}

/// Sends a request again until there is an answer; says so when there is none, or a refusal.
async fn known(client: &mut Client, place: usize) -> Result<Option<String>, Error> {
    let mut last = String::new();
    for _ in 0..TRIES {
        match client.repeat(place).await? {
            Outcome::Answered(reply) if reply.status < 300 => return Ok(None),
            Outcome::Answered(reply) => {
                last = format!("{} {}", reply.status, reply.text);
                break;
            }
            Outcome::Unknown(why) => last = why,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let key = &client.journal.entries[place].request.key;
    Ok(Some(format!("{key} was sent again and is not done: {last}")))
}

/// The first answer that was not the same as the one before.
fn differing(client: &Client, place: usize) -> Option<String> {
    let entry = &client.journal.entries[place];
    if !entry.request.repeats_bytes() {
        return None;
    }
    let done: Vec<_> = entry.answers.iter().filter(|(status, _)| *status < 300).collect();
    let pair = done.windows(2).find(|pair| pair[0] != pair[1])?;
    Some(format!(
        "{} was answered with {} {} and then with {} {}",
        entry.request.key, pair[0].0, pair[0].1, pair[1].0, pair[1].1
    ))
}

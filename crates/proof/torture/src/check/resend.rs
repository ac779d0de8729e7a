use crate::{
    error::Error,
    load::{Client, Outcome},
};
use std::time::Duration;

/// How often a request is sent again until its outcome is known, with nothing broken any more.
const TRIES: u32 = 20;
/// How many answers of one request are compared.
const REPEATS: usize = 3;

/// What asking again brought that it must not bring.
type Unequal = Vec<String>;

/// Sends again what nobody knows the outcome of, until it is known, and everything with a key a few times more: the same
/// key must bring the same bytes.
pub(crate) async fn send_again(clients: &mut [Client]) -> Result<Unequal, Error> {
    let mut unequal = Unequal::new();
    for client in clients {
        let mut places = Vec::new();
        for (place, entry) in client.journal.entries.iter().enumerate() {
            let unknown = entry.answers.is_empty() && !entry.request.postings().is_empty();
            if unknown || entry.request.repeats_bytes() && entry.answers.len() < REPEATS {
                places.push((place, unknown));
            }
        }
        for (place, unknown) in places {
            let times = if unknown && client.journal.entries[place].request.repeats_bytes() {
                2
            } else {
                1
            };
            for _ in 0..times {
                if let Some(trouble) = known(client, place).await? {
                    unequal.push(trouble);
                    break;
                }
            }
            unequal.extend(differing(client, place));
        }
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

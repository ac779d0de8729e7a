use crate::{
    error::Error,
    load::{Client, Crowd, Journal, Outcome, Sender, What},
};
use std::time::Duration;

/// How often a request is sent again until its outcome is known, with nothing broken any more.
const TRIES: u32 = 20;
/// How many answers of one request are enough to be compared.
const ANSWERS: usize = 2;

/// What asking again brought that it must not bring.
type Unequal = Vec<String>;

/// Somebody who can send again what was sent.
trait Again {
    fn journal(&self) -> &Journal;

    /// Sends what stands at this place of the journal once more.
    async fn again(&mut self, place: usize) -> Result<Outcome, Error>;
}

impl Again for Client {
    fn journal(&self) -> &Journal {
        &self.journal
    }

    async fn again(&mut self, place: usize) -> Result<Outcome, Error> {
        self.repeat(place).await
    }
}

impl Again for Sender {
    fn journal(&self) -> &Journal {
        &self.journal
    }

    async fn again(&mut self, place: usize) -> Result<Outcome, Error> {
        self.repeat(place).await
    }
}

/// Sends again what nobody knows the outcome of, until it is known, and everything with a key a few times more: the same
/// key must bring the same bytes.
pub(crate) async fn send_again(crowd: &mut Crowd) -> Result<Unequal, Error> {
    let clients = futures::future::try_join_all(crowd.clients.iter_mut().map(of_one));
    let senders = crowd.investors.iter_mut().map(|investor| &mut investor.sender);
    let investors = futures::future::try_join_all(senders.map(of_one));
    let (clients, investors) = futures::future::try_join(clients, investors).await?;
    Ok([clients, investors].concat().concat())
}

async fn of_one(sender: &mut impl Again) -> Result<Unequal, Error> {
    let mut unequal = Unequal::new();
    for place in 0..sender.journal().entries.len() {
        for _ in 0..times(sender.journal(), place) {
            if let Some(trouble) = known(sender, place).await? {
                unequal.push(trouble);
                break;
            }
        }
        unequal.extend(differing(sender.journal(), place));
    }
    Ok(unequal)
}

/// How often a request is to be sent again.
fn times(journal: &Journal, place: usize) -> u32 {
    let entry = &journal.entries[place];
    let repeats = entry.request.repeats_bytes();
    let message = entry.request.is_message();
    let unknown = entry.answers.is_empty();
    match &entry.request.what {
        // What only goes on may be refused by now; what was refused stays free.
        What::Step(step) if unknown => 2 * u32::from(step.mark.is_some()),
        What::Step(_) if entry.acknowledged().is_none() => 0,
        _ if unknown && (repeats || !entry.request.postings().is_empty()) => 1 + u32::from(repeats),
        _ if unknown => 0,
        _ if repeats && entry.answers.len() < ANSWERS => 1,
        _ if !repeats && message && entry.sendings < 2 => 1,
        _ => 0,
    }
}

/// Sends a request again until there is an answer; says so when there is none, or a refusal.
async fn known(sender: &mut impl Again, place: usize) -> Result<Option<String>, Error> {
    let mut last = String::new();
    for _ in 0..TRIES {
        match sender.again(place).await? {
            Outcome::Answered(reply) if reply.status < 300 => return Ok(None),
            Outcome::Answered(reply) => {
                last = format!("{} {}", reply.status, reply.text);
                break;
            }
            Outcome::Unknown(why) => last = why,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let key = &sender.journal().entries[place].request.key;
    Ok(Some(format!("{key} was sent again and is not done: {last}")))
}

/// The first answer that was not the same as the one before.
fn differing(journal: &Journal, place: usize) -> Option<String> {
    let entry = &journal.entries[place];
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

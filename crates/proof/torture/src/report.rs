//! What is printed.

use crate::{check::Figures, error::Error};
use std::{collections::BTreeMap, error::Error as _, io::Write, time::Duration};

/// How many stories are told of each figure that should be 0.
pub(crate) const STORIES: usize = 5;
/// How much is told of each.
const LONGEST_STORY: usize = 300;

/// What was broken in a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    killed: BTreeMap<&'static str, u64>,
    points: BTreeMap<&'static str, u64>,
    others: BTreeMap<String, u64>,
    disturbed: BTreeMap<&'static str, u64>,
    /// Processes that ended in a way that nobody ordered.
    pub(crate) ended: Vec<String>,
}

impl Tally {
    pub(crate) fn killed(&mut self, name: &'static str) {
        *self.killed.entry(name).or_default() += 1;
    }

    pub(crate) fn died_at(&mut self, point: &'static str) {
        *self.points.entry(point).or_default() += 1;
    }

    pub(crate) fn ended(&mut self, name: &str, status: String) {
        self.ended.push(format!("{name}: {status}"));
    }

    pub(crate) fn count(&mut self, fault: &str) {
        *self.others.entry(fault.to_owned()).or_default() += 1;
    }

    /// The stand-in for MongoDB was started again so many times because it did not answer any more.
    pub(crate) fn restarted(&mut self, times: u64) {
        if times > 0 {
            let fault = "the MongoDB server of the tests stopped answering and was started again";
            self.others.insert(fault.to_owned(), times);
        }
    }

    pub(crate) fn disturbed(&mut self, wire: &'static str) {
        *self.disturbed.entry(wire).or_default() += 1;
    }

    /// How many processes were killed, at random moments and at named points.
    pub(crate) fn kills(&self) -> u64 {
        self.killed.values().sum::<u64>() + self.points.values().sum::<u64>()
    }

    /// Whether anything was broken while there was load.
    pub(crate) fn is_empty(&self) -> bool {
        self.kills() == 0
    }

    fn lines(&self) -> Vec<String> {
        let at_points: u64 = self.points.values().sum();
        let mut lines = vec![format!(
            "kills {}: {} at random moments ({}), {at_points} at named points ({})",
            self.kills(),
            self.kills() - at_points,
            listed(&self.killed),
            listed(&self.points)
        )];
        lines.push(format!("other faults: {}", listed(&self.others)));
        lines.push(format!("disturbed wires: {}", listed(&self.disturbed)));
        if !self.ended.is_empty() {
            lines.push(format!("ended by themselves: {}", self.ended.join(", ")));
        }
        lines
    }
}

/// What a run did and found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) title: String,
    pub(crate) tally: Tally,
    pub(crate) requests: u64,
    pub(crate) sendings: u64,
    pub(crate) acknowledged: u64,
    pub(crate) unknown: u64,
    pub(crate) refused: u64,
    /// How many orders of investors were acknowledged as filled; none where nobody invests.
    pub(crate) filled: Option<u64>,
    pub(crate) figures: Figures,
    /// Re-sent requests that were answered otherwise than before, or not at all.
    pub(crate) unequal: Vec<String>,
    /// What must not happen whatever is broken: panics, refusals of what is right.
    pub(crate) odd: Vec<String>,
    pub(crate) took: Duration,
}

impl Outcome {
    /// Whether the platform kept its promises.
    pub(crate) fn holds(&self) -> bool {
        self.figures.are_zero() && self.unequal.is_empty() && self.odd.is_empty()
    }

    /// Why the run shows nothing, if it does not.
    pub(crate) fn shows_nothing(&self) -> Option<String> {
        if self.filled == Some(0) {
            return Some("no order was filled".to_owned());
        }
        let enough = 3 * self.tally.kills().max(10);
        if self.tally.is_empty() {
            return Some("nothing was broken".to_owned());
        }
        (self.acknowledged < enough).then(|| {
            format!(
                "only {} requests were acknowledged, {enough} would show something",
                self.acknowledged
            )
        })
    }

    /// Prints it with so many stories of each figure.
    pub(crate) fn print(&self, stories: usize) {
        say(&format!("{} ({} s)", self.title, self.took.as_secs()));
        for line in self.tally.lines() {
            say(&format!("  {line}"));
        }
        let filled = self.filled.map(|orders| format!(", orders filled {orders}"));
        say(&format!(
            "  requests {} (sent {} times): acknowledged {}, unknown until asked again {}, refused {}{}",
            self.requests,
            self.sendings,
            self.acknowledged,
            self.unknown,
            self.refused,
            filled.unwrap_or_default()
        ));
        let figures = self
            .figures
            .all()
            .map(|(name, found)| format!("{name} {}", found.len()));
        say(&format!(
            "  {}; unequal answers {}",
            figures.join(", "),
            self.unequal.len()
        ));
        for (name, found) in self.figures.all() {
            tell(name, found, stories);
        }
        tell("unequal answers", &self.unequal, stories);
        tell("odd", &self.odd, stories);
    }
}

fn tell(name: &str, stories: &[String], most: usize) {
    for story in stories.iter().take(most) {
        let short: String = story.chars().take(LONGEST_STORY).collect();
        say(&format!("    {name}: {short}"));
    }
    if stories.len() > most {
        say(&format!("    {name}: … and {} more", stories.len() - most));
    }
}

fn listed<K: std::fmt::Display>(counts: &BTreeMap<K, u64>) -> String {
    let parts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    match parts.is_empty() {
        true => "none".to_owned(),
        false => parts.join(", "),
    }
}

/// Prints a line. A reader that went away is no error.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Says why the harness could not do its work.
pub(crate) fn complain(error: &Error) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

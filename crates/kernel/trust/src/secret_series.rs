use crate::{LEEWAY, MAX_LIFE, TokenKeys};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// What a secret is good for at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretState {
    /// It verifies, and will sign soon.
    Next,
    /// It signs.
    Signs,
    /// It signs no more; tokens that it signed are still good.
    Verifies,
    /// No token that it signed can be good any more.
    Over,
}

/// The secrets of a data directory in the order in which they sign: each from its time on, until the next one does. What
/// a secret signed is believed as long as an access token lives.
#[derive(Clone)]
pub struct SecretSeries(Vec<Kept>);

#[derive(Clone)]
struct Kept {
    secret: SecretString,
    /// None is from the beginning.
    signs_from: Option<DateTime<Utc>>,
}

impl SecretSeries {
    /// How long a new secret is known before it signs: every process has read it by then.
    pub const OVERLAP: TimeDelta = TimeDelta::seconds(30);

    /// One secret, which signs always.
    pub fn of(secret: SecretString) -> Self {
        Self(vec![Kept {
            secret,
            signs_from: None,
        }])
    }

    /// One secret a line; behind it, from when on it signs.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self(lines.map(Kept::parse).collect())
    }

    pub(crate) fn text(&self) -> SecretString {
        let lines: Vec<String> = self.0.iter().map(Kept::text).collect();
        format!("{}\n", lines.join("\n")).into()
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.0.iter().map(|kept| &kept.secret)
    }

    /// The series with one secret more, which signs after [`SecretSeries::OVERLAP`], and without those that are over.
    pub(crate) fn with(&self, secret: SecretString, now: DateTime<Utc>) -> Self {
        let mut kept: Vec<Kept> = self
            .at(now)
            .filter(|(_, state)| *state != SecretState::Over)
            .map(|(kept, _)| kept.clone())
            .collect();
        kept.push(Kept {
            secret,
            signs_from: Some(now + Self::OVERLAP),
        });
        Self(kept)
    }

    /// The secret that signs at this moment, and all others that verify; nothing when there is none at all.
    pub fn in_use(&self, now: DateTime<Utc>) -> Option<(SecretString, Vec<SecretString>)> {
        let mut signing = None;
        let mut others = Vec::new();
        for (kept, state) in self.at(now) {
            match state {
                SecretState::Signs => signing = Some(kept.secret.clone()),
                SecretState::Next | SecretState::Verifies => others.push(kept.secret.clone()),
                SecretState::Over => {}
            }
        }
        Some((signing?, others))
    }

    /// The id of each secret with what it is good for, and from when on it signs; the secrets are not told.
    pub fn states(&self, now: DateTime<Utc>) -> Vec<(String, SecretState, Option<DateTime<Utc>>)> {
        self.at(now)
            .map(|(kept, state)| (TokenKeys::id_of_secret(&kept.secret), state, kept.signs_from))
            .collect()
    }

    fn at(&self, now: DateTime<Utc>) -> impl Iterator<Item = (&Kept, SecretState)> {
        self.0.iter().enumerate().map(move |(index, kept)| {
            let next = self.0.get(index + 1).and_then(|next| next.signs_from);
            let state = match next {
                // The first one signs whatever the clock says: without it nothing could.
                _ if index > 0 && kept.signs_from.is_some_and(|from| now < from) => SecretState::Next,
                Some(next) if now >= next + MAX_LIFE + LEEWAY * 2 => SecretState::Over,
                Some(next) if now >= next => SecretState::Verifies,
                _ => SecretState::Signs,
            };
            (kept, state)
        })
    }
}

impl Kept {
    fn parse(line: &str) -> Self {
        let dated = line.rsplit_once(' ').and_then(|(secret, time)| {
            let from = DateTime::parse_from_rfc3339(time).ok()?;
            Some((secret.trim(), Some(from.with_timezone(&Utc))))
        });
        let (secret, signs_from) = dated.unwrap_or((line, None));
        Self {
            secret: secret.to_owned().into(),
            signs_from,
        }
    }

    fn text(&self) -> String {
        let secret = self.secret.expose_secret();
        match self.signs_from {
            Some(from) => format!("{secret} {}", from.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => secret.to_owned(),
        }
    }
}

impl fmt::Debug for SecretSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSeries({} secrets)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn states(series: &SecretSeries, seconds: i64) -> Vec<SecretState> {
        let states = series.states(start() + TimeDelta::seconds(seconds));
        states.into_iter().map(|(_, state, _)| state).collect()
    }

    fn secret(letter: &str) -> SecretString {
        letter.repeat(40).into()
    }

    #[test]
    fn a_secret_is_known_before_it_signs_and_believed_after() {
        use SecretState::{Next, Over, Signs, Verifies};
        let series = SecretSeries::of(secret("a")).with(secret("b"), start());
        for (seconds, expected) in [
            (0, [Signs, Next]),
            (29, [Signs, Next]),
            (30, [Verifies, Signs]),
            (30 + 300 + 9, [Verifies, Signs]),
            (30 + 300 + 10, [Over, Signs]),
        ] {
            assert_eq!(states(&series, seconds), expected, "after {seconds} s");
        }
        let later = series.with(secret("c"), start() + TimeDelta::hours(1));
        assert_eq!(states(&later, 3600), [Signs, Next], "what is over is left out");
    }

    #[test]
    fn secrets_that_follow_quickly_are_all_believed() {
        use SecretState::{Next, Signs, Verifies};
        let later = start() + TimeDelta::seconds(10);
        let series = SecretSeries::of(secret("a"))
            .with(secret("b"), start())
            .with(secret("c"), later);
        assert_eq!(states(&series, 10), [Signs, Next, Next]);
        assert_eq!(states(&series, 30), [Verifies, Signs, Next]);
        assert_eq!(states(&series, 40), [Verifies, Verifies, Signs]);
        let (signing, others) = series.in_use(start() + TimeDelta::seconds(40)).unwrap();
        assert_eq!(
            (signing.expose_secret(), others.len()),
            ("c".repeat(40).as_str(), 2)
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let series = SecretSeries::of("two words that are a secret".into()).with(secret("b"), start());
        let text = series.text();
        let read = SecretSeries::parse(text.expose_secret());
        assert_eq!(read.text().expose_secret(), text.expose_secret());
        let secrets: Vec<&str> = read.secrets().map(|secret| secret.expose_secret()).collect();
        assert_eq!(secrets, ["two words that are a secret", &*"b".repeat(40)]);
        assert_eq!(read.states(start()), series.states(start()));
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_somebody_to_sign() {
        let series = SecretSeries::of(secret("a")).with(secret("b"), start());
        let alone = series.with(secret("c"), start() + TimeDelta::hours(1));
        assert!(alone.in_use(start() - TimeDelta::days(1)).is_some());
    }
}

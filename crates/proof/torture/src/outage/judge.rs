use std::time::{Duration, Instant};

/// A refusal within this time was given without asking the one that is away.
const AT_ONCE: Duration = Duration::from_millis(50);
/// Whom a question concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The gateway forwards it to the one that is away.
    Forwarded,
    /// Another service calls the one that is away.
    Called,
    /// Others alone.
    Healthy,
}

/// A question and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) kind: Kind,
    pub(super) begin: Instant,
    pub(super) took: Duration,
    /// 0 without an answer.
    pub(super) status: u16,
}

/// When the parts of a run began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) begin: Instant,
    pub(super) away: Instant,
    pub(super) healed: Instant,
    /// All is well again.
    pub(super) well: Instant,
}

/// How often the one that is away was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    pub(super) forwarded: u64,
    pub(super) called: u64,
}

impl Asked {
    pub(super) fn since(self, before: Asked) -> Asked {
        Asked {
            forwarded: self.forwarded - before.forwarded,
            called: self.called - before.called,
        }
    }
}

/// What was seen of one way to the one that is away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refusals {
    pub(super) requests: usize,
    /// From the death until the first refusal at once.
    pub(super) closed_for: Option<Duration>,
    /// The 99th percentile, and how many, from then on.
    pub(super) fast: Option<(Duration, usize)>,
    pub(super) slowest: Duration,
    /// Not 503: neither an answer from nowhere nor none at all is right.
    pub(super) odd: usize,
}

/// What a run shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    pub(super) forwarded: Refusals,
    pub(super) called: Refusals,
    pub(super) asked: Asked,
    pub(super) healthy_before: Vec<Duration>,
    pub(super) healthy_during: Vec<Duration>,
    pub(super) healthy_after: Vec<Duration>,
    /// Healthy requests that failed.
    pub(super) failed: usize,
    pub(super) back: Option<Duration>,
}

/// Puts together what was seen; `asked` is how many requests reached the one that was away, `back` how long it took until
/// everything was answered again.
pub(super) fn findings(samples: &[Sample], part: &Part, asked: Asked, back: Option<Duration>) -> Findings {
    let within = |from: Instant, to: Instant| {
        let fits = move |sample: &&Sample| sample.begin >= from && sample.begin < to;
        samples.iter().filter(fits)
    };
    let during = |kind: Kind| within(part.away, part.healed).filter(move |sample| sample.kind == kind);
    let healthy = |from, to| -> Vec<&Sample> {
        within(from, to)
            .filter(|sample| sample.kind == Kind::Healthy)
            .collect()
    };
    let (before, meanwhile) = (healthy(part.begin, part.away), healthy(part.away, part.healed));
    let end = samples.iter().map(|sample| sample.begin).max();
    let after = end.map_or_else(Vec::new, |end| healthy(part.well, end));
    let failed = before
        .iter()
        .chain(&meanwhile)
        .chain(&after)
        .filter(|sample| sample.status != 200);
    Findings {
        forwarded: refusals(during(Kind::Forwarded).collect(), part.away),
        called: refusals(during(Kind::Called).collect(), part.away),
        asked,
        failed: failed.count(),
        healthy_before: before.iter().map(|sample| sample.took).collect(),
        healthy_during: meanwhile.iter().map(|sample| sample.took).collect(),
        healthy_after: after.iter().map(|sample| sample.took).collect(),
        back,
    }
}

fn refusals(mut samples: Vec<&Sample>, away: Instant) -> Refusals {
    samples.sort_by_key(|sample| sample.begin);
    let first = samples
        .iter()
        .find(|sample| sample.status == 503 && sample.took <= AT_ONCE)
        .map(|sample| sample.begin);
    let fast: Vec<Duration> = samples
        .iter()
        .filter(|sample| first.is_some_and(|first| sample.begin >= first))
        .map(|sample| sample.took)
        .collect();
    Refusals {
        requests: samples.len(),
        closed_for: first.map(|first| first.duration_since(away)),
        fast: p99(&fast).map(|percentile| (percentile, fast.len())),
        slowest: samples.iter().map(|sample| sample.took).max().unwrap_or_default(),
        odd: samples.iter().filter(|sample| sample.status != 503).count(),
    }
}

/// The time within which 99 of a hundred were done.
pub(super) fn p99(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    let place = (times.len() * 99).div_ceil(100).checked_sub(1)?;
    times.get(place).copied()
}

/// Hundredths: 120 is 1.2.
pub(super) fn ratio(of: u128, to: u128) -> u64 {
    u64::try_from((of * 100).checked_div(to).unwrap_or_default()).unwrap_or(u64::MAX)
}

pub(super) fn shown(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

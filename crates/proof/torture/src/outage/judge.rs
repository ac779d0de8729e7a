use std::time::{Duration, Instant};

/// The aim for attempts per hundred requests, which is the bound as well: counting does not depend on the machine.
const AMPLIFICATION: u64 = 120;
/// The aim for the 99th percentile of refusals, and what a debug build on a loaded machine may need.
const FAST: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(50));
/// Where healthy routes are slow as well, refusals may take so many times what those took before.
const AS_HEALTHY: u32 = 3;
/// The aim for the 99th percentile of healthy routes, during in hundredths of before, and the bound.
const HEALTHY: (u64, u64) = (120, 300);
/// Below this a slow moment of the machine says nothing about the platform.
const UNNOTICED: Duration = Duration::from_millis(100);
/// A refusal within this time was given without asking the one that is away.
const AT_ONCE: Duration = Duration::from_millis(50);
/// Fewer show nothing.
const ENOUGH: usize = 50;

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
}

/// What was seen of one way to the one that is away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Refusals {
    requests: usize,
    /// From the death until the first refusal at once.
    closed_for: Option<Duration>,
    /// The 99th percentile, and how many, from then on.
    fast: Option<(Duration, usize)>,
    slowest: Duration,
    /// Not 503: neither an answer from nowhere nor none at all is right.
    odd: usize,
}

/// What a run shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    forwarded: Refusals,
    called: Refusals,
    /// How often the one that is away was asked.
    asked: u64,
    healthy_before: Vec<Duration>,
    healthy_during: Vec<Duration>,
    /// Healthy requests that failed.
    failed: usize,
    back: Option<Duration>,
}

/// Puts together what was seen; `asked` is how many requests reached the one that was away, `back` how long it took until
/// everything was answered again.
pub(super) fn findings(samples: &[Sample], part: &Part, asked: u64, back: Option<Duration>) -> Findings {
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
    let failed = before
        .iter()
        .chain(&meanwhile)
        .filter(|sample| sample.status != 200);
    Findings {
        forwarded: refusals(during(Kind::Forwarded).collect(), part.away),
        called: refusals(during(Kind::Called).collect(), part.away),
        asked,
        failed: failed.count(),
        healthy_before: before.iter().map(|sample| sample.took).collect(),
        healthy_during: meanwhile.iter().map(|sample| sample.took).collect(),
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
fn p99(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    let place = (times.len() * 99).div_ceil(100).checked_sub(1)?;
    times.get(place).copied()
}

/// Hundredths: 120 is 1.2.
fn ratio(of: u128, to: u128) -> u64 {
    u64::try_from((of * 100).checked_div(to).unwrap_or_default()).unwrap_or(u64::MAX)
}

fn shown(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl Findings {
    fn amplification(&self) -> u64 {
        let requests = self.forwarded.requests + self.called.requests;
        ratio(u128::from(self.asked), requests as u128)
    }

    /// Before, during, and the one in hundredths of the other.
    fn healthy(&self) -> Option<(Duration, Duration, u64)> {
        let (before, during) = (p99(&self.healthy_before)?, p99(&self.healthy_during)?);
        Some((before, during, ratio(during.as_nanos(), before.as_nanos())))
    }

    /// How long the 99th percentile of refusals may be on this machine, as it is now.
    fn fast_bound(&self) -> Duration {
        let before = p99(&self.healthy_before).unwrap_or_default();
        FAST.1.max(before * AS_HEALTHY)
    }

    /// What is printed.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "amplification {} (bound {}): {} attempts for {} requests",
            shown(self.amplification()),
            shown(AMPLIFICATION),
            self.asked,
            self.forwarded.requests + self.called.requests
        )];
        for (way, seen) in [("forwarded", &self.forwarded), ("called", &self.called)] {
            lines.push(match (seen.fast, seen.closed_for) {
                (Some((fast, number)), Some(closed_for)) => format!(
                    "refusals, {way}: at once after {closed_for:.1?}, from then on p99 {fast:.1?} of {number} \
                     (aim {:?}, bound {:?}), slowest of all {:.1?}",
                    FAST.0,
                    self.fast_bound(),
                    seen.slowest
                ),
                _ => format!("refusals, {way}: never at once, slowest {:.1?}", seen.slowest),
            });
        }
        if let Some((before, during, ratio)) = self.healthy() {
            lines.push(format!(
                "healthy routes: p99 {before:.1?} before ({}), {during:.1?} during ({}): {} (aim {}, bound {} or {:?}), \
                 {} failed",
                self.healthy_before.len(),
                self.healthy_during.len(),
                shown(ratio),
                shown(HEALTHY.0),
                shown(HEALTHY.1),
                UNNOTICED,
                self.failed
            ));
        }
        lines.push(match self.back {
            Some(back) => format!("everything answered again {back:.1?} after the healing"),
            None => "not everything answered again after the healing".to_owned(),
        });
        lines
    }

    /// The bounds that were not kept.
    pub(super) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.amplification() > AMPLIFICATION {
            broken.push(format!("amplification {}", shown(self.amplification())));
        }
        for (way, seen) in [("forwarded", &self.forwarded), ("called", &self.called)] {
            if seen.requests < ENOUGH {
                broken.push(format!(
                    "only {} requests were {way}: it shows nothing",
                    seen.requests
                ));
            }
            if seen.fast.is_none_or(|(fast, _)| fast > self.fast_bound()) {
                broken.push(format!("refusals, {way}, are slow"));
            }
            if seen.odd > 0 {
                broken.push(format!("{} answers, {way}, were no 503", seen.odd));
            }
        }
        match self.healthy() {
            None => broken.push("nobody asked a healthy route".to_owned()),
            Some((_, during, ratio)) if ratio > HEALTHY.1 && during > UNNOTICED => {
                broken.push(format!("healthy routes were {} times as slow", shown(ratio)));
            }
            Some(_) => {}
        }
        if self.failed > 0 {
            broken.push(format!("{} requests to healthy routes failed", self.failed));
        }
        if self.back.is_none() {
            broken.push("it was not found again".to_owned());
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn sample(kind: Kind, begin: Instant, millis: u32, status: u16) -> Sample {
        Sample {
            kind,
            begin,
            took: MILLISECOND * millis,
            status,
        }
    }

    /// A second before, a second during; the first request of each way waits, the others are refused at once.
    fn calm() -> (Vec<Sample>, Part) {
        let begin = Instant::now();
        let part = Part {
            begin,
            away: begin + MILLISECOND * 1_000,
            healed: begin + MILLISECOND * 2_000,
        };
        let mut samples = Vec::new();
        for step in 0..200 {
            let at = begin + MILLISECOND * step * 10;
            samples.push(sample(Kind::Healthy, at, 2, 200));
            if at >= part.away {
                let millis = if at == part.away { 900 } else { 3 };
                samples.push(sample(Kind::Forwarded, at, millis, 503));
                samples.push(sample(Kind::Called, at, millis, 503));
            }
        }
        (samples, part)
    }

    #[test]
    fn the_percentile_is_the_time_within_which_99_of_100_were_done() {
        let times: Vec<Duration> = (1..=100).rev().map(|millis| MILLISECOND * millis).collect();
        assert_eq!(p99(&times), Some(MILLISECOND * 99));
        assert_eq!(p99(&times[..1]), Some(MILLISECOND * 100));
        assert_eq!(p99(&[]), None);
    }

    #[test]
    fn what_keeps_all_bounds_is_not_complained_of() {
        let (samples, part) = calm();
        let found = findings(&samples, &part, 240, Some(MILLISECOND));
        assert_eq!(found.broken(), Vec::<String>::new());
        assert_eq!(found.amplification(), 120);
        assert_eq!(found.forwarded.closed_for, Some(MILLISECOND * 10));
        assert_eq!(found.forwarded.fast, Some((MILLISECOND * 3, 99)));
        assert_eq!(found.forwarded.slowest, MILLISECOND * 900);
        assert_eq!(found.healthy(), Some((MILLISECOND * 2, MILLISECOND * 2, 100)));
    }

    #[test]
    fn each_bound_is_complained_of_by_itself() {
        let (samples, part) = calm();
        let broken = |samples: &[Sample], asked, back| findings(samples, &part, asked, back).broken();
        let changed = |change: fn(&mut Sample)| {
            let mut samples = samples.clone();
            let during = samples.iter_mut().filter(|sample| sample.begin > part.away);
            during.for_each(change);
            broken(&samples, 0, Some(MILLISECOND))
        };
        assert_eq!(broken(&samples, 242, Some(MILLISECOND)), ["amplification 1.21"]);
        assert_eq!(broken(&samples, 0, None), ["it was not found again"]);
        let slow = changed(|sample| {
            if sample.kind == Kind::Called {
                sample.took = MILLISECOND * 51;
            }
        });
        assert_eq!(slow, ["refusals, called, are slow"]);
        let odd = changed(|sample| {
            if sample.kind == Kind::Forwarded {
                sample.status = 200;
            }
        });
        assert!(
            odd.contains(&"99 answers, forwarded, were no 503".to_owned()),
            "{odd:?}"
        );
        let noticed = changed(|sample| {
            if sample.kind == Kind::Healthy {
                sample.took = MILLISECOND * 101;
            }
        });
        assert_eq!(noticed, ["healthy routes were 50.50 times as slow"]);
        let failed = changed(|sample| {
            if sample.kind == Kind::Healthy {
                sample.status = 0;
            }
        });
        assert_eq!(failed, ["99 requests to healthy routes failed"]);
        let nothing = broken(&[], 0, Some(MILLISECOND));
        assert!(
            nothing.iter().any(|bound| bound.contains("shows nothing")),
            "{nothing:?}"
        );
    }
}

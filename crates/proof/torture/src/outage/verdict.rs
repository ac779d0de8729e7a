//! Whether what was seen keeps the bounds.

use super::judge::{Findings, Refusals, p99, ratio, shown};
use std::time::Duration;

/// Attempts per hundred requests, on each way: counting does not depend on the machine.
const AMPLIFICATION: u64 = 120;
/// The aim for the 99th percentile of refusals, and what a debug build on a loaded machine may need.
const FAST: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(50));
/// Where healthy routes are slow as well, refusals of a debug build may take so many times what those took.
const AS_HEALTHY: u32 = 3;
/// The aim for the 99th percentile of healthy routes, during in hundredths of before and after, and the bound of a debug build.
const HEALTHY: (u64, u64) = (120, 300);
/// Below this a slow moment of the machine says nothing about a debug build.
const UNNOTICED: Duration = Duration::from_millis(100);
/// Fewer show nothing.
const ENOUGH: usize = 50;

/// The 99th percentiles of healthy routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Healthy {
    before: Duration,
    during: Duration,
    after: Duration,
    /// During, in hundredths of what is between before and after.
    ratio: u64,
    /// The slower of before and after in hundredths of the faster: what the machine does by itself.
    noise: u64,
}

impl Findings {
    fn ways(&self) -> [(&'static str, &Refusals, u64); 2] {
        [
            ("forwarded", &self.forwarded, self.asked.forwarded),
            ("called", &self.called, self.asked.called),
        ]
    }

    fn healthy(&self) -> Option<Healthy> {
        let (before, during) = (p99(&self.healthy_before)?, p99(&self.healthy_during)?);
        let after = p99(&self.healthy_after)?;
        Some(Healthy {
            before,
            during,
            after,
            ratio: ratio(2 * during.as_nanos(), (before + after).as_nanos()),
            noise: ratio(before.max(after).as_nanos(), before.min(after).as_nanos()),
        })
    }

    /// How long the 99th percentile of refusals may be.
    fn fast_bound(&self, strict: bool) -> Duration {
        if strict {
            return FAST.0;
        }
        let before = p99(&self.healthy_before).unwrap_or_default();
        FAST.1.max(before * AS_HEALTHY)
    }

    /// What is printed.
    pub(super) fn lines(&self, strict: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (way, seen, asked) in self.ways() {
            lines.push(format!(
                "amplification, {way}: {} (bound {}): {asked} attempts for {} requests",
                shown(amplification(seen, asked)),
                shown(AMPLIFICATION),
                seen.requests
            ));
            lines.push(match (seen.fast, seen.closed_for) {
                (Some((fast, number)), Some(closed_for)) => format!(
                    "refusals, {way}: at once after {closed_for:.1?}, from then on p99 {fast:.1?} of {number} \
                     (aim {:?}, bound {:?}), slowest of all {:.1?}",
                    FAST.0,
                    self.fast_bound(strict),
                    seen.slowest
                ),
                _ => format!("refusals, {way}: never at once, slowest {:.1?}", seen.slowest),
            });
        }
        if let Some(healthy) = self.healthy() {
            let bound = match strict {
                true => shown(HEALTHY.0),
                false => format!("{} or {UNNOTICED:?}", shown(HEALTHY.1)),
            };
            lines.push(format!(
                "healthy routes: p99 {:.1?} before, {:.1?} during ({}), {:.1?} after: {} (aim {}, bound {bound}), {} failed; the \
                 machine by itself, before against after: {}",
                healthy.before,
                healthy.during,
                self.healthy_during.len(),
                healthy.after,
                shown(healthy.ratio),
                shown(HEALTHY.0),
                self.failed,
                shown(healthy.noise)
            ));
        }
        lines.push(match self.back {
            Some(back) => format!("everything answered again {back:.1?} after the healing"),
            None => "not everything answered again after the healing".to_owned(),
        });
        lines
    }

    /// The bounds that were not kept.
    pub(super) fn broken(&self, strict: bool) -> Vec<String> {
        let mut broken = Vec::new();
        for (way, seen, asked) in self.ways() {
            let amplification = amplification(seen, asked);
            if amplification > AMPLIFICATION {
                broken.push(format!("amplification, {way}: {}", shown(amplification)));
            }
            if seen.requests < ENOUGH {
                broken.push(format!(
                    "only {} requests were {way}: it shows nothing",
                    seen.requests
                ));
            }
            if seen.fast.is_none_or(|(fast, _)| fast > self.fast_bound(strict)) {
                broken.push(format!("refusals, {way}, are slow"));
            }
            if seen.odd > 0 {
                broken.push(format!("{} answers, {way}, were no 503", seen.odd));
            }
        }
        match self.healthy() {
            None => broken.push("nobody asked a healthy route".to_owned()),
            Some(healthy) => {
                let noticed = match strict {
                    // What the machine does by itself is not the platform's.
                    true => healthy.ratio > HEALTHY.0.max(healthy.noise),
                    false => healthy.ratio > HEALTHY.1 && healthy.during > UNNOTICED,
                };
                if noticed {
                    let ratio = shown(healthy.ratio);
                    broken.push(format!("healthy routes were {ratio} times as slow"));
                }
            }
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

fn amplification(seen: &Refusals, asked: u64) -> u64 {
    ratio(u128::from(asked), seen.requests as u128)
}

#[cfg(test)]
mod tests {
    use super::{
        super::judge::{Asked, Kind, Part, Sample, findings},
        *,
    };
    use std::time::Instant;

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
            well: begin + MILLISECOND * 3_000,
        };
        let mut samples = Vec::new();
        for step in (0..200).chain(300..400) {
            let at = begin + MILLISECOND * step * 10;
            samples.push(sample(Kind::Healthy, at, 2, 200));
            if at >= part.away && at < part.healed {
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
        let asked = Asked {
            forwarded: 120,
            called: 120,
        };
        let found = findings(&samples, &part, asked, Some(MILLISECOND));
        assert_eq!(found.broken(false), Vec::<String>::new());
        assert_eq!(found.broken(true), Vec::<String>::new());
        assert_eq!(found.forwarded.closed_for, Some(MILLISECOND * 10));
        assert_eq!(found.forwarded.fast, Some((MILLISECOND * 3, 99)));
        assert_eq!(found.forwarded.slowest, MILLISECOND * 900);
        let healthy = found.healthy().unwrap();
        assert_eq!(
            (healthy.during, healthy.after),
            (MILLISECOND * 2, MILLISECOND * 2)
        );
        assert_eq!((healthy.ratio, healthy.noise), (100, 100));
    }

    #[test]
    fn whoever_is_strict_holds_to_the_aims() {
        let (mut samples, part) = calm();
        for sample in &mut samples {
            let is_away = sample.begin > part.away && sample.begin < part.healed;
            match sample.kind {
                Kind::Called => sample.took = MILLISECOND * 11,
                Kind::Healthy if is_away => sample.took = MILLISECOND * 3,
                _ => {}
            }
        }
        let found = findings(&samples, &part, Asked::default(), Some(MILLISECOND));
        assert_eq!(found.broken(false), Vec::<String>::new());
        let strict = [
            "refusals, called, are slow",
            "healthy routes were 1.50 times as slow",
        ];
        assert_eq!(found.broken(true), strict);
        // A machine that is as slow by itself shows nothing.
        for sample in samples.iter_mut().filter(|sample| sample.begin >= part.well) {
            sample.took = MILLISECOND * 4;
        }
        let found = findings(&samples, &part, Asked::default(), Some(MILLISECOND));
        assert_eq!(found.broken(true), ["refusals, called, are slow"]);
    }

    #[test]
    fn each_bound_is_complained_of_by_itself() {
        let (samples, part) = calm();
        let called = |called| Asked {
            called,
            ..Asked::default()
        };
        let broken =
            |samples: &[Sample], asked, back| findings(samples, &part, called(asked), back).broken(false);
        let changed = |change: fn(&mut Sample)| {
            let mut samples = samples.clone();
            let is_away = |sample: &&mut Sample| sample.begin > part.away && sample.begin < part.healed;
            let during = samples.iter_mut().filter(is_away);
            during.for_each(change);
            broken(&samples, 0, Some(MILLISECOND))
        };
        assert_eq!(
            broken(&samples, 121, Some(MILLISECOND)),
            ["amplification, called: 1.21"]
        );
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

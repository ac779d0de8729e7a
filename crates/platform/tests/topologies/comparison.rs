//! Compares what a deployment answered with what the monolith answered.

use crate::{
    normaliser::normalised,
    transcript::{Exchange, Transcript},
};

/// How much of a line is shown on either side of a difference.
const AROUND: usize = 160;
/// After so many steps that differ the rest tells nothing new.
const SHOWN: usize = 8;

/// What is different, step by step, for a person to read; none when all is the same.
pub(crate) fn differences(reference: &Transcript, other: &Transcript) -> Option<String> {
    let (reference, other) = (normalised(reference), normalised(other));
    let mut report: Vec<String> = Vec::new();
    for (number, (expected, found)) in reference.0.iter().zip(&other.0).enumerate() {
        let lines = different_lines(&lines(expected), &lines(found));
        if !lines.is_empty() {
            report.push(format!("step {}: {}\n{lines}", number + 1, expected.request));
        }
    }
    let differing = report.len();
    report.truncate(SHOWN);
    if differing > SHOWN {
        report.push(format!("… and {} more steps\n", differing - SHOWN));
    }
    if reference.0.len() != other.0.len() {
        report.push(format!(
            "the reference has {} steps, this one {}\n",
            reference.0.len(),
            other.0.len()
        ));
    }
    (!report.is_empty()).then(|| report.join("\n"))
}

/// An exchange as lines: what is compared.
fn lines(exchange: &Exchange) -> Vec<String> {
    let mut lines = vec![exchange.request.clone(), format!("status: {}", exchange.status)];
    lines.extend(
        exchange
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.push(format!("body: {}", exchange.body));
    lines
}

/// Lines that only one side has: `-` the reference, `+` the other.
fn different_lines(expected: &[String], found: &[String]) -> String {
    let mut report = String::new();
    let missing: Vec<&String> = expected.iter().filter(|line| !found.contains(line)).collect();
    let extra: Vec<&String> = found.iter().filter(|line| !expected.contains(line)).collect();
    for (index, line) in missing.iter().enumerate() {
        let counterpart = extra.get(index).map_or("", |line| line.as_str());
        report.push_str(&format!("  - {}\n", excerpt(line, counterpart)));
    }
    for (index, line) in extra.iter().enumerate() {
        let counterpart = missing.get(index).map_or("", |line| line.as_str());
        report.push_str(&format!("  + {}\n", excerpt(line, counterpart)));
    }
    if report.is_empty() && expected != found {
        report.push_str("  the same lines in another order, or another number of times\n");
    }
    report
}

/// The part of a line around the first difference from its counterpart.
fn excerpt(line: &str, counterpart: &str) -> String {
    let same = line
        .chars()
        .zip(counterpart.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let begin = same.saturating_sub(AROUND / 2);
    let shown: String = line.chars().skip(begin).take(2 * AROUND).collect();
    let name = line.split(": ").next().unwrap_or_default();
    let before = if begin > 0 {
        format!("{name}: …")
    } else {
        String::new()
    };
    let after = if line.chars().count() > begin + 2 * AROUND {
        "…"
    } else {
        ""
    };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(status: u16, header: &str, body: &str) -> Transcript {
        let headers = vec![
            ("content-type".to_owned(), header.to_owned()),
            ("date".to_owned(), body.len().to_string()),
        ];
        Transcript(vec![Exchange::new(
            "GET /api/v1/clients".to_owned(),
            status,
            headers,
            body.as_bytes(),
        )])
    }

    #[test]
    fn the_same_is_no_difference() {
        let one = transcript(200, "application/json", "[]");
        assert_eq!(differences(&one, &one), None);
    }

    #[test]
    fn each_part_of_an_answer_is_compared_and_shown() {
        let one = transcript(200, "application/json", r#"{"amount":1.5}"#);
        for (other, shown) in [
            (
                transcript(201, "application/json", r#"{"amount":1.5}"#),
                "status: 201",
            ),
            (
                transcript(200, "text/plain", r#"{"amount":1.5}"#),
                "content-type: text/plain",
            ),
            (
                transcript(200, "application/json", r#"{"amount":1.50}"#),
                r#"{"amount":1.50}"#,
            ),
            (
                transcript(200, "application/json", r#"{"amount": 1.5}"#),
                r#"{"amount": 1.5}"#,
            ),
        ] {
            let report = differences(&one, &other).unwrap_or_else(|| panic!("{shown} is not seen"));
            assert!(report.contains(shown), "{report}");
            assert!(report.contains("step 1: GET /api/v1/clients"), "{report}");
        }
    }

    #[test]
    fn steps_that_are_missing_are_a_difference() {
        let one = transcript(200, "application/json", "[]");
        let report = differences(&one, &Transcript::default()).unwrap();
        assert!(
            report.contains("the reference has 1 steps, this one 0"),
            "{report}"
        );
    }

    #[test]
    fn a_header_that_comes_twice_is_a_difference() {
        let one = transcript(200, "application/json", "[]");
        let mut other = one.clone();
        let again = other.0[0].headers[0].clone();
        other.0[0].headers.push(again);
        assert!(
            differences(&one, &other)
                .unwrap()
                .contains("another number of times")
        );
    }
}

//! Hostile values in every place of every operation that the platform describes: path, query, headers and every field
//! of every JSON body, one at a time. Nothing of the kind may be taken, written, or answered by anything but the error
//! contract. A new route is covered by being described; when no valid request can be derived from its schema, the test
//! fails until `valid.rs` says what one looks like.

mod attacks;
mod book;
mod contact;
mod document;
mod holdings;
mod request;
mod schemas;
mod stage;
mod valid;
mod values;
mod verdict;

use crate::deployment::Topology;
use attacks::attacks;
use document::{Document, Operation};
use request::Request;
use stage::Stage;
use std::collections::HashSet;

/// Which operations are attacked: all of them together take longer than a test may.
#[derive(Debug, Clone, Copy)]
pub(super) enum Half {
    /// Every second one, from the first.
    One,
    /// Every second one, from the second.
    Other,
}

/// Attacks every operation of a half.
#[allow(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
pub(super) async fn attack(topology: Topology, half: Half) {
    let mut stage = Stage::start(topology).await;
    let document = Document::served(&stage).await;
    let mut findings = Vec::new();
    for operation in document.operations.iter().skip(half as usize).step_by(2) {
        findings.extend(examine(&mut stage, &document, operation, share(topology)).await);
    }
    println!(
        "{topology:?}: half of {} operations, {} attacks",
        document.operations.len(),
        stage.sent()
    );
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

/// A description that refers to what it does not describe is of no use to any client generator.
#[tokio::test(flavor = "multi_thread")]
async fn every_schema_that_is_referred_to_is_described() {
    let stage = Stage::start(Topology::Monolith).await;
    let missing = Document::dangling(&stage.openapi().await);
    assert!(
        missing.is_empty(),
        "add to components(schemas(…)) of the group: {missing:?}"
    );
}

/// Of how many attacks on an operation one is sent: all to a monolith, and through a forwarder a few, which are other ones
/// for every operation; `ATTACKS=all` sends all of them everywhere.
fn share(topology: Topology) -> usize {
    let all = std::env::var("ATTACKS").is_ok_and(|which| which == "all");
    match topology {
        _ if all => 1,
        Topology::Monolith => 1,
        _ => 7,
    }
}

/// What is wrong with an operation, one line each.
async fn examine(stage: &mut Stage, document: &Document, operation: &Operation, share: usize) -> Vec<String> {
    let facts = stage.facts(operation).await;
    let valid = match valid::request(&document.schemas, operation, &facts) {
        Ok(valid) => valid,
        Err(why) => return vec![format!("{}: {why}", operation.id)],
    };
    let (refused, tolerated): (Vec<_>, Vec<_>) = attacks(&document.schemas, operation, &valid.request)
        .into_iter()
        .skip(operation.id.len() % share)
        .step_by(share)
        .partition(|attack| attack.must_fail);
    let mut findings = Vec::new();

    stage.forget_events().await;
    let mut hostile = HashSet::new();
    for attack in refused {
        match stage.send(operation, &attack.request, &facts.token).await {
            Err(error) => findings.push(format!("{}: {}: no answer: {error}", operation.id, attack.name)),
            Ok(reply) => {
                findings.extend(verdict::of_refused(operation, &attack, &reply));
                hostile.extend(reply.header("x-request-id").map(str::to_owned));
            }
        }
    }
    for event in stage.new_events().await {
        // A failed log-in is an event, whatever was sent.
        if hostile.contains(&event.correlation.to_string()) && !operation.id.starts_with("auth_login") {
            findings.push(format!(
                "{}: a refused request wrote {}",
                operation.id, event.event_type
            ));
        }
    }
    findings.extend(be_valid(stage, operation, &valid, &facts.token).await);
    for attack in tolerated {
        match stage.send(operation, &attack.request, &facts.token).await {
            Err(error) => findings.push(format!("{}: {}: no answer: {error}", operation.id, attack.name)),
            Ok(reply) => findings.extend(verdict::of_tolerated(operation, &attack, &reply, valid.status)),
        }
    }
    findings
}

/// The request that all attacks start from has to be good itself.
async fn be_valid(stage: &Stage, operation: &Operation, valid: &valid::Valid, token: &str) -> Option<String> {
    let reply = match stage.send(operation, &valid.request, token).await {
        Ok(reply) => reply,
        Err(error) => return Some(format!("{}: no answer: {error}", operation.id)),
    };
    let good = match valid.status {
        Some(status) => reply.status == status,
        None => (200..300).contains(&reply.status),
    };
    (!good).then(|| {
        format!(
            "{}: the request derived from its schema is not valid: {} {}; say in hostile_input/valid.rs what is",
            operation.id, reply.status, reply.text
        )
    })
}

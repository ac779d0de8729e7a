//! What the declared lists of groups must be like together, and the order that follows from them.

use super::problem::Problems;
use kernel::GroupInfo;
use std::collections::BTreeMap;

/// The groups in the order in which they are started: those of one wave need only those of earlier waves. Groups that
/// stand in a circle, or call one that is not among them and cannot come, are left out.
pub fn start_order(groups: &[&'static GroupInfo]) -> Vec<Vec<&'static GroupInfo>> {
    let mut waiting: Vec<&'static GroupInfo> = groups.to_vec();
    waiting.sort_by_key(|info| info.default_port);
    let mut waves = Vec::new();
    loop {
        let names: Vec<&str> = waiting.iter().map(|info| info.name).collect();
        let (wave, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|info| info.calls.iter().all(|called| !names.contains(called)));
        waiting = rest;
        if wave.is_empty() {
            return waves;
        }
        waves.push(wave);
    }
}

/// The groups in the order in which they are stopped: whoever depends on a group ends before it does.
pub fn stop_order(groups: &[&'static GroupInfo]) -> Vec<Vec<&'static GroupInfo>> {
    let mut waves = start_order(groups);
    waves.reverse();
    waves
}

/// The groups in the order in which a new version is rolled out: a called group first, because a contract may only
/// grow, so that the newer server understands the older client.
pub fn rollout_order(groups: &[&'static GroupInfo]) -> Vec<Vec<&'static GroupInfo>> {
    start_order(groups)
}

/// Notes what the groups say that cannot be.
pub(super) fn check(groups: &[&'static GroupInfo], problems: &mut Problems) {
    known_targets(groups, problems);
    one_owner_for_a_prefix(groups, problems);
    no_circle(groups, problems);
    no_chain_of_asks(groups, problems);
}

fn known_targets(groups: &[&'static GroupInfo], problems: &mut Problems) {
    for info in groups {
        for name in info.calls.iter().chain(info.asks).chain(info.hears) {
            if *name != "*" && find(groups, name).is_none() {
                problems.add(
                    info.name,
                    format!("depends on the group '{name}', which there is not"),
                );
            }
        }
    }
}

fn one_owner_for_a_prefix(groups: &[&'static GroupInfo], problems: &mut Problems) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for info in groups {
        for prefix in info.prefixes {
            if let Some(owner) = owners.insert(prefix, info.name) {
                problems.add(
                    info.name,
                    format!("the prefix {prefix} is owned by {owner} already: a prefix has one owner"),
                );
            }
        }
    }
}

fn no_circle(groups: &[&'static GroupInfo], problems: &mut Problems) {
    let ordered: Vec<&str> = start_order(groups)
        .into_iter()
        .flatten()
        .map(|info| info.name)
        .collect();
    let mut circle: Vec<&'static GroupInfo> = groups.to_vec();
    circle.retain(|info| !ordered.contains(&info.name));
    // Whoever only leads into the circle is not part of it.
    loop {
        let called: Vec<&str> = circle.iter().flat_map(|info| info.calls).copied().collect();
        let before = circle.len();
        circle.retain(|info| called.contains(&info.name));
        if circle.len() == before {
            break;
        }
    }
    let names: Vec<&str> = circle.iter().map(|info| info.name).collect();
    if let Some(first) = names.first() {
        let message = format!(
            "calls go round in a circle through {}: make one of them an ask or a hear",
            names.join(", ")
        );
        problems.add(*first, message);
    }
}

/// An ask is answered without asking anybody else, however far the calls behind it go.
fn no_chain_of_asks(groups: &[&'static GroupInfo], problems: &mut Problems) {
    for info in groups {
        for asked in info.asks {
            let mut reached = vec![*asked];
            let mut next = 0;
            while let Some(name) = reached.get(next).copied() {
                next += 1;
                let Some(target) = find(groups, name) else {
                    continue;
                };
                if let Some(further) = target.asks.first() {
                    problems.add(
                        info.name,
                        format!("asks {asked}, which leads to {name} asking {further}: an ask leads to no other ask"),
                    );
                    break;
                }
                let called = target.calls.iter().copied();
                let new: Vec<&str> = called.filter(|name| !reached.contains(name)).collect();
                reached.extend(new);
            }
        }
    }
}

pub(super) fn find(groups: &[&'static GroupInfo], name: &str) -> Option<&'static GroupInfo> {
    groups.iter().copied().find(|info| info.name == name)
}

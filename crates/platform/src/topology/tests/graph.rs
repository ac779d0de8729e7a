//! What groups may say of each other, the order that follows, and the picture of it.

use super::{ALL, BANK, BOOKS, BOOKS_OUT, BOOKS_SPLIT, CHOIR, EMPTY, of};
use crate::topology::{
    EdgeKind, EdgePlace, Program, Topology, TopologyFile, resolve::Resolve, rollout_order, start_order,
    stop_order,
};
use kernel::GroupInfo;
use runtime::Settings;

fn over(groups: &[&'static GroupInfo]) -> String {
    let (file, settings) = (TopologyFile::built_in(), Settings::default());
    let resolved = Resolve::new(&file, &settings, groups, groups, Program::Monolith).topology();
    resolved.unwrap_err().to_string()
}

fn names(waves: Vec<Vec<&'static GroupInfo>>) -> Vec<Vec<&'static str>> {
    let names = waves
        .into_iter()
        .map(|wave| wave.into_iter().map(|info| info.name));
    names.map(Iterator::collect).collect()
}

#[test]
fn what_groups_say_of_each_other_is_checked() {
    static TWIN: GroupInfo = GroupInfo {
        name: "twin",
        default_port: 9004,
        prefixes: &["/api/bank"],
        ..EMPTY
    };
    assert!(over(&[&BANK, &TWIN]).contains("twin: the prefix /api/bank is owned by bank already"));
    static LOOP: GroupInfo = GroupInfo {
        name: "bank",
        calls: &["choir"],
        ..BANK
    };
    let circle = over(&[&LOOP, &BOOKS, &CHOIR]);
    assert!(circle.contains("circle through bank, choir:"), "{circle}");
    static ASKER: GroupInfo = GroupInfo {
        name: "asker",
        default_port: 9005,
        asks: &["reader"],
        ..EMPTY
    };
    static READER: GroupInfo = GroupInfo {
        name: "reader",
        default_port: 9006,
        calls: &["choir"],
        ..EMPTY
    };
    let chain = over(&[&BANK, &BOOKS, &CHOIR, &ASKER, &READER]);
    assert!(
        chain.contains("asker: asks reader, which leads to choir asking books"),
        "{chain}"
    );
    static PORT: GroupInfo = GroupInfo {
        name: "port",
        default_port: 9001,
        ..EMPTY
    };
    assert!(over(&[&BANK, &PORT]).contains("9001 is the port of bank already"));
    let lonely = over(&[&BOOKS]);
    assert!(lonely.contains("books: depends on the group 'bank'"), "{lonely}");
}

#[test]
fn groups_start_after_what_they_call_and_stop_before_it() {
    let mut shuffled = ALL;
    shuffled.reverse();
    assert_eq!(
        names(start_order(&shuffled)),
        [vec!["bank"], vec!["books", "choir"]]
    );
    assert_eq!(
        names(stop_order(&shuffled)),
        [vec!["books", "choir"], vec!["bank"]]
    );
    assert_eq!(names(rollout_order(&shuffled)), names(start_order(&shuffled)));
    static LOOP: GroupInfo = GroupInfo {
        name: "bank",
        calls: &["books"],
        ..BANK
    };
    assert!(start_order(&[&LOOP, &BOOKS]).is_empty());
}

#[test]
fn a_group_that_starts_alone_does_not_wait_for_what_is_elsewhere() {
    assert_eq!(names(start_order(&[&BOOKS])), [vec!["books"]]);
}

#[test]
fn the_picture_says_which_edges_cross_the_network() {
    let place = |topology: &Topology, from: &str, kind, to: &str| {
        let mut edges = topology.edges().into_iter();
        let edge = edges.find(|edge| (edge.from, edge.kind, edge.to) == (from, kind, to));
        edge.unwrap().place
    };
    let out = of(BOOKS_OUT);
    assert_eq!(place(&out, "books", EdgeKind::Calls, "bank"), EdgePlace::Remote);
    assert_eq!(place(&out, "choir", EdgeKind::Calls, "bank"), EdgePlace::Local);
    assert_eq!(place(&out, "choir", EdgeKind::Asks, "books"), EdgePlace::Remote);
    assert_eq!(place(&out, "bank", EdgeKind::Hears, "books"), EdgePlace::Remote);
    assert_eq!(out.edges().len(), 5, "nobody hears itself");
    assert_eq!(
        place(&of(BOOKS_SPLIT), "choir", EdgeKind::Asks, "books"),
        EdgePlace::Split
    );
    let picture = of(BOOKS_SPLIT).picture();
    let groups: Vec<_> = picture
        .processes
        .iter()
        .map(|process| process.groups.join(" "))
        .collect();
    assert_eq!(groups, ["bank books (90 %) choir", "books (10 %)"]);
    assert_eq!(picture.start_order, [vec!["bank"], vec!["books", "choir"]]);
}

//! The top of the repository is exactly the design card's list.

use crate::{
    load,
    model::{assert_none, assert_one},
};
use std::collections::BTreeSet;

const TOP: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "bins",
    "config",
    "crates",
    "deploy",
    "docs",
    "scripts",
];

fn top_level_is_exact(paths: &[String]) -> Vec<String> {
    let top: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.split('/').next())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let wanted: BTreeSet<&str> = TOP.into_iter().collect();
    let extra = top.difference(&wanted).map(|name| {
        format!(
            "'{name}' does not belong at the top: move it into docs, scripts, deploy, config or a dot-file"
        )
    });
    let missing = wanted
        .difference(&top)
        .map(|name| format!("'{name}' is missing at the top: the design names it"));
    extra.chain(missing).collect()
}

#[test]
fn the_top_level_is_the_design_cards() {
    assert_none(top_level_is_exact(&load::tracked(false)));
}

#[test]
fn a_stray_or_missing_file_at_the_top_is_found() {
    let mut paths: Vec<String> = TOP.iter().map(|name| format!("{name}/x")).collect();
    paths.push(".ci/run".to_owned());
    assert_none(top_level_is_exact(&paths));
    paths.push("Makefile".to_owned());
    assert_one(&top_level_is_exact(&paths), &["'Makefile'"]);
    paths.retain(|path| !path.starts_with("Makefile") && !path.starts_with("deploy"));
    assert_one(&top_level_is_exact(&paths), &["'deploy' is missing"]);
}

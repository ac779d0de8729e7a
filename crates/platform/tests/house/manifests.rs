//! Invariant 6: every crate inherits the workspace's lints and dependencies.

use crate::{
    load,
    model::{Floor, Member, Workspace, assert_none, assert_one, member},
};
use toml::{Table, Value};

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

fn is_inherited(value: Option<&Value>) -> bool {
    value
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        .unwrap_or(false)
}

/// Every table of dependencies in a manifest, those for one target included.
fn dependency_tables(manifest: &Table) -> Vec<&Table> {
    const NAMES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of = |table: &'_ Table| -> Vec<String> {
        NAMES
            .iter()
            .filter(|name| table.contains_key(**name))
            .map(|name| (*name).to_owned())
            .collect()
    };
    let mut places = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        places.extend(targets.values().filter_map(Value::as_table));
    }
    places
        .into_iter()
        .flat_map(|place| {
            of(place)
                .into_iter()
                .filter_map(move |name| place.get(&name)?.as_table())
        })
        .collect()
}

fn complaints(member: &Member) -> Vec<String> {
    let file = format!("{}/Cargo.toml", member.folder);
    let manifest: Table = match member.manifest.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{file}: cannot be read: {error}")],
    };
    let mut found = Vec::new();
    if !is_inherited(manifest.get("lints")) {
        found.push(format!("{file}: add `[lints]` with `workspace = true`"));
    }
    for key in INHERITED {
        if !is_inherited(manifest.get("package").and_then(|package| package.get(key))) {
            found.push(format!("{file}: write `{key}.workspace = true`"));
        }
    }
    for (name, value) in dependency_tables(&manifest).into_iter().flatten() {
        if !is_inherited(Some(value)) {
            found.push(format!(
                "{file}: write `{name}.workspace = true` and pin it in [workspace.dependencies] of the top Cargo.toml"
            ));
        }
    }
    found
}

fn everything_is_inherited(workspace: &Workspace) -> Vec<String> {
    workspace.members.iter().flat_map(complaints).collect()
}

/// The fault harness breaks the platform at named points. They are compiled in where a crate asks for them, and nothing
/// that is shipped may.
fn fail_points_stay_in_the_proof(workspace: &Workspace) -> Vec<String> {
    let asks = |member: &&Member| member.manifest.contains("\"failpoints\"");
    let shipped = |member: &&Member| member.floor() != Some(Floor::Proof);
    let members = workspace.members.iter().filter(shipped).filter(asks);
    members
        .map(|member| {
            format!(
                "{}/Cargo.toml: write `fail.workspace = true`: only the fault harness asks for fail points, so that what is \
                 shipped has none",
                member.folder
            )
        })
        .collect()
}

#[test]
fn nothing_that_is_shipped_asks_for_fail_points() {
    assert_none(fail_points_stay_in_the_proof(load::workspace()));
}

#[test]
fn a_shipped_crate_with_fail_points_is_found() {
    let mut store = member("crates/kernel/store", "store", &[]);
    store.manifest = r#"fail = { workspace = true, features = ["failpoints"] }"#.to_owned();
    let mut torture = member("crates/proof/torture", "torture", &[]);
    torture.manifest = store.manifest.clone();
    let workspace = Workspace {
        members: vec![store, torture],
        ..Workspace::default()
    };
    assert_one(
        &fail_points_stay_in_the_proof(&workspace),
        &["crates/kernel/store/Cargo.toml"],
    );
}

#[test]
fn every_crate_inherits_lints_and_dependencies() {
    assert_none(everything_is_inherited(load::workspace()));
}

const GOOD: &str = r#"
[package]
name = "auth"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true
[lints]
workspace = true
[dependencies]
serde.workspace = true
tokio = { workspace = true, features = ["fs"] }
"#;

fn found_in(manifest: &str) -> Vec<String> {
    let mut auth = member("crates/groups/auth", "auth", &[]);
    auth.manifest = manifest.to_owned();
    everything_is_inherited(&Workspace {
        members: vec![auth],
        ..Workspace::default()
    })
}

#[test]
fn a_crate_of_its_own_mind_is_found() {
    assert_none(found_in(GOOD));
    assert_one(
        &found_in(&GOOD.replace("[lints]", "[lint]")),
        &["crates/groups/auth/Cargo.toml", "[lints]"],
    );
    assert_one(
        &found_in(&GOOD.replace("edition.workspace = true", "edition = \"2024\"")),
        &["edition.workspace"],
    );
}

#[test]
fn a_dependency_with_its_own_version_is_found_wherever_it_stands() {
    for addition in [
        "[dev-dependencies]\nrand = \"0.9\"",
        "[build-dependencies]\nrand = { version = \"0.9\" }",
        "[target.'cfg(unix)'.dependencies]\nrand = { path = \"../rand\" }",
    ] {
        assert_one(
            &found_in(&format!("{GOOD}{addition}\n")),
            &["rand.workspace = true"],
        );
    }
}

//! Invariant 1: an arrow only ever points down.

use crate::{
    load,
    model::{Floor, Member, Need, Workspace, assert_none, assert_one, member},
};

fn may_stand_on(from: Floor, to: Floor) -> bool {
    use Floor::{Bin, Bridge, Console, Contract, Group, Kernel, Platform, Proof};
    match from {
        Bin => matches!(to, Platform | Contract | Console | Kernel),
        Platform => matches!(to, Group | Contract | Bridge | Console | Kernel),
        Group => matches!(to, Contract | Kernel),
        Contract | Bridge | Console | Kernel => to == Kernel,
        // It starts the shipped programs and talks to them from outside.
        Proof => matches!(to, Contract | Kernel),
    }
}

fn advice(from: Floor, to: Floor) -> &'static str {
    match (from, to) {
        (Floor::Group, Floor::Group) => {
            "a group never depends on a group: call it through its contract, and declare that in `calls`, `asks` or `hears`"
        }
        (Floor::Contract, Floor::Contract) => {
            "contracts know no contract: pass ids, or move the shared type down into `kernel`"
        }
        (Floor::Kernel, _) => "the kernel knows no domain: pass in what it needs as a trait or a value",
        (Floor::Proof, _) => {
            "the proof sees the platform from outside: start its programs and talk to them, as a user would"
        }
        (_, Floor::Proof) => "nothing that is shipped stands on the proof",
        (Floor::Bin, _) => "entry points stand on the platform: let `platform` offer what is needed",
        _ => "an arrow only ever points down: bins, platform, groups, contracts, kernel",
    }
}

fn arrows_point_down(workspace: &Workspace) -> Vec<String> {
    let members = workspace.by_name();
    let mut found = Vec::new();
    for from in &workspace.members {
        let Some(from_floor) = from.floor() else {
            found.push(format!(
                "{} lies in '{}', on no floor: move it under bins/ or crates/{{groups,contracts,bridges,kernel,proof}}/",
                from.name, from.folder
            ));
            continue;
        };
        for dependency in &from.dependencies {
            let Some(to) = members.get(dependency.name.as_str()) else {
                continue;
            };
            let itself = to.name == from.name;
            let down = to.floor().is_some_and(|floor| may_stand_on(from_floor, floor));
            if !itself && !down {
                let advice = to.floor().map_or("", |floor| advice(from_floor, floor));
                found.push(format!(
                    "{}/Cargo.toml: '{}' must not depend on '{}'{}; {advice}",
                    from.folder,
                    from.name,
                    to.name,
                    if dependency.need == Need::Dev {
                        " (for its tests)"
                    } else {
                        ""
                    },
                ));
            }
        }
    }
    found
}

fn kernel_core_stands_on_nothing(workspace: &Workspace) -> Vec<String> {
    let members = workspace.by_name();
    workspace
        .members
        .iter()
        .filter(|member| member.name == "kernel")
        .flat_map(|core| &core.dependencies)
        .filter(|dependency| members.contains_key(dependency.name.as_str()))
        .map(|dependency| {
            format!(
                "crates/kernel/core/Cargo.toml: `kernel` is the lowest stone and depends on no crate of ours, but names '{}'",
                dependency.name
            )
        })
        .collect()
}

fn testkit_is_for_tests(workspace: &Workspace) -> Vec<String> {
    let names_it = |member: &&Member| {
        member.floor() != Some(Floor::Proof)
            && member
                .dependencies
                .iter()
                .any(|dependency| dependency.name == "testkit" && dependency.need != Need::Dev)
    };
    workspace
        .members
        .iter()
        .filter(names_it)
        .map(|member| {
            format!(
                "{}/Cargo.toml: move `testkit` to [dev-dependencies]: the test harness is never shipped",
                member.folder
            )
        })
        .collect()
}

fn actix_stays_in_its_rooms(workspace: &Workspace) -> Vec<String> {
    let may = |member: &Member| {
        matches!(
            member.floor(),
            Some(Floor::Group | Floor::Platform | Floor::Proof)
        ) || member.folder == "crates/kernel/web"
    };
    let mut found = Vec::new();
    for member in workspace.members.iter().filter(|member| !may(member)) {
        for dependency in &member.dependencies {
            if dependency.name.starts_with("actix") {
                found.push(format!(
                    "{}/Cargo.toml: drop '{}': only kernel/web, the routes of groups and platform know actix",
                    member.folder, dependency.name
                ));
            }
        }
    }
    found
}

#[test]
fn every_arrow_of_the_workspace_points_down() {
    let workspace = load::workspace();
    assert!(workspace.members.len() > 15, "cargo metadata shows the members");
    assert_none(arrows_point_down(workspace));
}

#[test]
fn the_lowest_stone_stands_on_nothing() {
    assert_none(kernel_core_stands_on_nothing(load::workspace()));
}

#[test]
fn the_test_harness_is_not_shipped() {
    assert_none(testkit_is_for_tests(load::workspace()));
}

#[test]
fn no_other_crate_depends_on_actix() {
    assert_none(actix_stays_in_its_rooms(load::workspace()));
}

fn broken(folder: &str, name: &str, dependencies: &[(&str, Need)]) -> Workspace {
    Workspace {
        members: vec![
            member(folder, name, dependencies),
            member("crates/groups/auth", "auth", &[]),
            member("crates/contracts/auth", "auth-contract", &[]),
            member("crates/kernel/store", "store", &[]),
            member("crates/kernel/testkit", "testkit", &[]),
        ],
        ..Workspace::default()
    }
}

#[test]
fn a_group_that_imports_a_group_is_found() {
    let workspace = broken(
        "crates/groups/finance",
        "finance",
        &[("auth", Need::Normal), ("store", Need::Normal)],
    );
    assert_one(
        &arrows_point_down(&workspace),
        &[
            "crates/groups/finance",
            "'finance' must not depend on 'auth'",
            "through its contract",
        ],
    );
}

#[test]
fn a_group_that_imports_a_group_for_its_tests_is_found() {
    let workspace = broken("crates/groups/finance", "finance", &[("auth", Need::Dev)]);
    assert_one(&arrows_point_down(&workspace), &["'auth' (for its tests)"]);
}

#[test]
fn a_kernel_crate_that_knows_a_contract_is_found() {
    let workspace = broken("crates/kernel/web", "web", &[("auth-contract", Need::Normal)]);
    assert_one(
        &arrows_point_down(&workspace),
        &["crates/kernel/web", "knows no domain"],
    );
}

#[test]
fn a_contract_that_imports_a_contract_is_found() {
    let workspace = broken(
        "crates/contracts/finance",
        "finance-contract",
        &[("auth-contract", Need::Build)],
    );
    assert_one(&arrows_point_down(&workspace), &["contracts know no contract"]);
}

#[test]
fn an_entry_point_that_names_a_group_is_found() {
    let workspace = broken("bins/wealthos", "wealthos", &[("auth", Need::Normal)]);
    assert_one(
        &arrows_point_down(&workspace),
        &["bins/wealthos", "stand on the platform"],
    );
}

#[test]
fn shipped_code_that_stands_on_the_proof_is_found() {
    let mut workspace = broken("crates/platform", "platform", &[("torture", Need::Dev)]);
    workspace.members.push(member(
        "crates/proof/torture",
        "torture",
        &[("auth", Need::Normal)],
    ));
    assert_eq!(
        arrows_point_down(&workspace).len(),
        2,
        "neither may platform use the proof, nor the proof a group"
    );
    workspace = broken("crates/proof/torture", "torture", &[("testkit", Need::Normal)]);
    assert_none(arrows_point_down(&workspace));
    assert_none(testkit_is_for_tests(&workspace));
}

#[test]
fn a_crate_outside_the_floors_is_found() {
    let workspace = broken("crates/extras", "extras", &[]);
    assert_one(&arrows_point_down(&workspace), &["crates/extras", "on no floor"]);
}

#[test]
fn a_kernel_core_that_stands_on_the_store_is_found() {
    let workspace = broken("crates/kernel/core", "kernel", &[("store", Need::Dev)]);
    assert_one(&kernel_core_stands_on_nothing(&workspace), &["names 'store'"]);
}

#[test]
fn a_shipped_test_harness_is_found() {
    let workspace = broken("crates/kernel/web", "web", &[("testkit", Need::Normal)]);
    assert_one(
        &testkit_is_for_tests(&workspace),
        &["crates/kernel/web", "[dev-dependencies]"],
    );
}

#[test]
fn a_seam_that_knows_actix_is_found() {
    let workspace = broken("crates/kernel/rpc", "rpc", &[("actix-rt", Need::Normal)]);
    assert_one(
        &actix_stays_in_its_rooms(&workspace),
        &["crates/kernel/rpc", "actix-rt"],
    );
}

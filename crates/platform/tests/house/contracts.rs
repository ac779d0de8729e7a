//! Invariant 2, and the part of invariant 1 that compares what a group declares with what it imports.

use crate::{
    groups::GROUPS,
    load,
    model::{Floor, Need, Workspace, assert_none, assert_one, member},
};
use kernel::{GroupInfo, ModuleInfo};
use std::collections::{BTreeMap, BTreeSet};

fn contract_of(group: &str) -> String {
    format!("{group}-contract")
}

/// Each group has a contract crate, each contract crate an entry in the list, and names agree with folders.
fn groups_and_contracts_come_in_pairs(workspace: &Workspace, groups: &[GroupInfo]) -> Vec<String> {
    let mut found = Vec::new();
    let named: BTreeSet<&str> = groups.iter().map(|info| info.name).collect();
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for member in &workspace.members {
        let folder = member.folder.rsplit('/').next().unwrap_or_default();
        let (kind, expected) = match member.floor() {
            Some(Floor::Group) => ("groups", folder.to_owned()),
            Some(Floor::Contract) => ("contracts", contract_of(folder)),
            _ => continue,
        };
        folders.entry(folder).or_default().insert(kind);
        if member.name != expected {
            found.push(format!(
                "{}/Cargo.toml: the package must be named '{expected}'",
                member.folder
            ));
        }
    }
    for (folder, kinds) in &folders {
        for kind in ["groups", "contracts"] {
            if !kinds.contains(kind) {
                found.push(format!(
                    "crates/{kind}/{folder} is missing: a group and its contract come in pairs (scripts/new-group makes both)"
                ));
            }
        }
        if !named.contains(folder) {
            found.push(format!(
                "add {folder}'s INFO to crates/platform/tests/house/groups.rs, or mend the name in its info.rs"
            ));
        }
    }
    found
}

fn imports_are_declared(workspace: &Workspace, groups: &[GroupInfo]) -> Vec<String> {
    let members = workspace.by_name();
    let mut found = Vec::new();
    for info in groups {
        let Some(group) = members.get(info.name) else {
            continue;
        };
        let declared: BTreeSet<String> = [info.calls, info.asks, info.hears]
            .concat()
            .into_iter()
            .filter(|name| *name != "*")
            .chain([info.name])
            .map(contract_of)
            .collect();
        let imported: BTreeSet<String> = group
            .dependencies
            .iter()
            .filter(|dependency| dependency.need == Need::Normal)
            .filter(|dependency| {
                members
                    .get(dependency.name.as_str())
                    .is_some_and(|member| member.floor() == Some(Floor::Contract))
            })
            .map(|dependency| dependency.name.clone())
            .collect();
        for name in imported.difference(&declared) {
            found.push(format!(
                "{}/Cargo.toml imports '{name}', which {}'s INFO does not declare: add the group to `calls`, `asks` or `hears` in crates/contracts/{}/src/info.rs, or drop the dependency",
                group.folder, info.name, info.name
            ));
        }
        for name in declared.difference(&imported) {
            found.push(format!(
                "{}/Cargo.toml lacks '{name}': add it to [dependencies], or drop the group from `calls`, `asks` and `hears` in crates/contracts/{}/src/info.rs",
                group.folder, info.name
            ));
        }
    }
    found
}

fn declared_groups_exist(groups: &[GroupInfo]) -> Vec<String> {
    let named: BTreeSet<&str> = groups.iter().map(|info| info.name).collect();
    let mut found = Vec::new();
    for info in groups {
        let file = format!("crates/contracts/{}/src/info.rs", info.name);
        for (list, names) in [("calls", info.calls), ("asks", info.asks), ("hears", info.hears)] {
            for name in names {
                if *name == info.name {
                    found.push(format!("{file}: `{list}` names the group itself: drop it"));
                } else if !(named.contains(name) || list == "hears" && *name == "*") {
                    found.push(format!("{file}: `{list}` names '{name}', which is no group"));
                }
            }
        }
    }
    found
}

fn calls_have_no_cycle(groups: &[GroupInfo]) -> Vec<String> {
    fn walk(
        name: &'static str,
        by_name: &BTreeMap<&str, &GroupInfo>,
        path: &mut Vec<&'static str>,
    ) -> Option<String> {
        if let Some(start) = path.iter().position(|step| *step == name) {
            let mut circle = path[start..].to_vec();
            circle.push(name);
            return Some(circle.join(" → "));
        }
        path.push(name);
        let circle = by_name
            .get(name)
            .and_then(|info| info.calls.iter().find_map(|next| walk(next, by_name, path)));
        path.pop();
        circle
    }
    let by_name: BTreeMap<&str, &GroupInfo> = groups.iter().map(|info| (info.name, info)).collect();
    groups
        .iter()
        .find_map(|info| walk(info.name, &by_name, &mut Vec::new()))
        .map(|circle| {
            format!(
                "`calls` goes in a circle: {circle}: make one of them an `ask` (optional) or hear its events (see info.rs of each)"
            )
        })
        .into_iter()
        .collect()
}

fn prefixes_have_one_owner(groups: &[GroupInfo]) -> Vec<String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for info in groups {
        let file = format!("crates/contracts/{}/src/info.rs", info.name);
        for prefix in info.prefixes {
            if !prefix.starts_with('/') || prefix.ends_with('/') {
                found.push(format!(
                    "{file}: write the prefix '{prefix}' with a leading and without a trailing slash"
                ));
            }
            if let Some(other) = owners.insert(prefix, info.name) {
                found.push(format!(
                    "{file}: the prefix '{prefix}' already belongs to '{other}': choose another"
                ));
            }
        }
        for module in info.modules {
            for prefix in module.prefixes {
                let under = |outer: &str| {
                    prefix
                        .strip_prefix(outer)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                if !info.prefixes.iter().any(|outer| under(outer)) {
                    found.push(format!(
                        "{file}: the module '{}' answers '{prefix}', which is under none of the group's prefixes",
                        module.name
                    ));
                }
            }
        }
    }
    found
}

fn ports_are_free(groups: &[GroupInfo]) -> Vec<String> {
    let mut owners: BTreeMap<u16, &str> = BTreeMap::from([(8000, "the monolith"), (8080, "the metrics")]);
    let mut found = Vec::new();
    for info in groups {
        if let Some(other) = owners.insert(info.default_port, info.name) {
            found.push(format!(
                "crates/contracts/{}/src/info.rs: port {} already belongs to {other}: choose another",
                info.name, info.default_port
            ));
        }
    }
    found
}

#[test]
fn every_group_has_its_contract() {
    assert_none(groups_and_contracts_come_in_pairs(load::workspace(), GROUPS));
}

#[test]
fn groups_import_the_contracts_that_they_declare() {
    assert_none(imports_are_declared(load::workspace(), GROUPS));
}

#[test]
fn declared_groups_are_groups() {
    assert_none(declared_groups_exist(GROUPS));
}

#[test]
fn calls_are_a_dag() {
    assert_none(calls_have_no_cycle(GROUPS));
}

#[test]
fn every_prefix_has_one_owner() {
    assert_none(prefixes_have_one_owner(GROUPS));
}

/// What a process that does not have a group shows and forwards of it is what the group itself would show.
#[test]
fn every_fragment_reads_back_whole() {
    for info in GROUPS {
        let fragment: serde_json::Value = serde_json::from_str(info.openapi).unwrap();
        let mount = web::Mount::remote(info);
        assert_eq!(
            serde_json::to_value(mount.openapi().unwrap()).unwrap(),
            fragment,
            "{}",
            info.name
        );
    }
}

#[test]
fn every_port_has_one_owner() {
    assert_none(ports_are_free(GROUPS));
}

const fn info(
    name: &'static str,
    port: u16,
    prefixes: &'static [&'static str],
    calls: &'static [&'static str],
) -> GroupInfo {
    GroupInfo {
        name,
        summary: "",
        default_port: port,
        prefixes,
        modules: &[],
        calls,
        asks: &[],
        hears: &[],
        rates: &[],
        openapi: "",
    }
}

fn pair(group: &str, dependencies: &[(&str, Need)]) -> Workspace {
    Workspace {
        members: vec![
            member(&format!("crates/groups/{group}"), group, dependencies),
            member(&format!("crates/contracts/{group}"), &contract_of(group), &[]),
            member("crates/contracts/auth", "auth-contract", &[]),
        ],
        ..Workspace::default()
    }
}

#[test]
fn a_group_without_a_contract_is_found() {
    let workspace = Workspace {
        members: vec![member("crates/groups/ml", "ml", &[])],
        ..Workspace::default()
    };
    let found = groups_and_contracts_come_in_pairs(&workspace, &[info("ml", 8006, &[], &[])]);
    assert_one(&found, &["crates/contracts/ml is missing"]);
}

#[test]
fn a_group_that_the_list_forgets_is_found() {
    let mut workspace = pair("ml", &[]);
    workspace.members.pop();
    assert_one(
        &groups_and_contracts_come_in_pairs(&workspace, &[]),
        &["add ml's INFO"],
    );
}

#[test]
fn an_undeclared_import_is_found() {
    let workspace = pair(
        "ml",
        &[("ml-contract", Need::Normal), ("auth-contract", Need::Normal)],
    );
    let found = imports_are_declared(&workspace, &[info("ml", 8006, &[], &[])]);
    assert_one(
        &found,
        &["crates/groups/ml/Cargo.toml imports 'auth-contract'", "`calls`"],
    );
}

#[test]
fn a_declared_call_that_is_not_imported_is_found() {
    let workspace = pair(
        "ml",
        &[("ml-contract", Need::Normal), ("auth-contract", Need::Dev)],
    );
    let found = imports_are_declared(&workspace, &[info("ml", 8006, &[], &["auth"])]);
    assert_one(&found, &["crates/groups/ml/Cargo.toml lacks 'auth-contract'"]);
}

#[test]
fn a_call_to_nobody_is_found() {
    assert_one(
        &declared_groups_exist(&[info("ml", 8006, &[], &["oracle"])]),
        &["'oracle', which is no group"],
    );
}

#[test]
fn a_circle_of_calls_is_found() {
    let groups = [
        info("a", 1, &[], &["b"]),
        info("b", 2, &[], &["c"]),
        info("c", 3, &[], &["b"]),
    ];
    assert_one(&calls_have_no_cycle(&groups), &["b → c → b"]);
}

#[test]
fn a_prefix_with_two_owners_is_found() {
    let groups = [
        info("a", 1, &["/api/v1/x"], &[]),
        info("b", 2, &["/api/v1/x"], &[]),
    ];
    assert_one(
        &prefixes_have_one_owner(&groups),
        &["contracts/b/", "already belongs to 'a'"],
    );
}

#[test]
fn a_module_outside_its_group_is_found() {
    let mut group = info("a", 1, &["/api/v1/x"], &[]);
    group.modules = &[ModuleInfo {
        name: "m",
        prefixes: &["/api/v1/xylophone"],
    }];
    assert_one(
        &prefixes_have_one_owner(&[group]),
        &["the module 'm'", "/api/v1/xylophone"],
    );
}

#[test]
fn a_port_with_two_owners_is_found() {
    let groups = [info("a", 8001, &[], &[]), info("b", 8001, &[], &[])];
    assert_one(
        &ports_are_free(&groups),
        &["contracts/b/", "8001", "belongs to a"],
    );
    assert_one(&ports_are_free(&[info("a", 8000, &[], &[])]), &["the monolith"]);
}

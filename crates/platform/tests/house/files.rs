//! Sizes and names of files, and what must not stand in any of them.

use crate::{
    load,
    model::{File, Workspace, assert_none, assert_one, file},
};
use std::path::Path;

/// About 400 is the rule; this is where it becomes a failure.
const LONGEST: usize = 450;
/// Tests may list more cases.
const LONGEST_TEST: usize = 600;
/// An entry point only calls the platform.
const LONGEST_ENTRY_POINT: usize = 20;

/// Names that say nothing about what they hold.
pub(crate) fn is_vague(name: &str) -> bool {
    matches!(
        name,
        "util" | "utils" | "common" | "helper" | "helpers" | "manager" | "managers" | "misc"
    )
}

fn is_code(file: &File) -> bool {
    let ending = Path::new(&file.path)
        .extension()
        .and_then(|ending| ending.to_str());
    // A lock file is written by a program for a program.
    let is_lock = file.path.ends_with("-lock.json");
    !is_lock && (matches!(ending, Some("rs" | "ts" | "tsx" | "py")) || file.path.starts_with("scripts/"))
}

fn files_are_short(workspace: &Workspace) -> Vec<String> {
    workspace
        .files
        .iter()
        .filter(|file| is_code(file))
        .filter_map(|file| {
            let limit = if file.is_test() { LONGEST_TEST } else { LONGEST };
            let lines = file.text.lines().count();
            (lines > limit).then(|| {
                format!(
                    "{}: {lines} lines, at most {limit}: a slice wants its own file or folder",
                    file.path
                )
            })
        })
        .collect()
}

fn entry_points_are_thin(workspace: &Workspace) -> Vec<String> {
    workspace
        .files
        .iter()
        .filter(|file| file.path.starts_with("bins/") && file.path.ends_with(".rs") && !file.is_test())
        .filter_map(|file| {
            let lines = file
                .text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with("//"))
                .count();
            (lines > LONGEST_ENTRY_POINT).then(|| {
                format!(
                    "{}: {lines} lines of code, at most {LONGEST_ENTRY_POINT}: move the work into platform or kernel/runtime",
                    file.path
                )
            })
        })
        .collect()
}

fn names_are_precise(workspace: &Workspace) -> Vec<String> {
    workspace
        .files
        .iter()
        .filter_map(|file| {
            let vague = file.parts().find(|part| is_vague(part))?;
            Some(format!(
                "{}: '{vague}' holds anything: name it after the one thing that it holds",
                file.path
            ))
        })
        .collect()
}

fn machine_paths() -> [&'static str; 2] {
    // Written in two parts so that this file does not find itself.
    [concat!("/wo", "rk/"), concat!("/ro", "ot/")]
}

fn no_machine_is_named(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for file in &workspace.files {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(path) = machine_paths().into_iter().find(|path| line.contains(path)) {
                found.push(format!(
                    "{}:{}: '{path}' is a folder of one machine: write a path from the top of the repository",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    found
}

#[test]
fn files_fit_on_a_few_screens() {
    assert_none(files_are_short(load::workspace()));
}

#[test]
fn entry_points_only_call_the_platform() {
    assert_none(entry_points_are_thin(load::workspace()));
}

#[test]
fn files_have_precise_names() {
    assert_none(names_are_precise(load::workspace()));
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    assert_none(no_machine_is_named(load::workspace()));
}

fn one(path: &str, text: &str) -> Workspace {
    Workspace {
        files: vec![file(path, text)],
        ..Workspace::default()
    }
}

#[test]
fn a_long_file_is_found() {
    let long = "//\n".repeat(LONGEST + 1);
    assert_one(
        &files_are_short(&one("crates/groups/auth/src/service.rs", &long)),
        &["auth/src/service.rs: 451 lines"],
    );
    assert_none(files_are_short(&one(
        "crates/groups/auth/tests/it/http.rs",
        &long,
    )));
    let longer = "//\n".repeat(LONGEST_TEST + 1);
    assert_one(
        &files_are_short(&one("crates/groups/auth/tests/it/http.rs", &longer)),
        &["601 lines, at most 600"],
    );
}

#[test]
fn a_fat_entry_point_is_found() {
    let fat = "work();\n".repeat(LONGEST_ENTRY_POINT + 1);
    assert_one(
        &entry_points_are_thin(&one("bins/wealthos/src/bin/x.rs", &fat)),
        &["21 lines of code"],
    );
}

#[test]
fn a_vague_file_or_folder_is_found() {
    assert_one(
        &names_are_precise(&one("crates/groups/auth/src/utils.rs", "")),
        &["'utils' holds anything"],
    );
    assert_one(
        &names_are_precise(&one("crates/groups/auth/tests/common/mod.rs", "")),
        &["'common'"],
    );
}

#[test]
fn a_machine_path_is_found() {
    let text = format!("one\ncd {}main", machine_paths()[0]);
    assert_one(&no_machine_is_named(&one("README.md", &text)), &["README.md:2:"]);
}

//! What the documents point at is there.

use crate::{
    load,
    model::{File, Workspace, assert_none, assert_one, file},
};
use std::collections::BTreeSet;

/// This page explains with a group that does not exist.
const EXAMPLES: &str = "docs/adding-a-group.md";

/// Every tracked file and every folder that holds one.
fn places(workspace: &Workspace) -> BTreeSet<&str> {
    let mut places = BTreeSet::new();
    for file in &workspace.files {
        let mut path = file.path.as_str();
        places.insert(path);
        while let Some((folder, _)) = path.rsplit_once('/') {
            places.insert(folder);
            path = folder;
        }
    }
    places
}

/// The path of a link, from the top of the repository; none for an address or a place on the same page.
fn target(page: &str, link: &str) -> Option<String> {
    let link = link.split('#').next()?;
    if link.is_empty() || link.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn links(page: &File) -> Vec<String> {
    page.text
        .split("](")
        .skip(1)
        .filter_map(|rest| target(&page.path, rest.split(')').next()?))
        .collect()
}

/// The paths between backticks that are written from the top of the repository.
fn paths(page: &File) -> Vec<String> {
    const TOP: [&str; 6] = ["bins/", "crates/", "config/", "deploy/", "docs/", "scripts/"];
    if page.path == EXAMPLES {
        return Vec::new();
    }
    page.text
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|quoted| TOP.iter().any(|top| quoted.starts_with(top)))
        .filter_map(|quoted| quoted.split_whitespace().next())
        .filter(|path| !path.contains(['<', '{', '*', '…']))
        .map(|path| path.trim_end_matches('/').to_owned())
        .collect()
}

fn everything_is_there(workspace: &Workspace) -> Vec<String> {
    let places = places(workspace);
    let mut found = Vec::new();
    for page in workspace.files.iter().filter(|file| file.path.ends_with(".md")) {
        for path in links(page).into_iter().chain(paths(page)) {
            if !places.contains(path.as_str()) {
                found.push(format!(
                    "{}: '{path}' is not there: mend the page, or add the file",
                    page.path
                ));
            }
        }
    }
    found
}

#[test]
fn documents_point_at_what_is_there() {
    assert_none(everything_is_there(load::workspace()));
}

fn page(text: &str) -> Workspace {
    Workspace {
        files: vec![
            file("docs/page.md", text),
            file("docs/adr/0001-x.md", ""),
            file("scripts/run", ""),
        ],
        ..Workspace::default()
    }
}

#[test]
fn a_dead_link_is_found() {
    let good = "[a](adr/0001-x.md#why) [b](../scripts/run) [c](https://example.com) [d](#here) [e](adr/)";
    assert_none(everything_is_there(&page(good)));
    assert_one(
        &everything_is_there(&page("[a](adr/0002-y.md)")),
        &["docs/page.md", "'docs/adr/0002-y.md'"],
    );
}

#[test]
fn a_path_to_nothing_is_found() {
    assert_none(everything_is_there(&page(
        "run `scripts/run --port 0`, see `docs/adr/` and `crates/groups/<group>`",
    )));
    assert_one(
        &everything_is_there(&page("run `scripts/walk now`")),
        &["'scripts/walk'"],
    );
}

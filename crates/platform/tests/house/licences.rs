//! Every dependency is permissive, comes from crates.io, and none brings another TLS.

use crate::{
    load,
    model::{Resolved, Workspace, assert_none, assert_one},
};

const PERMISSIVE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates under MPL-2.0 (file by file copyleft) that we may link unchanged, each with the reason. None so far.
const MPL: [(&str, &str); 0] = [];

/// Crates that must not be in the graph, and what to use instead.
const UNWANTED: [(&str, &str); 8] = [
    ("actix-governor", "GPL-3: use `governor`"),
    ("hyper-tls", "OpenSSL by another name: use rustls with aws-lc-rs"),
    ("native-tls", "OpenSSL by another name: use rustls with aws-lc-rs"),
    ("openssl", "use rustls with aws-lc-rs"),
    ("openssl-src", "use rustls with aws-lc-rs"),
    ("openssl-sys", "use rustls with aws-lc-rs"),
    ("rsa", "has an open advisory: sign with HS256 or EdDSA"),
    (
        "tokio-native-tls",
        "OpenSSL by another name: use rustls with aws-lc-rs",
    ),
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Whether a licence expression (SPDX, or the old `MIT/Apache-2.0`) can be met by permissive licences alone.
fn is_permissive(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at);
    met && at == words.len()
}

fn any(words: &[&str], at: &mut usize) -> bool {
    let mut met = all(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at);
    }
    met
}

fn all(words: &[&str], at: &mut usize) -> bool {
    let mut met = single(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= single(words, at);
    }
    met
}

fn single(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return met && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return PERMISSIVE.contains(&format!("{word} WITH {exception}").as_str());
    }
    PERMISSIVE.contains(word)
}

fn licences_are_permissive(workspace: &Workspace) -> Vec<String> {
    workspace
        .resolved
        .iter()
        .filter(|package| {
            let by_name = package.licence.as_deref() == Some("MPL-2.0") && MPL.iter().any(|(name, _)| *name == package.name);
            !by_name && !package.licence.as_deref().is_some_and(is_permissive)
        })
        .map(|package| {
            format!(
                "{} {} is under '{}': replace it; MPL-2.0 may be listed by name with a reason in crates/platform/tests/house/licences.rs",
                package.name,
                package.version,
                package.licence.as_deref().unwrap_or("no licence")
            )
        })
        .collect()
}

fn sources_are_known(workspace: &Workspace) -> Vec<String> {
    workspace
        .resolved
        .iter()
        .filter_map(|package| {
            let source = package.source.as_deref().filter(|source| *source != CRATES_IO)?;
            Some(format!(
                "{} {} comes from {source}: take a release from crates.io, or a path in this repository",
                package.name, package.version
            ))
        })
        .collect()
}

fn nothing_unwanted(workspace: &Workspace) -> Vec<String> {
    workspace
        .resolved
        .iter()
        .filter_map(|package| {
            let (name, why) = UNWANTED.iter().find(|(name, _)| *name == package.name)?;
            Some(format!(
                "'{name}' is in the graph (see `cargo tree -i {name}`): {why}"
            ))
        })
        .collect()
}

#[test]
fn every_dependency_is_permissive() {
    let workspace = load::workspace();
    assert!(workspace.resolved.len() > 200, "cargo metadata shows the graph");
    assert_none(licences_are_permissive(workspace));
}

#[test]
fn every_dependency_comes_from_crates_io_or_a_path() {
    assert_none(sources_are_known(load::workspace()));
}

#[test]
fn no_unwanted_crate_is_in_the_graph() {
    assert_none(nothing_unwanted(load::workspace()));
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "MIT OR GPL-3.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        "ISC AND (Apache-2.0 OR ISC)",
    ] {
        assert!(is_permissive(good), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0-only",
        "MPL-2.0",
        "MIT AND GPL-3.0",
        "(MIT",
        "MIT MIT",
        "GPL-2.0 WITH LLVM-exception",
    ] {
        assert!(!is_permissive(bad), "{bad}");
    }
}

fn graph(name: &str, licence: Option<&str>, source: &str) -> Workspace {
    Workspace {
        resolved: vec![Resolved {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
            source: Some(source.to_owned()),
        }],
        ..Workspace::default()
    }
}

#[test]
fn copyleft_and_missing_licences_are_found() {
    assert_one(
        &licences_are_permissive(&graph("x", Some("AGPL-3.0"), CRATES_IO)),
        &["x 1.0.0", "AGPL-3.0"],
    );
    assert_one(
        &licences_are_permissive(&graph("x", Some("MPL-2.0"), CRATES_IO)),
        &["by name with a reason"],
    );
    assert_one(
        &licences_are_permissive(&graph("x", None, CRATES_IO)),
        &["no licence"],
    );
}

#[test]
fn a_git_dependency_is_found() {
    let source = "git+https://example.com/x";
    assert_one(
        &sources_are_known(&graph("x", Some("MIT"), source)),
        &["comes from git+https://example.com/x"],
    );
}

#[test]
fn openssl_is_found() {
    assert_one(
        &nothing_unwanted(&graph("openssl-sys", Some("MIT"), CRATES_IO)),
        &["cargo tree -i openssl-sys"],
    );
}

//! What the checks look at: packages and files, as plain data.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{collections::BTreeMap, str::FromStr};

/// A floor of the house. An arrow only ever points down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    Bin,
    Platform,
    Group,
    Contract,
    Bridge,
    Console,
    Kernel,
    /// What proves the platform from outside: nothing stands on it, and none of it is shipped.
    Proof,
}

impl Floor {
    /// The floor on which a folder of the repository lies.
    pub(crate) fn of(folder: &str) -> Option<Floor> {
        let mut parts = folder.split('/');
        match (parts.next()?, parts.next()?) {
            ("bins", _) => Some(Floor::Bin),
            ("crates", "platform") => Some(Floor::Platform),
            ("crates", "groups") => Some(Floor::Group),
            ("crates", "contracts") => Some(Floor::Contract),
            ("crates", "bridges") => Some(Floor::Bridge),
            ("crates", "console") => Some(Floor::Console),
            ("crates", "kernel") => Some(Floor::Kernel),
            ("crates", "proof") => Some(Floor::Proof),
            _ => None,
        }
    }
}

/// For what a dependency is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Normal,
    Dev,
    Build,
}

/// A line of a `[dependencies]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) need: Need,
}

/// A member of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// As in `crates/groups/auth`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// The text of its Cargo.toml.
    pub(crate) manifest: String,
}

impl Member {
    pub(crate) fn floor(&self) -> Option<Floor> {
        Floor::of(&self.folder)
    }
}

/// A package of the resolved graph, ours or not.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// None for a package that is read from a path.
    pub(crate) source: Option<String>,
}

/// A tracked text file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// From the top of the repository, as in `crates/groups/auth/src/service.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The words of a Rust file; none for others. A literal is one word, comments are none.
    pub(crate) fn words(&self) -> Result<Vec<Word>, String> {
        if !self.path.ends_with(".rs") {
            return Ok(Vec::new());
        }
        let stream = TokenStream::from_str(&self.text)
            .map_err(|error| format!("{}: cannot be read as Rust: {error}", self.path))?;
        let mut words = Vec::new();
        flatten(stream, &mut words);
        Ok(words)
    }

    /// Whether it is a test: those may be longer.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/")
    }

    /// The file's name without its ending, and those of the folders that it lies in.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.path
            .split('/')
            .map(|part| part.split_once('.').map_or(part, |(stem, _)| stem))
    }
}

/// An identifier, a sign, or a literal as it is written, which is never the same as an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
}

fn flatten(stream: TokenStream, words: &mut Vec<Word>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: &str| {
            words.push(Word {
                text: text.to_owned(),
                line,
            });
        };
        match tree {
            TokenTree::Ident(ident) => push(ident.to_string().trim_start_matches("r#")),
            TokenTree::Punct(sign) => push(&sign.as_char().to_string()),
            TokenTree::Literal(literal) => push(&literal.to_string()),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open);
                flatten(group.stream(), words);
                words.push(Word {
                    text: close.to_owned(),
                    line: group.span_close().start().line,
                });
            }
        }
    }
}

/// The workspace as the checks see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workspace {
    pub(crate) members: Vec<Member>,
    pub(crate) resolved: Vec<Resolved>,
    pub(crate) files: Vec<File>,
}

impl Workspace {
    /// Members by their package name.
    pub(crate) fn by_name(&self) -> BTreeMap<&str, &Member> {
        self.members
            .iter()
            .map(|member| (member.name.as_str(), member))
            .collect()
    }
}

/// Fails with everything that was found.
#[track_caller]
pub(crate) fn assert_none(found: Vec<String>) {
    assert!(
        found.is_empty(),
        "\n\nThe house does not stand as docs/ARCHITECTURE.md says:\n\n- {}\n",
        found.join("\n- ")
    );
}

/// Fails unless exactly one thing was found and it says all of `parts`.
#[track_caller]
pub(crate) fn assert_one(found: &[String], parts: &[&str]) {
    assert_eq!(found.len(), 1, "expected one finding: {found:#?}");
    for part in parts {
        assert!(found[0].contains(part), "'{}' does not say '{part}'", found[0]);
    }
}

/// A member of a broken model.
pub(crate) fn member(folder: &str, name: &str, dependencies: &[(&str, Need)]) -> Member {
    Member {
        name: name.to_owned(),
        folder: folder.to_owned(),
        dependencies: dependencies
            .iter()
            .map(|(name, need)| Dependency {
                name: (*name).to_owned(),
                need: *need,
            })
            .collect(),
        manifest: String::new(),
    }
}

/// A file of a broken model.
pub(crate) fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

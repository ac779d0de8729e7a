use super::problem::TopologyError;
use serde::Deserialize;
use std::{collections::BTreeMap, io, path::Path};
use toml::Spanned;

/// What an operator may say about the placement of groups, with the places where it is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct TopologyFile {
    /// Its name, for messages.
    pub(super) origin: String,
    text: String,
    pub(super) content: Content,
}

/// The file as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Content {
    pub(super) version: Option<u64>,
    pub(super) gateway: GatewayEntry,
    pub(super) groups: BTreeMap<Spanned<String>, GroupEntry>,
}

/// `[gateway]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GatewayEntry {
    pub(super) addresses: Vec<Spanned<String>>,
    pub(super) port: Option<Spanned<u16>>,
    pub(super) replicas: Option<Spanned<u16>>,
}

/// `[groups.<name>]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GroupEntry {
    pub(super) place: Option<PlaceWord>,
    pub(super) addresses: Vec<Spanned<String>>,
    pub(super) percent: Option<Spanned<u64>>,
    pub(super) port: Option<Spanned<u16>>,
    pub(super) replicas: Option<Spanned<u16>>,
    /// `[groups.<name>.modules]`: the addresses of modules that have processes of their own.
    pub(super) modules: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

/// `place = …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlaceWord {
    /// In the process on 8000.
    Local,
    /// In another process.
    Remote,
    /// In the process on 8000, and for a percentage of users in another.
    Split,
}

impl TopologyFile {
    /// The topology that holds when nobody says otherwise: every group in one process.
    pub(crate) fn built_in() -> Self {
        Self {
            origin: "the built-in topology".to_owned(),
            ..Self::default()
        }
    }

    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, TopologyError> {
        let text = std::fs::read_to_string(path).map_err(|error| TopologyError::Unreadable {
            file: path.display().to_string(),
            reason: match error.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
                _ => error.to_string(),
            },
        })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Takes a text apart; `origin` is its name in messages.
    pub(crate) fn parse(origin: &str, text: &str) -> Result<Self, TopologyError> {
        let content = toml::from_str(text).map_err(|error| TopologyError::Syntax {
            place: place(origin, text, error.span().map(|span| span.start)),
            reason: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
        })?;
        Ok(Self {
            origin: origin.to_owned(),
            text: text.to_owned(),
            content,
        })
    }

    /// File and line of something in it.
    pub(super) fn place_of<T>(&self, what: &Spanned<T>) -> String {
        place(&self.origin, &self.text, Some(what.span().start))
    }

    /// What is said about a group.
    pub(super) fn group(&self, name: &str) -> Option<(&Spanned<String>, &GroupEntry)> {
        let mut groups = self.content.groups.iter();
        groups.find(|(key, _)| key.get_ref() == name)
    }
}

fn place(origin: &str, text: &str, start: Option<usize>) -> String {
    match start.and_then(|start| text.get(..start)) {
        Some(before) => format!("{origin}:{}", before.matches('\n').count() + 1),
        None => origin.to_owned(),
    }
}

use serde::{Deserialize, Serialize};

/// A route module: the smallest part of a group that can be included or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ModuleInfo {
    /// The name, as in `email_verification`.
    pub name: &'static str,
    /// The path prefixes that it answers.
    pub prefixes: &'static [&'static str],
}

/// How strictly a kind of route is limited. The numbers are settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateClass {
    /// Reading.
    Read,
    /// Changing.
    Write,
    /// Proving who one is.
    Credential,
    /// Posting transactions: 10 a minute and address in source 004.
    Transaction,
}

/// What a group is. Where it runs is not said here: that is configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GroupInfo {
    /// The name, as in `finance`.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The port on which it listens when it is served alone.
    pub default_port: u16,
    /// The public path prefixes that it owns; the longest whole-segment match wins.
    pub prefixes: &'static [&'static str],
    /// Its route modules.
    pub modules: &'static [ModuleInfo],
    /// The groups that it needs. A DAG; gives order and gates first readiness.
    pub calls: &'static [&'static str],
    /// The groups that it asks when they are there.
    pub asks: &'static [&'static str],
    /// The groups whose feeds it consumes; `"*"` stands for every group's kernel events.
    pub hears: &'static [&'static str],
    /// The operations that are limited otherwise than by their method (`GET` reads, the rest writes), by operation id.
    pub rates: &'static [(&'static str, RateClass)],
    /// Its committed OpenAPI fragment: whoever knows what the group is can describe its routes without the group.
    #[serde(skip)]
    pub openapi: &'static str,
}

impl GroupInfo {
    /// The modules that are services of their own behind the gateway: each owns the prefix `/api/<module>`, and what
    /// stands below it is served as if the prefix were not there. Answers each prefix with its module.
    pub fn services(&self) -> impl Iterator<Item = (&'static str, &'static ModuleInfo)> {
        let prefix_of = |module: &ModuleInfo| {
            let mut prefixes = module.prefixes.iter().copied();
            prefixes.find(|prefix| prefix.strip_prefix("/api/") == Some(module.name))
        };
        self.modules
            .iter()
            .filter_map(move |module| Some((prefix_of(module)?, module)))
    }
}

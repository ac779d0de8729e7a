use serde::Serialize;
use utoipa::ToSchema;

/// A group as the registry lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RegisteredGroup {
    /// The name.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) summary: &'static str,
    /// The port on which it listens when it is served alone.
    pub(crate) port: u16,
    /// The public path prefixes that it owns.
    pub(crate) prefixes: Vec<&'static str>,
    /// The groups that it needs.
    pub(crate) depends_on: Vec<&'static str>,
    /// The groups that it asks when they are there.
    pub(crate) asks: Vec<&'static str>,
    /// The groups whose events it hears.
    pub(crate) hears: Vec<&'static str>,
    /// `local` when it answers in this process, `absent` when it does not.
    pub(crate) placement: PlacementName,
    /// Its route modules.
    pub(crate) modules: Vec<RegisteredModule>,
}

/// Where a group answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlacementName {
    /// In this process.
    Local,
    /// Nowhere that this process knows of.
    Absent,
}

/// A route module: the smallest part that can be included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RegisteredModule {
    /// The name.
    pub(crate) name: &'static str,
    /// The paths that it answers.
    pub(crate) prefixes: Vec<&'static str>,
}

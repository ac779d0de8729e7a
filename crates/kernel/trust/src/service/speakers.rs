use kernel::{GroupInfo, Principal};
use std::collections::BTreeSet;

/// The name under which a process without groups issues.
pub const GATEWAY: &str = "gateway";

/// What a process acts as when it acts for itself rather than for one of its groups: its watch over revocations, and a
/// program in which it is embedded.
const PROCESS: [&str; 2] = ["platform", "system"];

/// Which issuers there are, and for whom each may speak:
///
/// | issuer | users and nobody | system |
/// |---|---|---|
/// | a group with public routes | yes | itself, and the process (`platform`, `system`) |
/// | a group without | no | the same |
/// | `gateway` | no: it forwards users with their own token | the same |
///
/// No issuer may act as another group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Speakers {
    known: BTreeSet<String>,
    for_users: BTreeSet<String>,
}

impl Speakers {
    /// The table for these groups, and the gateway.
    pub fn of_groups<'a>(groups: impl IntoIterator<Item = &'a GroupInfo>) -> Self {
        let mut speakers = Self::default();
        speakers.known.insert(GATEWAY.to_owned());
        for group in groups {
            speakers.known.insert(group.name.to_owned());
            if !group.prefixes.is_empty() {
                speakers.for_users.insert(group.name.to_owned());
            }
        }
        speakers
    }

    /// Whether this issuer may speak for this principal.
    pub fn permit(&self, issuer: &str, principal: &Principal) -> bool {
        match principal {
            Principal::Anonymous | Principal::User(_) => self.for_users.contains(issuer),
            Principal::System { group, .. } => {
                self.known.contains(issuer) && (group == issuer || PROCESS.contains(&group.as_str()))
            }
        }
    }
}

/// Who a process is to the others: the groups that it runs, or the gateway when it runs none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceIdentity {
    names: Vec<String>,
}

impl ServiceIdentity {
    /// A process that runs these groups.
    pub fn of_groups<'a>(groups: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names: Vec<String> = groups.into_iter().map(str::to_owned).collect();
        if names.is_empty() {
            names.push(GATEWAY.to_owned());
        }
        Self { names }
    }

    /// The names under which it may issue.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name under which it issues for a principal: the group itself for its own work, else the first that may.
    pub(crate) fn issuer_for(&self, principal: &Principal, speakers: &Speakers) -> Option<&str> {
        let own = self
            .names
            .iter()
            .filter(|name| matches!(principal, Principal::System { group, .. } if group == *name));
        own.chain(&self.names)
            .find(|name| speakers.permit(name, principal))
            .map(String::as_str)
    }
}

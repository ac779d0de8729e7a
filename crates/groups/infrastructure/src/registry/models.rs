use super::instance::AnnouncedInstance;
use infrastructure_contract::{Announcement, InstanceId};
use kernel::Text;
use serde::{Deserialize, Serialize};
use store::Stored;
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
    /// Its route modules.
    pub(crate) modules: Vec<RegisteredModule>,
}

/// A process that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RegisterInstance)]
pub(crate) struct RegistrationRequest {
    /// The groups that it answers for.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) groups: Vec<Text<1, 40>>,
    /// Where it is reached: `http://host:port`.
    pub(crate) address: Text<1, 300>,
    /// The version of the program.
    pub(crate) version: Option<Text<1, 40>>,
}

/// What a registered process says of itself when it goes on living; what is left out stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = InstanceHeartbeat)]
pub(crate) struct AnnounceRequest {
    /// The groups that it answers for.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) groups: Option<Vec<Text<1, 40>>>,
    /// Where it is reached: `http://host:port`.
    pub(crate) address: Option<Text<1, 300>>,
    /// The version of the program.
    pub(crate) version: Option<Text<1, 40>>,
}

impl RegistrationRequest {
    /// What the process would have announced.
    pub(crate) fn announcement(&self, instance: InstanceId) -> Announcement {
        Announcement {
            instance,
            groups: texts(&self.groups),
            address: self.address.to_string(),
            version: self.version.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl AnnounceRequest {
    /// What the process would have announced.
    pub(crate) fn announcement(&self, known: &Stored<AnnouncedInstance>) -> Announcement {
        let or = |text: Option<String>, known: &str| text.unwrap_or_else(|| known.to_owned());
        Announcement {
            instance: InstanceId(known.id),
            groups: self.groups.as_deref().map_or_else(|| known.groups.clone(), texts),
            address: or(self.address.as_ref().map(ToString::to_string), &known.address),
            version: or(
                self.version.as_ref().map(ToString::to_string),
                &known.data.version,
            ),
        }
    }
}

fn texts(texts: &[Text<1, 40>]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// A route module: the smallest part that can be included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RegisteredModule {
    /// The name.
    pub(crate) name: &'static str,
    /// The paths that it answers.
    pub(crate) prefixes: Vec<&'static str>,
}

use super::Problems;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Where groups run, as far as settings say it: the rest stands in the topology file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TopologySettings {
    /// The topology file; unset is the topology that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Where other processes reach this one, as in `http://10.0.0.7:8011`; unset is made of host and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertise: Option<String>,
    /// The addresses of groups that run in other processes: `<GROUP>_SERVICE_URL` and `--remote`.
    pub remotes: BTreeMap<String, Vec<String>>,
}

impl TopologySettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        let named = self.file.as_ref().is_none_or(|file| !file.as_os_str().is_empty());
        problems.require(named, "topology.file", "must name a file");
        if let Some(address) = &self.advertise {
            let fine = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            problems.require(
                fine,
                "topology.advertise",
                "must be an address such as http://10.0.0.7:8011",
            );
        }
    }
}

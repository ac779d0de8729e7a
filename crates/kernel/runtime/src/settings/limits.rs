use super::Problems;
use kernel::RateClass;
use serde::{Deserialize, Serialize};

/// How many requests a minute are accepted, per class of route: reading and changing per user (per address while
/// nobody has logged in), credentials and transactions per address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// The off switch.
    pub enabled: bool,
    /// Reading.
    pub read_per_minute: u32,
    /// Changing.
    pub write_per_minute: u32,
    /// Proving who one is: log-in, registration, refresh.
    pub credential_per_minute: u32,
    /// Posting transactions.
    pub transaction_per_minute: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            read_per_minute: 6000,
            write_per_minute: 1200,
            credential_per_minute: 60,
            transaction_per_minute: 10,
        }
    }
}

impl LimitSettings {
    /// The number for a class.
    pub fn per_minute(&self, class: RateClass) -> u32 {
        match class {
            RateClass::Read => self.read_per_minute,
            RateClass::Write => self.write_per_minute,
            RateClass::Credential => self.credential_per_minute,
            RateClass::Transaction => self.transaction_per_minute,
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        let numbers = [
            ("limits.read_per_minute", self.read_per_minute),
            ("limits.write_per_minute", self.write_per_minute),
            ("limits.credential_per_minute", self.credential_per_minute),
            ("limits.transaction_per_minute", self.transaction_per_minute),
        ];
        for (place, number) in numbers {
            problems.require(
                number > 0,
                place,
                "must be at least 1; limits.enabled = false turns limits off",
            );
        }
    }
}

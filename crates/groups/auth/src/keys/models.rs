use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use trust::{LEEWAY, MAX_LIFE};

/// How long a new key is shown before it signs: every process has read it by then.
pub(super) const OVERLAP: TimeDelta = TimeDelta::seconds(30);

/// A pair of keys as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SigningKey {
    /// The name in the header of tokens.
    pub(crate) kid: String,
    /// Base64, as OpenSSL writes it.
    pub(crate) public: String,
    /// PKCS#8 in base64.
    pub(crate) private: String,
    /// From when on it signs, until the next one does.
    pub(crate) signs_from: DateTime<Utc>,
}

impl Document for SigningKey {
    fn collection() -> &'static Collection {
        static KEYS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("signing_keys", Scoping::Tenant)
                .field("signs_from", FieldKind::Time)
                .serves(&[], &["signs_from"])
                .encrypted("private")
        });
        &KEYS
    }
}

/// What a key is good for at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It verifies, and will sign soon.
    Next,
    /// It signs.
    Signs,
    /// It signs no more; tokens that it signed are still good.
    Verifies,
    /// No token that it signed can be good any more.
    Over,
}

impl KeyState {
    /// The state of a key whose successor signs from `next` on.
    pub(super) fn at(now: DateTime<Utc>, signs_from: DateTime<Utc>, next: Option<DateTime<Utc>>) -> Self {
        match next {
            _ if now < signs_from => Self::Next,
            Some(next) if now >= next + MAX_LIFE + LEEWAY * 2 => Self::Over,
            Some(next) if now >= next => Self::Verifies,
            _ => Self::Signs,
        }
    }
}

/// A key as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeySummary {
    /// The name in the header of tokens.
    pub kid: String,
    /// What it is good for.
    pub state: KeyState,
    /// From when on it signs, UTC.
    pub signs_from: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_until_the_next_one_does_and_verifies_as_long_as_its_tokens_live() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
        let state = |now: i64| KeyState::at(at(now), at(100), Some(at(200)));
        assert_eq!(state(99), KeyState::Next);
        assert_eq!(state(100), KeyState::Signs);
        assert_eq!(state(199), KeyState::Signs);
        assert_eq!(state(200), KeyState::Verifies);
        assert_eq!(state(509), KeyState::Verifies);
        assert_eq!(state(510), KeyState::Over);
        assert_eq!(KeyState::at(at(9000), at(100), None), KeyState::Signs);
    }
}

//! Codes for when the phone is lost: ten, each good once. Shown when they are made, and kept as hashes only.

use super::base32;
use crate::opaque_token::Fingerprint;
use kernel::Sources;

const COUNT: usize = 10;

/// Fresh codes as a person reads them: 80 random bits as `ABCD-EFGH-IJKL-MNOP`.
pub(super) fn generate(sources: &Sources) -> Vec<String> {
    let code = || {
        let text = base32::encode(&sources.random::<10>());
        let parts: Vec<&str> = (0..4)
            .filter_map(|part| text.get(part * 4..part * 4 + 4))
            .collect();
        parts.join("-")
    };
    (0..COUNT).map(|_| code()).collect()
}

/// The form in which a code is kept. Case, spaces and hyphens do not matter.
pub(super) fn hash(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    Fingerprint::of(&format!("recovery code {plain}")).hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_as_people_type_them() {
        let codes = generate(&Sources::system());
        assert_eq!(codes.len(), COUNT);
        let hashes: std::collections::HashSet<_> = codes.iter().map(|code| hash(code)).collect();
        assert_eq!(hashes.len(), COUNT);
        let typed = codes[0].to_lowercase().replace('-', " ");
        assert_eq!(hash(&typed), hash(&codes[0]));
        assert_eq!(codes[0].len(), 19);
    }
}

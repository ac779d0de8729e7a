use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};

/// An authenticator app: knows the address that it was given, and the time that it is told.
pub struct Authenticator(hmac::Key);

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator")
    }
}

impl Authenticator {
    /// As from a QR code.
    pub fn scan(uri: &str) -> Self {
        let (_, rest) = uri.split_once("secret=").unwrap();
        let text = rest.split('&').next().unwrap();
        let bits: String = text
            .chars()
            .map(|letter| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap()))
            .collect();
        let secret: Vec<u8> = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect();
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret))
    }

    /// What it shows at this moment (RFC 6238: SHA-1, half a minute, six digits).
    pub fn code(&self, now: DateTime<Utc>) -> String {
        let tag = hmac::sign(&self.0, &(now.timestamp() / 30).to_be_bytes());
        let offset = usize::from(tag.as_ref()[19] & 15);
        let mut four = [0; 4];
        four.copy_from_slice(&tag.as_ref()[offset..offset + 4]);
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }
}

//! Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, 30 seconds and 6 digits, which is what every app knows.

use super::base32;
use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use chrono::{DateTime, Utc};

/// Seconds that one code is shown.
const PERIOD: i64 = 30;
/// How many steps a phone's clock may be off, either way.
const DRIFT: i64 = 1;
/// The bytes of a secret: as many as the hash has.
pub(super) const SECRET_BYTES: usize = 20;

/// The step of this moment.
fn step_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(PERIOD)
}

/// The code of a step (RFC 4226, section 5.3).
fn code_of(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes[bytes.len() - 1] & 0x0f);
    let number = bytes[offset..offset + 4]
        .iter()
        .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The step whose code this is, if it is one that counts now and is later than the last one that was used.
pub(super) fn matching_step(secret: &[u8], code: &str, now: DateTime<Utc>, last: i64) -> Option<i64> {
    let current = step_of(now);
    let mut found = None;
    // Every step is computed, whichever matches.
    for step in current - DRIFT..=current + DRIFT {
        let equal = verify_slices_are_equal(code_of(secret, step).as_bytes(), code.as_bytes()).is_ok();
        if equal && step > last && found.is_none() {
            found = Some(step);
        }
    }
    found
}

/// What an authenticator app is given, as a QR code or by a link.
pub(super) fn uri(secret: &[u8], issuer: &str, account: &str) -> String {
    let encoded = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let (issuer, account) = (
        encoded(issuer).replace('+', "%20"),
        encoded(account).replace('+', "%20"),
    );
    let secret = base32::encode(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_vectors_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(RFC_SECRET, step_of(at(seconds))), code);
            assert!(matching_step(RFC_SECRET, code, at(seconds), 0).is_some());
        }
    }

    #[test]
    fn a_clock_may_be_off_by_half_a_minute_and_a_step_counts_once() {
        let code = code_of(RFC_SECRET, 100);
        for seconds in [99 * 30, 100 * 30, 101 * 30 + 29] {
            assert_eq!(matching_step(RFC_SECRET, &code, at(seconds), 0), Some(100));
        }
        for seconds in [98 * 30 + 29, 102 * 30] {
            assert_eq!(matching_step(RFC_SECRET, &code, at(seconds), 0), None);
        }
        assert_eq!(matching_step(RFC_SECRET, &code, at(3000), 100), None);
        assert_eq!(matching_step(RFC_SECRET, &code, at(3000), 99), Some(100));
    }

    #[test]
    fn the_address_for_an_app_holds_everything_it_needs() {
        assert_eq!(
            uri(RFC_SECRET, "Wealth & Co", "a b@example.com"),
            "otpauth://totp/Wealth%20%26%20Co:a%20b%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Wealth%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}

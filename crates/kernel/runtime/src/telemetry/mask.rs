//! What must never stand in a log line: tokens, e-mail addresses, tax numbers (PAN), passwords.

use std::{borrow::Cow, io};

const HIDDEN: &str = "[hidden]";

/// Whether a field of this name holds a secret or a personal text whatever its value looks like.
pub(super) fn is_sensitive(name: &str) -> bool {
    const ENDINGS: [&str; 9] = [
        "token",
        "secret",
        "password",
        "email",
        "authorization",
        "api_key",
        "cookie",
        "private_key",
        "pan",
    ];
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The text with tokens, e-mail addresses and tax numbers hidden; the same text when there are none.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !is_suspicious(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut after_bearer = false;
    for word in
        text.split_inclusive(|letter: char| letter.is_whitespace() || "\"'<>(),;=[]{}".contains(letter))
    {
        let bare =
            word.trim_end_matches(|letter: char| letter.is_whitespace() || "\"'<>(),;=[]{}".contains(letter));
        let hide = !bare.is_empty() && (after_bearer || is_private(bare));
        clean.push_str(if hide { HIDDEN } else { bare });
        clean.push_str(&word[bare.len()..]);
        after_bearer = bare.eq_ignore_ascii_case("bearer") || (after_bearer && bare.is_empty());
    }
    Cow::Owned(clean)
}

/// One pass over the bytes: nearly every line is clean and costs no more than this.
fn is_suspicious(bytes: &[u8]) -> bool {
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'@' => return true,
            b'e' if bytes[at..].starts_with(b"eyJ") => return true,
            b'B' | b'b' if bytes[at..].len() > 7 && bytes[at..at + 7].eq_ignore_ascii_case(b"bearer ") => {
                return true;
            }
            _ => {}
        }
        run = if byte.is_ascii_uppercase() || byte.is_ascii_digit() {
            run + 1
        } else {
            0
        };
        if run == 10 && is_tax_number(&bytes[at - 9..=at]) {
            return true;
        }
    }
    false
}

fn is_private(word: &str) -> bool {
    if word.contains('@') || word.contains("eyJ") {
        return true;
    }
    word.as_bytes().windows(10).any(is_tax_number)
}

/// A PAN: five letters, four digits, a letter.
fn is_tax_number(bytes: &[u8]) -> bool {
    bytes.len() == 10
        && bytes[..5].iter().all(u8::is_ascii_uppercase)
        && bytes[5..9].iter().all(u8::is_ascii_digit)
        && bytes[9].is_ascii_uppercase()
}

/// Hides what must not be seen in whatever is written line by line.
pub(super) struct MaskedWriter<W>(W);

impl<W> MaskedWriter<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: io::Write> io::Write for MaskedWriter<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(masked(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn tokens_addresses_and_tax_numbers_are_hidden() {
        let line =
            masked("user rajesh@example.com sent Bearer abc.def and eyJhbGciOi.x.y, pan=ABCDE1234F ok");
        assert_eq!(
            line,
            "user [hidden] sent Bearer [hidden] and [hidden], pan=[hidden] ok"
        );
    }

    #[test]
    fn an_ordinary_line_is_left_alone() {
        let line = "GET /api/v1/clients/{id} 200 0190f7c2-0000-7000-8000-000000000001";
        assert!(matches!(masked(line), std::borrow::Cow::Borrowed(_)));
    }
}

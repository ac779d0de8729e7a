/// The largest file.
pub(crate) const MOST_BYTES: usize = 10 * 1024 * 1024;

/// What may be attached: content type, and how its files begin.
const KINDS: [(&str, &[&[u8]]); 6] = [
    ("application/pdf", &[b"%PDF-"]),
    ("image/png", &[b"\x89PNG\r\n\x1a\n"]),
    ("image/jpeg", &[b"\xff\xd8\xff"]),
    ("image/webp", &[b"RIFF"]),
    ("text/plain", &[]),
    ("text/csv", &[]),
];

/// The known name of a content type; nothing for what may not be attached.
pub(crate) fn known(media_type: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .map(|(name, _)| *name)
        .find(|name| name.eq_ignore_ascii_case(media_type))
}

/// The content types, for people.
pub(crate) fn names() -> String {
    KINDS.map(|(name, _)| name).join(", ")
}

/// Whether a file begins as files of its content type do: nothing that a browser would take for something else is kept.
pub(crate) fn begins_right(media_type: &str, head: &[u8]) -> bool {
    let known = KINDS.iter().find(|(name, _)| *name == media_type);
    known.is_some_and(|(_, beginnings)| match beginnings.is_empty() {
        true => !head.contains(&0),
        false => beginnings.iter().any(|beginning| head.starts_with(beginning)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_says_it_is() {
        assert!(begins_right("application/pdf", b"%PDF-1.7"));
        assert!(begins_right("text/plain", "Café".as_bytes()));
        assert!(!begins_right("image/png", b"<html>"));
        assert!(!begins_right("text/plain", b"MZ\0"));
        assert!(!begins_right("text/html", b"<html>"));
        assert_eq!(known("Image/PNG"), Some("image/png"));
        assert_eq!(known("text/html"), None);
    }
}

use super::file_error;
use crate::error::Error;
use encoding_rs::{Decoder, DecoderResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a file writes letters. A byte order mark in the file says more than what is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Encoding {
    /// UTF-8, which is what is expected when nothing is declared.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, little end first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big end first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// What Windows writes in western Europe; ISO 8859-1 is read as it.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// By the names that files and headers use.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "usascii" | "ascii" => Some(Self::Utf8),
            "utf-16" | "utf-16le" | "unicode" => Some(Self::Utf16Le),
            "utf-16be" => Some(Self::Utf16Be),
            "windows-1252" | "cp1252" | "1252" | "iso-8859-1" | "8859-1" | "latin1" => {
                Some(Self::Windows1252)
            }
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
        .new_decoder()
    }
}

/// Turns the bytes of a file into text, piece by piece.
pub(crate) struct TextDecoder {
    encoding: Encoding,
    decoder: Decoder,
    line: usize,
}

impl TextDecoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            decoder: encoding.decoder(),
            line: 1,
        }
    }

    /// Appends the text of a piece. Bytes that mean nothing, and NUL, are an error that names the line.
    pub(crate) fn push(&mut self, bytes: &[u8], last: bool, text: &mut String) -> Result<(), Error> {
        let before = text.len();
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(bytes.len());
        text.reserve(room.unwrap_or(bytes.len() * 3).saturating_add(4));
        let (result, _) = self
            .decoder
            .decode_to_string_without_replacement(bytes, text, last);
        let new = text.get(before..).unwrap_or_default();
        if let Some(at) = new.find('\u{0}') {
            let line = self.line + lines(new.get(..at).unwrap_or_default());
            return Err(file_error(format!(
                "contains a NUL character in line {line}: it is not a text file, or it is UTF-16: declare \
                 encoding=utf-16le"
            )));
        }
        self.line += lines(new);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(file_error(format!(
                "is not {} in line {}: save it as UTF-8, or declare its encoding, as in encoding=windows-1252",
                self.encoding.name(),
                self.line
            ))),
        }
    }
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(encoding: Encoding, bytes: &[u8]) -> Result<String, Error> {
        // One byte at a time: what a piece of a letter is must not matter.
        let (mut decoder, mut text) = (TextDecoder::new(encoding), String::new());
        for byte in bytes {
            decoder.push(&[*byte], false, &mut text)?;
        }
        decoder.push(&[], true, &mut text)?;
        Ok(text)
    }

    #[test]
    fn text_is_read_as_declared_and_a_mark_says_more() {
        assert_eq!(read(Encoding::Utf8, "Café".as_bytes()).unwrap(), "Café");
        assert_eq!(read(Encoding::Utf8, b"\xef\xbb\xbfCaf\xc3\xa9").unwrap(), "Café");
        assert_eq!(read(Encoding::Windows1252, b"Caf\xe9 \x80").unwrap(), "Café €");
        assert_eq!(read(Encoding::Utf8, b"\xff\xfeC\0\xe9\0").unwrap(), "Cé");
        assert_eq!(read(Encoding::Utf8, b"\xfe\xff\0C\0\xe9").unwrap(), "Cé");
        assert_eq!(read(Encoding::Utf16Le, b"C\0\xe9\0").unwrap(), "Cé");
        assert_eq!(read(Encoding::Utf16Be, b"\0C\0\xe9").unwrap(), "Cé");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for (encoding, bytes) in [
            (Encoding::Utf8, b"a\nCaf\xe9 1".as_slice()),
            (Encoding::Utf8, b"a\nb\0"),
            (Encoding::Utf8, b"a\n\xc3"),
            (Encoding::Utf16Le, b"a\0\n\0b"),
            (Encoding::Utf16Le, b"a\0\n\0\0\xd8a\0"),
        ] {
            let error = kernel::Fault::details(&read(encoding, bytes).unwrap_err());
            assert!(error[0].message.contains("line 2"), "{error:?}");
        }
    }
}

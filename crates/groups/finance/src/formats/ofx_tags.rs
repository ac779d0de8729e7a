use super::{LONGEST, file_error};
use crate::error::Error;

/// A piece of an OFX file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// `<NAME>`, in upper case.
    Open(String),
    /// `</NAME>`, in upper case.
    Close(String),
    /// What stands between two tags, entities replaced.
    Text(String),
}

/// Takes an OFX file apart, SGML or XML, holding one tag or text.
#[derive(Default)]
pub(crate) struct Tags {
    waiting: String,
}

impl Tags {
    /// The pieces that are whole now.
    pub(crate) fn push(&mut self, text: &str, pieces: &mut Vec<Piece>) -> Result<(), Error> {
        self.waiting.push_str(text);
        let mut at = 0;
        loop {
            let rest = self.waiting.get(at..).unwrap_or_default();
            let Some(open) = rest.find('<') else { break };
            let tag = rest.get(open..).unwrap_or_default();
            let Some((piece, length)) = whole_tag(tag)? else {
                break;
            };
            if open > 0 {
                pieces.push(Piece::Text(plain(rest.get(..open).unwrap_or_default())));
            }
            pieces.extend(piece);
            at += open + length;
        }
        self.waiting.drain(..at);
        match self.waiting.len() > LONGEST {
            true => Err(file_error(
                "has a tag or a text of more than 64 KiB: it is not an OFX file",
            )),
            false => Ok(()),
        }
    }

    /// The file is over: nothing may be left but space.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        match self.waiting.trim().is_empty() {
            true => Ok(()),
            false => Err(file_error("ends inside a tag or a text: it is not whole")),
        }
    }
}

/// The tag at the beginning and its length; nothing while it is not whole. Comments and instructions are no piece.
fn whole_tag(text: &str) -> Result<Option<(Option<Piece>, usize)>, Error> {
    const DATA: &str = "<![CDATA[";
    for (opening, closing) in [("<!--", "-->"), (DATA, "]]>"), ("<?", "?>")] {
        let Some(rest) = text.strip_prefix(opening) else {
            if opening.starts_with(text) {
                return Ok(None);
            }
            continue;
        };
        let Some(end) = rest.find(closing) else {
            return Ok(None);
        };
        let piece = rest.get(..end).filter(|_| opening == DATA);
        let length = opening.len() + end + closing.len();
        return Ok(Some((piece.map(|text| Piece::Text(text.to_owned())), length)));
    }
    if text.starts_with("<!") {
        return Err(file_error(
            "declares a document type, which OFX does not need: send it without",
        ));
    }
    let Some(end) = text.find('>') else {
        return Ok(None);
    };
    let inner = text.get(1..end).unwrap_or_default();
    let (name, closes) = match inner.strip_prefix('/') {
        Some(name) => (name, true),
        None => (inner, false),
    };
    let name = name
        .split(|letter: char| letter.is_whitespace() || letter == '/')
        .next()
        .unwrap_or_default();
    let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | ':');
    if name.is_empty() || name.len() > 64 || !name.chars().all(known) {
        return Err(file_error("has a '<' that begins no tag: write &lt; for it"));
    }
    let name = name.to_ascii_uppercase();
    // An element without content, as in `<MEMO/>`, says nothing.
    let empty = !closes && inner.ends_with('/');
    let piece = match (closes, empty) {
        (_, true) => None,
        (true, _) => Some(Piece::Close(name)),
        (false, _) => Some(Piece::Open(name)),
    };
    Ok(Some((piece, end + 1)))
}

/// A text with its entities replaced. What is none stays as it is: banks write `AT&T`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, left)| Some((letter(name)?, left))) {
            Some((letter, left)) => {
                plain.push(letter);
                rest = left;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn letter(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| !letter.is_control())
        }
    }
}

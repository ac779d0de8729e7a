use super::{
    ColumnMapping, DateFormat, DecimalMark, Encoding, csv::CsvReader, encoding::TextDecoder, ofx::OfxReader,
    qif::QifReader, row::Parsed,
};
use crate::error::Error;
use kernel::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much of an OFX file is looked at for its encoding.
const HEAD: usize = 512;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Cells in lines.
    Csv,
    /// Open Financial Exchange, 1 or 2.
    Ofx,
    /// Quicken Interchange Format.
    Qif,
}

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) format: Format,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) date_format: Option<DateFormat>,
    pub(crate) mapping: Option<ColumnMapping>,
    /// The account's currency, which the file must not contradict.
    pub(crate) currency: Currency,
}

/// Reads a statement piece by piece.
pub(crate) struct StatementReader {
    head: Option<Vec<u8>>,
    text: TextDecoder,
    piece: String,
    rows: Rows,
}

enum Rows {
    Csv(Box<CsvReader>),
    Ofx(Box<OfxReader>),
    Qif(Box<QifReader>),
}

impl StatementReader {
    pub(crate) fn new(reading: &Reading) -> Self {
        let of_mapping = reading.mapping.as_ref().and_then(|mapping| mapping.encoding);
        let declared = reading.encoding.or(of_mapping);
        let mark = reading
            .mapping
            .as_ref()
            .map_or(DecimalMark::Point, |mapping| mapping.decimal_mark);
        let of_mapping = reading.mapping.as_ref().map(|mapping| mapping.date_format);
        let rows = match reading.format {
            Format::Csv => {
                let mut mapping = reading.mapping.clone();
                if let (Some(mapping), Some(format)) = (&mut mapping, reading.date_format) {
                    mapping.date_format = format;
                }
                Rows::Csv(Box::new(CsvReader::new(mapping, reading.currency)))
            }
            Format::Ofx => Rows::Ofx(Box::new(OfxReader::new(reading.currency))),
            Format::Qif => {
                let format = reading.date_format.or(of_mapping);
                Rows::Qif(Box::new(QifReader::new(format, mark)))
            }
        };
        let looks = declared.is_none() && reading.format == Format::Ofx;
        Self {
            head: looks.then(Vec::new),
            text: TextDecoder::new(declared.unwrap_or(Encoding::Utf8)),
            piece: String::new(),
            rows,
        }
    }

    /// Reads the next piece of the file; appends the rows that are whole now.
    pub(crate) fn push(&mut self, bytes: &[u8], rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let Some(mut head) = self.head.take() else {
            return self.read(bytes, false, rows);
        };
        head.extend_from_slice(bytes);
        if head.len() < HEAD {
            self.head = Some(head);
            return Ok(());
        }
        self.text = TextDecoder::new(encoding_of(&head));
        self.read(&head, false, rows)
    }

    /// The file is over.
    pub(crate) fn finish(&mut self, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        if let Some(head) = self.head.take() {
            self.text = TextDecoder::new(encoding_of(&head));
            self.read(&head, false, rows)?;
        }
        self.read(&[], true, rows)?;
        match &mut self.rows {
            Rows::Csv(reader) => reader.finish(rows),
            Rows::Ofx(reader) => reader.finish(rows),
            Rows::Qif(reader) => reader.finish(rows),
        }
    }

    fn read(&mut self, bytes: &[u8], last: bool, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        self.piece.clear();
        self.text.push(bytes, last, &mut self.piece)?;
        match &mut self.rows {
            Rows::Csv(reader) => reader.push(&self.piece, rows),
            Rows::Ofx(reader) => reader.push(&self.piece, rows),
            Rows::Qif(reader) => reader.push(&self.piece, rows),
        }
    }
}

/// What an OFX file says of itself: `CHARSET:1252` in version 1, `encoding="…"` in version 2.
fn encoding_of(head: &[u8]) -> Encoding {
    let head = head.get(..HEAD.min(head.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_uppercase();
    let value = |name: &str| {
        let after = head.split_once(name)?.1;
        let value = after.trim_start_matches(['"', '\'']);
        let end = value.find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '?'));
        Encoding::named(value.get(..end.unwrap_or(value.len()))?)
    };
    // In version 1 `ENCODING:USASCII` stands beside the character set that says what is meant.
    value("CHARSET:")
        .or_else(|| value("ENCODING:"))
        .or_else(|| value("ENCODING="))
        .unwrap_or(Encoding::Utf8)
}

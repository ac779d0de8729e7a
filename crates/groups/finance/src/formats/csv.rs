use super::{
    ColumnMapping, LONGEST, Quotes,
    columns::Columns,
    file_error,
    row::{Complaint, Parsed},
};
use crate::error::Error;
use csv_core::ReadRecordResult;
use kernel::Currency;

/// How many cells a row may have.
const MOST_CELLS: usize = 1_000;

/// Reads CSV piece by piece, holding one row.
pub(crate) struct CsvReader {
    core: csv_core::Reader,
    quotes: Quotes,
    mapping: Option<ColumnMapping>,
    currency: Currency,
    skip: u8,
    columns: Option<Columns>,
    cells: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    ended: usize,
    /// The row at hand does not fit and is thrown away.
    too_long: bool,
    number: u32,
    seen_text: bool,
    over: bool,
}

impl CsvReader {
    pub(crate) fn new(mapping: Option<ColumnMapping>, currency: Currency) -> Self {
        let delimiter = mapping.as_ref().map_or(b',', |mapping| mapping.delimiter.byte());
        Self {
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            quotes: Quotes::new(delimiter),
            skip: mapping.as_ref().map_or(0, |mapping| mapping.skip_lines),
            mapping,
            currency,
            columns: None,
            cells: vec![0; 1024],
            filled: 0,
            ends: vec![0; 32],
            ended: 0,
            too_long: false,
            number: 0,
            seen_text: false,
            over: false,
        }
    }

    pub(crate) fn push(&mut self, text: &str, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let mut text = text;
        while self.skip > 0 {
            match text.split_once('\n') {
                Some((_, rest)) => (self.skip, text) = (self.skip - 1, rest),
                None => return Ok(()),
            }
        }
        self.seen_text |= !text.trim().is_empty();
        self.quotes.push(text)?;
        let mut input = text.as_bytes();
        // An empty input would mean the end of the file.
        while !input.is_empty() {
            let read = self.step(input, rows)?;
            input = input.get(read..).unwrap_or_default();
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        self.quotes.finish()?;
        if !self.seen_text {
            return Err(file_error(
                "is empty: the first line names the columns Date, Description, Amount",
            ));
        }
        while !self.over {
            self.step(&[], rows)?;
        }
        match (&self.columns, &self.mapping) {
            (None, mapping) if mapping.as_ref().is_none_or(|mapping| mapping.has_header) => {
                Err(file_error("has no header: the first line must name the columns"))
            }
            _ => Ok(()),
        }
    }

    /// Feeds input until it is used up or a row ends; answers how much was used.
    fn step(&mut self, input: &[u8], rows: &mut Vec<Parsed>) -> Result<usize, Error> {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            if used > 0 && rest.is_empty() {
                return Ok(used);
            }
            let room = self.cells.get_mut(self.filled..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ended..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(rest, room, ends);
            used += read;
            self.filled += written;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty => {
                    self.over = input.is_empty();
                    return Ok(used);
                }
                ReadRecordResult::OutputFull if self.cells.len() < LONGEST => {
                    self.cells.resize(self.cells.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MOST_CELLS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (self.too_long, self.filled, self.ended) = (true, 0, 0);
                }
                ReadRecordResult::Record => {
                    self.row(rows)?;
                    (self.too_long, self.filled, self.ended) = (false, 0, 0);
                    return Ok(used);
                }
                ReadRecordResult::End => {
                    self.over = true;
                    return Ok(used);
                }
            }
        }
    }

    fn row(&mut self, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let wrong = || file_error("cannot be read as CSV");
        let mut cells = Vec::with_capacity(self.ended);
        let mut start = 0;
        if !self.too_long {
            for end in self.ends.get(..self.ended).unwrap_or_default() {
                let cell = self.cells.get(start..*end).ok_or_else(wrong)?;
                cells.push(std::str::from_utf8(cell).map_err(|_| wrong())?);
                start = *end;
            }
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                return Ok(());
            }
        }
        let Some(columns) = &self.columns else {
            if self.too_long {
                return Err(file_error("has a first line of more than 64 KiB"));
            }
            let (columns, is_row) = match &self.mapping {
                None => (Columns::usual(&cells)?, false),
                Some(mapping) if mapping.has_header => (Columns::mapped(mapping, Some(&cells))?, false),
                Some(mapping) => (Columns::mapped(mapping, None)?, true),
            };
            if is_row {
                self.number += 1;
                let row = columns.read(&cells, self.currency);
                rows.push(Parsed {
                    number: self.number,
                    row,
                });
            }
            self.columns = Some(columns);
            return Ok(());
        };
        self.number += 1;
        let row = match self.too_long {
            true => Err(vec![Complaint::of_row(
                "is longer than 64 KiB or has more than 1,000 cells",
            )]),
            false => columns.read(&cells, self.currency),
        };
        rows.push(Parsed {
            number: self.number,
            row,
        });
        Ok(())
    }
}

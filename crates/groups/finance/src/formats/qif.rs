use super::{
    DateFormat, DecimalMark, LONGEST, amount_with, dates, file_error,
    row::{self, Complaint, Parsed, Row, description, reference},
};
use crate::error::Error;
use chrono::NaiveDate;

/// Reads the transactions of a QIF file line by line.
pub(crate) struct QifReader {
    waiting: String,
    date_format: Option<DateFormat>,
    mark: DecimalMark,
    section: Section,
    record: Record,
    number: u32,
    seen_transactions: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    /// Before the first header.
    None,
    Transactions,
    /// Lists of accounts, categories and the like.
    Other,
}

#[derive(Default)]
struct Record {
    begun: bool,
    date: Option<String>,
    amount: Option<String>,
    payee: Option<String>,
    memo: Option<String>,
    number: Option<String>,
    category: Option<String>,
}

impl QifReader {
    /// Dates are read as declared; else in the ISO form or, as Quicken writes them, month first.
    pub(crate) fn new(date_format: Option<DateFormat>, mark: DecimalMark) -> Self {
        Self {
            waiting: String::new(),
            date_format,
            mark,
            section: Section::None,
            record: Record::default(),
            number: 0,
            seen_transactions: false,
        }
    }

    pub(crate) fn push(&mut self, text: &str, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        self.waiting.push_str(text);
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_str();
        while let Some((line, after)) = rest.split_once('\n') {
            self.line(line, rows)?;
            rest = after;
        }
        if rest.len() > LONGEST {
            return Err(file_error("has a line of more than 64 KiB: it is not a QIF file"));
        }
        self.waiting = rest.to_owned();
        Ok(())
    }

    pub(crate) fn finish(&mut self, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let last = std::mem::take(&mut self.waiting);
        self.line(&last, rows)?;
        if self.record.begun && self.section == Section::Transactions {
            self.end(rows);
        }
        match self.seen_transactions {
            true => Ok(()),
            false => Err(file_error(
                "is no QIF of an account: a line such as !Type:Bank must stand before the transactions",
            )),
        }
    }

    fn line(&mut self, line: &str, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let line = line.trim();
        if line.len() > LONGEST {
            return Err(file_error("has a line of more than 64 KiB: it is not a QIF file"));
        }
        let mut letters = line.chars();
        let Some(code) = letters.next() else { return Ok(()) };
        let value = letters.as_str().trim();
        match (code, self.section) {
            ('!', _) => self.header(value, rows),
            (_, Section::None) => Err(file_error(
                "is no QIF: a line such as !Type:Bank must stand before the transactions",
            )),
            (_, Section::Other) => Ok(()),
            ('^', Section::Transactions) => {
                if self.record.begun {
                    self.end(rows);
                }
                Ok(())
            }
            (code, Section::Transactions) => {
                self.record.note(code, value);
                Ok(())
            }
        }
    }

    fn header(&mut self, value: &str, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        if self.record.begun {
            self.end(rows);
        }
        let folded = kernel::fold(value);
        if folded.starts_with("option:") || folded.starts_with("clear:") {
            return Ok(());
        }
        self.section = match folded.strip_prefix("type:").map(str::trim) {
            Some("bank" | "cash" | "ccard" | "oth a" | "oth l") => {
                if self.seen_transactions {
                    return Err(file_error(
                        "holds transactions of more than one account: send one file for each",
                    ));
                }
                self.seen_transactions = true;
                Section::Transactions
            }
            Some("invst") => {
                return Err(file_error(
                    "holds trades of securities, which are no bank transactions",
                ));
            }
            _ => Section::Other,
        };
        Ok(())
    }

    fn end(&mut self, rows: &mut Vec<Parsed>) {
        self.number += 1;
        let record = std::mem::take(&mut self.record);
        let row = self.row(&record);
        rows.push(Parsed {
            number: self.number,
            row,
        });
    }

    fn row(&self, record: &Record) -> Result<Row, Vec<Complaint>> {
        let mut complaints = Vec::new();
        let mut noted = |field: &str, message: String| complaints.push(Complaint::new(field, message));
        let date = self.date(record.date.as_deref().unwrap_or_default());
        let date = date.map_err(|message| noted("D", message)).ok();
        let amount = match record.amount.as_deref() {
            None => Err("is missing".to_owned()),
            Some(text) => amount_with(self.mark, text),
        };
        let amount = amount.map_err(|message| noted("T", message)).ok();
        let description = description(&record.text());
        let description = description.map_err(|message| noted("P", message)).ok();
        let category = record.category();
        let category = category
            .map_err(|message| noted("L", message))
            .unwrap_or_default();
        match (date, amount, description) {
            (Some(date), Some(amount), Some(description)) if complaints.is_empty() => Ok(Row {
                date,
                description,
                amount,
                category,
                // Only the id that our own export writes there is unique: banks write the number of a cheque.
                reference: record.id(),
            }),
            _ => Err(complaints),
        }
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        // Quicken writes 3/31'26 for a year after 1999, and pads with spaces.
        let plain: String = text
            .chars()
            .filter(|letter| *letter != ' ')
            .map(|letter| if letter == '\'' { '/' } else { letter })
            .collect();
        if let Some(format) = self.date_format {
            return format.read(&plain);
        }
        if let Ok(date) = DateFormat::Iso.read(&plain) {
            return Ok(date);
        }
        let parts: Vec<&str> = plain.split(['/', '-', '.']).collect();
        let read = match parts.as_slice() {
            [month, day, year] => dates::whole(year, month, day),
            _ => None,
        };
        read.ok_or_else(|| {
            "must be a date with the month first, such as 3/31/2026; declare another form, as in \
             date_format=DD/MM/YYYY"
                .to_owned()
        })
    }
}

impl Record {
    fn note(&mut self, code: char, value: &str) {
        self.begun = true;
        let place = match code {
            'D' => &mut self.date,
            'T' => &mut self.amount,
            // The same amount once more, for programs that allow more digits.
            'U' if self.amount.is_none() => &mut self.amount,
            'P' => &mut self.payee,
            'M' => &mut self.memo,
            'N' => &mut self.number,
            'L' => &mut self.category,
            _ => return,
        };
        place.get_or_insert_with(|| value.to_owned());
    }

    fn text(&self) -> String {
        match (self.payee.as_deref(), self.memo.as_deref()) {
            (Some(payee), Some(memo)) if memo.starts_with(payee) => memo.to_owned(),
            (Some(payee), Some(memo)) => format!("{payee} {memo}"),
            (text, None) | (None, text) => text.unwrap_or_default().to_owned(),
        }
    }

    /// The category, without a class; `[Account]` is a transfer and no category.
    fn category(&self) -> Result<Option<String>, String> {
        let text = self.category.as_deref().unwrap_or_default();
        let text = text.split('/').next().unwrap_or_default().trim();
        match text.starts_with('[') {
            true => Ok(None),
            false => row::category(text),
        }
    }

    fn id(&self) -> Option<String> {
        let number = self.number.as_deref()?;
        uuid::Uuid::try_parse(number).ok()?;
        reference(number).ok().flatten()
    }
}

use super::{
    DecimalMark, amount_with,
    dates::compact,
    file_error,
    ofx_tags::{Piece, Tags},
    row::{Complaint, Parsed, Row, description, reference},
};
use crate::error::Error;
use kernel::Currency;

/// Reads the transactions of an OFX file, version 1 (SGML) or 2 (XML), piece by piece.
pub(crate) struct OfxReader {
    tags: Tags,
    pieces: Vec<Piece>,
    currency: Currency,
    /// The tag whose text comes next.
    open: Option<String>,
    text: String,
    /// The aggregate that says something about another account or currency.
    aside: Option<String>,
    transaction: Option<Transaction>,
    account: Option<String>,
    number: u32,
    seen_ofx: bool,
    seen_statement: bool,
}

#[derive(Default)]
struct Transaction {
    posted: Option<String>,
    amount: Option<String>,
    id: Option<String>,
    name: Option<String>,
    memo: Option<String>,
    check: Option<String>,
    kind: Option<String>,
    currency: Option<String>,
}

impl OfxReader {
    pub(crate) fn new(currency: Currency) -> Self {
        Self {
            tags: Tags::default(),
            pieces: Vec::new(),
            currency,
            open: None,
            text: String::new(),
            aside: None,
            transaction: None,
            account: None,
            number: 0,
            seen_ofx: false,
            seen_statement: false,
        }
    }

    pub(crate) fn push(&mut self, text: &str, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        let mut pieces = std::mem::take(&mut self.pieces);
        self.tags.push(text, &mut pieces)?;
        for piece in pieces.drain(..) {
            self.take(piece, rows)?;
        }
        self.pieces = pieces;
        Ok(())
    }

    pub(crate) fn finish(&mut self, _: &mut Vec<Parsed>) -> Result<(), Error> {
        self.tags.finish()?;
        if !self.seen_ofx {
            return Err(file_error("is no OFX: it has no <OFX>"));
        }
        if self.transaction.is_some() {
            return Err(file_error(format!(
                "ends inside transaction {}: it is not whole",
                self.number
            )));
        }
        match self.seen_statement {
            true => Ok(()),
            false => Err(file_error("holds no statement of a bank account or a card")),
        }
    }

    fn take(&mut self, piece: Piece, rows: &mut Vec<Parsed>) -> Result<(), Error> {
        match piece {
            Piece::Text(text) => {
                self.text.push_str(&text);
                Ok(())
            }
            Piece::Open(name) => {
                self.leaf()?;
                self.begin(&name)?;
                self.open = Some(name);
                Ok(())
            }
            Piece::Close(name) => {
                self.leaf()?;
                self.end(&name, rows);
                Ok(())
            }
        }
    }

    fn begin(&mut self, name: &str) -> Result<(), Error> {
        match name {
            "OFX" => self.seen_ofx = true,
            "STMTRS" | "CCSTMTRS" => self.seen_statement = true,
            "STMTTRN" => {
                if self.transaction.is_some() {
                    let number = self.number;
                    return Err(file_error(format!(
                        "has a transaction {number} that is never closed"
                    )));
                }
                self.number += 1;
                self.seen_statement = true;
                self.transaction = Some(Transaction::default());
            }
            "BANKACCTTO" | "CCACCTTO" | "ORIGCURRENCY" | "CURRENCY" => {
                self.aside.get_or_insert_with(|| name.to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, rows: &mut Vec<Parsed>) {
        if self.aside.as_deref() == Some(name) {
            self.aside = None;
        }
        if name == "STMTTRN"
            && let Some(transaction) = self.transaction.take()
        {
            self.aside = None;
            let row = transaction.row(self.currency);
            rows.push(Parsed {
                number: self.number,
                row,
            });
        }
    }

    /// A tag with a text is over.
    fn leaf(&mut self) -> Result<(), Error> {
        let text = std::mem::take(&mut self.text);
        let (Some(name), text) = (self.open.take(), text.trim()) else {
            return Ok(());
        };
        if text.is_empty() {
            return Ok(());
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.note(&name, text, self.aside.as_deref());
            return Ok(());
        }
        match name.as_str() {
            "CURDEF" if text != self.currency.code() => Err(file_error(format!(
                "is in {}, and the account takes only {}",
                text.chars().take(3).collect::<String>(),
                self.currency
            ))),
            "ACCTID" if self.aside.is_none() => match &self.account {
                Some(known) if known != text => Err(file_error(
                    "holds statements of more than one account: send one file for each",
                )),
                _ => {
                    self.account = Some(text.to_owned());
                    Ok(())
                }
            },
            _ => Ok(()),
        }
    }
}

impl Transaction {
    fn note(&mut self, name: &str, text: &str, aside: Option<&str>) {
        let place = match (name, aside) {
            ("CURSYM", Some("CURRENCY")) => &mut self.currency,
            (_, Some(_)) => return,
            ("DTPOSTED", None) => &mut self.posted,
            ("TRNAMT", None) => &mut self.amount,
            ("FITID", None) => &mut self.id,
            ("NAME", None) => &mut self.name,
            ("MEMO", None) => &mut self.memo,
            ("CHECKNUM", None) => &mut self.check,
            ("TRNTYPE", None) => &mut self.kind,
            _ => return,
        };
        place.get_or_insert_with(|| text.to_owned());
    }

    fn row(self, currency: Currency) -> Result<Row, Vec<Complaint>> {
        let mut complaints = Vec::new();
        let mut noted = |field: &str, message: String| complaints.push(Complaint::new(field, message));
        let date = match self.posted.as_deref().map(compact) {
            Some(Some(date)) => Some(date),
            Some(None) => {
                noted(
                    "DTPOSTED",
                    "must begin with a date such as 20260331, between 1900 and 2199".to_owned(),
                );
                None
            }
            None => {
                noted("DTPOSTED", "is missing".to_owned());
                None
            }
        };
        let amount = match self.amount.as_deref().map(figure) {
            Some(Ok(amount)) => Some(amount),
            Some(Err(message)) => {
                noted("TRNAMT", message);
                None
            }
            None => {
                noted("TRNAMT", "is missing".to_owned());
                None
            }
        };
        let text = self.text();
        let description = description(&text).map_err(|message| noted("NAME", message)).ok();
        let reference = match reference(self.id.as_deref().unwrap_or_default()) {
            Ok(reference) => reference,
            Err(message) => {
                noted("FITID", message);
                None
            }
        };
        if let Some(other) = self.currency.filter(|other| other != currency.code()) {
            let other: String = other.chars().take(3).collect();
            noted(
                "CURSYM",
                format!("is {other}, and the account takes only {currency}"),
            );
        }
        match (date, amount, description) {
            (Some(date), Some(amount), Some(description)) if complaints.is_empty() => Ok(Row {
                date,
                description,
                amount,
                category: None,
                reference,
            }),
            _ => Err(complaints),
        }
    }

    /// The name and what the memo adds to it.
    fn text(&self) -> String {
        match (self.name.as_deref(), self.memo.as_deref()) {
            (Some(name), Some(memo)) if memo.starts_with(name) => memo.to_owned(),
            (Some(name), Some(memo)) => format!("{name} {memo}"),
            (Some(text), None) | (None, Some(text)) => text.to_owned(),
            (None, None) => {
                let what = self.kind.as_deref().unwrap_or_default().to_owned();
                self.check
                    .as_ref()
                    .map_or(what, |number| format!("Check {number}"))
            }
        }
    }
}

/// OFX lets a comma or a point stand before the decimals, and no separators.
fn figure(text: &str) -> Result<rust_decimal::Decimal, String> {
    let mark = if text.contains(',') {
        DecimalMark::Comma
    } else {
        DecimalMark::Point
    };
    let plain = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | ',');
    let separators = text.chars().filter(|letter| matches!(letter, '.' | ',')).count();
    if separators > 1 || !text.chars().all(plain) {
        return Err("must be a decimal number such as -1250.50".to_owned());
    }
    // `.50` and `5.` are figures in OFX.
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.get(..1).unwrap_or_default(), rest),
        None => ("", text),
    };
    let start = if digits.starts_with(['.', ',']) { "0" } else { "" };
    let end = if digits.ends_with(['.', ',']) { "0" } else { "" };
    amount_with(mark, &format!("{sign}{start}{digits}{end}"))
}

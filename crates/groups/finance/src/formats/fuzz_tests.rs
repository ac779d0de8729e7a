//! Files that no bank would send, in every format and in pieces of every size.

use super::{
    ColumnMapping, DateFormat, DecimalMark, Encoding, Format, Parsed, Reading, StatementReader, amount,
    amount_with,
};
use crate::error::Error;

const CSV: [&str; 36] = [
    "Date,Description,Amount\n",
    "Date",
    "Description",
    "Amount",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "2026-01-05",
    "1350.60",
    "-2400.00",
    "Salary",
    "=1+1",
    "1,234.50",
    "1.234,50",
    "(5)",
    "\u{feff}",
    "\t",
    ";",
    "Opening balance",
    "é",
    "\u{0}",
    "1e9",
    "2026-13-40",
    "0",
    "INR",
    "99999999999999999999999999999",
    " ",
    "\n2026-01-05,Tea,-1.50\n",
    "balance",
    "date",
    "''",
    "+",
    "2026-01-05,Pay,10\n",
];

const OFX: [&str; 32] = [
    "<OFX>",
    "</OFX>",
    "<STMTRS>",
    "</STMTRS>",
    "<STMTTRN>",
    "</STMTTRN>",
    "<DTPOSTED>20260105120000[-5:EST]",
    "<DTPOSTED>2026",
    "<TRNAMT>-3.50",
    "<TRNAMT>1,5",
    "<TRNAMT>x</TRNAMT>",
    "<FITID>1",
    "<NAME>Tea &amp; more</NAME>",
    "<MEMO>AT&T",
    "<CURDEF>INR",
    "<CURDEF>USD",
    "<ACCTID>1",
    "<ACCTID>2",
    "<BANKACCTTO>",
    "</BANKACCTTO>",
    "<![CDATA[x<y]]>",
    "<!-- x -->",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<!DOCTYPE x>",
    "OFXHEADER:100\nENCODING:USASCII\nCHARSET:1252\n\n",
    "<",
    ">",
    "</",
    "\n",
    "&#x41;",
    "<STMTTRN><DTPOSTED>20260105<TRNAMT>1<FITID>9<NAME>Pay</STMTTRN>",
    "<MEMO/>",
];

const QIF: [&str; 24] = [
    "!Type:Bank\n",
    "!Type:Invst\n",
    "!Account\n",
    "!Type:Cat\n",
    "!Option:AutoSwitch\n",
    "D1/5'26\n",
    "D01/05/2026\n",
    "D2026-01-05\n",
    "D31/12/2026\n",
    "T-3.50\n",
    "T1,234.50\n",
    "Tx\n",
    "U1\n",
    "PTea\n",
    "MTea, hot\n",
    "LFood:Tea/Work\n",
    "L[Savings]\n",
    "SFood\n$1\n",
    "^\n",
    "\n",
    "\r\n",
    "N101\n",
    "D1/5/2026\nT5\nPPay\n^\n",
    "x",
];

fn mapping() -> ColumnMapping {
    let mapping = serde_json::json!({
        "date": "#1", "description": ["#2"], "amount": "#3", "delimiter": ";", "decimal_mark": "comma",
        "date_format": "DD.MM.YYYY", "has_header": false, "skip_lines": 1
    });
    serde_json::from_value(mapping).unwrap()
}

fn readings() -> Vec<(Reading, Vec<&'static str>)> {
    let reading = |format, mapping, encoding| Reading {
        format,
        encoding,
        date_format: None,
        mapping,
        currency: "INR".parse().unwrap(),
    };
    vec![
        (reading(Format::Csv, None, None), CSV.to_vec()),
        (
            reading(Format::Csv, Some(mapping()), Some(Encoding::Windows1252)),
            CSV.to_vec(),
        ),
        (reading(Format::Csv, None, Some(Encoding::Utf16Be)), CSV.to_vec()),
        (reading(Format::Ofx, None, None), OFX.to_vec()),
        (reading(Format::Qif, None, None), QIF.to_vec()),
    ]
}

fn read(reading: &Reading, file: &[u8], piece: usize) -> Result<Vec<Parsed>, Error> {
    let (mut reader, mut rows) = (StatementReader::new(reading), Vec::new());
    for piece in file.chunks(piece) {
        reader.push(piece, &mut rows)?;
    }
    reader.finish(&mut rows)?;
    Ok(rows)
}

#[test]
fn any_file_is_read_or_refused_with_reasons_however_it_is_cut() {
    let readings = readings();
    ::bolero::check!()
        .with_iterations(2_000)
        .for_each(|bytes: &[u8]| {
            for (reading, words) in &readings {
                let spelled: String = bytes
                    .iter()
                    .map(|byte| words[usize::from(*byte) % words.len()])
                    .collect();
                for file in [
                    bytes.to_vec(),
                    spelled.clone().into_bytes(),
                    format!("{}{spelled}", words[0]).into_bytes(),
                ] {
                    let whole = read(reading, &file, file.len().max(1));
                    let pieces = read(reading, &file, 1 + bytes.len() % 7);
                    assert_eq!(whole.is_ok(), pieces.is_ok(), "{file:?}");
                    let (Ok(rows), Ok(pieces)) = (whole, pieces) else {
                        continue;
                    };
                    assert_eq!(rows, pieces);
                    for (index, parsed) in rows.iter().enumerate() {
                        assert_eq!(parsed.number as usize, index + 1);
                        match &parsed.row {
                            Ok(row) => assert!(row.description.chars().count() <= 500),
                            Err(complaints) => assert!(!complaints.is_empty()),
                        }
                    }
                }
            }
        });
}

#[test]
fn any_cell_is_read_or_refused() {
    let formats = [
        DateFormat::Iso,
        DateFormat::DaySlashes,
        DateFormat::Compact,
        DateFormat::NamedMonth,
    ];
    ::bolero::check!()
        .with_iterations(4_000)
        .for_each(|bytes: &[u8]| {
            let text: String = bytes
                .iter()
                .map(|byte| CSV[usize::from(*byte) % CSV.len()])
                .collect();
            if let Ok(date) = DateFormat::Iso.read(&text) {
                assert_eq!(date.to_string(), text);
            }
            for text in [text, String::from_utf8_lossy(bytes).into_owned()] {
                for format in formats {
                    let _ = format.read(&text);
                }
                if let Ok(read) = amount(&text) {
                    assert_eq!(amount(&read.to_string()).unwrap(), read, "{text}");
                }
                for mark in [DecimalMark::Point, DecimalMark::Comma] {
                    let _ = amount_with(mark, &text);
                }
            }
        });
}

use super::models::{AuditEntry, AuditRow};
use crate::AuthFailure;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::Stored;
use utoipa::ToSchema;

/// How a log is written out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// Comma-separated values (RFC 4180) with a line of names.
    Csv,
}

impl ExportFormat {
    /// The media type, and the name of the file.
    pub(crate) fn file(self) -> (&'static str, &'static str) {
        match self {
            ExportFormat::Jsonl => ("application/jsonl", "audit.jsonl"),
            ExportFormat::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        }
    }
}

const COLUMNS: [&str; 14] = [
    "seq",
    "id",
    "at",
    "actor",
    "action",
    "subject",
    "allowed",
    "producer",
    "request_id",
    "changed",
    "before",
    "after",
    "previous_hash",
    "hash",
];

/// What stands in front of the rows.
pub(super) fn head(format: ExportFormat) -> Vec<u8> {
    match format {
        ExportFormat::Jsonl => Vec::new(),
        ExportFormat::Csv => line(&COLUMNS.map(str::to_owned)),
    }
}

/// Some rows.
pub(super) fn rows(format: ExportFormat, rows: Vec<Stored<AuditRow>>) -> Result<Vec<u8>, AuthFailure> {
    let mut written = Vec::new();
    for row in rows {
        let entry = AuditEntry::from(row);
        match format {
            ExportFormat::Jsonl => {
                serde_json::to_writer(&mut written, &entry).map_err(AuthFailure::internal)?;
                written.push(b'\n');
            }
            ExportFormat::Csv => written.extend(line(&cells(entry)?)),
        }
    }
    Ok(written)
}

fn cells(entry: AuditEntry) -> Result<[String; 14], AuthFailure> {
    let object =
        |values: &BTreeMap<String, Value>| serde_json::to_string(values).map_err(AuthFailure::internal);
    Ok([
        entry.seq.to_string(),
        entry.id.to_string(),
        entry.at.to_rfc3339(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.allowed.to_string(),
        entry.producer,
        entry.request_id.to_string(),
        entry.changed.join(" "),
        object(&entry.before)?,
        object(&entry.after)?,
        entry.previous_hash,
        entry.hash,
    ])
}

fn line(cells: &[String]) -> Vec<u8> {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(",")).into_bytes()
}

/// A cell in quotes. One that a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let apostrophe = if is_formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_cannot_leave_its_quotes_and_is_no_formula() {
        assert_eq!(quoted("user/1"), "\"user/1\"");
        assert_eq!(quoted("say \"hi\", now"), "\"say \"\"hi\"\", now\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(quoted(formula), format!("\"'{formula}\""));
        }
    }
}

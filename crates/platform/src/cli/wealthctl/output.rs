use crate::{PlatformError, cli::say};
use clap::ValueEnum;
use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns for people.
    Table,
    /// JSON for programs.
    Json,
}

/// Prints rows: as a table of the named columns, or as JSON.
pub(super) fn print<T: Serialize>(
    format: Format,
    rows: &[T],
    header: &[&str],
    columns: impl Fn(&T) -> Vec<String>,
) -> Result<(), PlatformError> {
    match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(rows)
                .map_err(|error| PlatformError::Command(error.to_string()))?;
            say(&text);
        }
        Format::Table => {
            let mut table = Table::new();
            table.load_style(NOTHING).set_header(header.to_vec());
            for row in rows {
                table.add_row(columns(row));
            }
            say(&table.trim_fmt());
        }
    }
    Ok(())
}

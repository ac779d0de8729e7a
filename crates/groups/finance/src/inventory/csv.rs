//! Items as CSV.

use super::{
    items::check_figure,
    requests::{ItemCreateRequest, ItemResponse, ReplenishmentFields, ValuationMethod},
};
use crate::{
    error::Error,
    formats::{csv_text, neutral, original},
};
use csv::{ReaderBuilder, StringRecord, Writer};
use kernel::{Amount, Fault, Text, fold};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// How many rows one file may have.
const MOST_ROWS: usize = 10_000;
/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// The columns of an export; an import needs `sku` and `name` and may leave out the others.
const COLUMNS: [&str; 12] = [
    "sku",
    "name",
    "unit",
    "currency",
    "valuation",
    "allow_negative",
    "reorder_point",
    "daily_demand",
    "lead_time_days",
    "demand_sd",
    "service_level",
    "on_hand",
];

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemRowError {
    /// Which row, from 1 after the header.
    pub(crate) row: u32,
    /// Which column; `row` for the whole row.
    pub(crate) field: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

/// A file that could be read.
#[derive(Debug, Default)]
pub(super) struct ItemFile {
    /// The rows that are right, with their numbers.
    pub(super) items: Vec<(u32, ItemCreateRequest)>,
    /// How many rows there are.
    pub(super) rows: u32,
    pub(super) errors: Vec<ItemRowError>,
}

impl ItemFile {
    pub(super) fn refuse(&mut self, row: u32, field: &str, message: impl Into<String>) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(ItemRowError {
                row,
                field: field.to_owned(),
                message: message.into(),
            });
        }
    }
}

/// Reads a file: rows and what is wrong with them. What makes the whole file unreadable is an error.
pub(super) fn read(bytes: &[u8]) -> Result<ItemFile, Error> {
    let text = csv_text(bytes, "sku and name")?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(unreadable)?.clone();
    let columns: Vec<String> = header.iter().map(fold).collect();
    for needed in ["sku", "name"] {
        if columns.iter().filter(|column| *column == needed).count() != 1 {
            let message = format!("must have one column '{needed}', separated by commas");
            return Err(Error::invalid("file", message));
        }
    }
    let mut file = ItemFile::default();
    let mut seen = HashSet::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        file.rows += 1;
        let number = file.rows;
        if file.rows as usize > MOST_ROWS {
            let message = format!("may have at most {MOST_ROWS} rows: send it in several files");
            return Err(Error::invalid("file", message));
        }
        if record.len() != columns.len() {
            let message = format!(
                "has {} columns where the header has {}",
                record.len(),
                columns.len()
            );
            file.refuse(number, "row", message);
            continue;
        }
        match row(&columns, &record) {
            Ok(item) if seen.insert(fold(&item.sku)) => file.items.push((number, item)),
            Ok(_) => file.refuse(number, "sku", "stands in the file twice"),
            Err((field, message)) => file.refuse(number, field, message),
        }
    }
    Ok(file)
}

type Wrong = (&'static str, String);

fn row(columns: &[String], record: &StringRecord) -> Result<ItemCreateRequest, Wrong> {
    let cell = |name: &str| {
        let place = columns.iter().position(|column| column == name);
        let text = place.and_then(|place| record.get(place)).map(str::trim);
        text.filter(|text| !text.is_empty())
    };
    let figure = |name: &'static str| {
        let read = cell(name).map(|text| text.parse::<Amount>().map_err(|error| (name, error.to_string())));
        let figure = read.transpose()?;
        if let Some(figure) = figure {
            check_figure(name, figure).map_err(|error| (name, message(&error)))?;
        }
        Ok::<_, Wrong>(figure)
    };
    let required = |name: &'static str| cell(name).ok_or((name, "is required".to_owned()));
    let currency = cell("currency").map(str::parse).transpose();
    let valuation = cell("valuation").map(|text| match fold(text).as_str() {
        "fifo" => Ok(ValuationMethod::Fifo),
        "lifo" => Ok(ValuationMethod::Lifo),
        "average" => Ok(ValuationMethod::Average),
        _ => Err(("valuation", "must be fifo, lifo or average".to_owned())),
    });
    let allow_negative = cell("allow_negative").map(|text| match fold(text).as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(("allow_negative", "must be true or false".to_owned())),
    });
    let replenishment = ReplenishmentFields {
        reorder_point: figure("reorder_point")?,
        daily_demand: figure("daily_demand")?,
        lead_time_days: figure("lead_time_days")?,
        demand_sd: figure("demand_sd")?,
        service_level: figure("service_level")?,
        ..ReplenishmentFields::default()
    };
    Ok(ItemCreateRequest {
        sku: Text::parse(original(required("sku")?)).map_err(|message| ("sku", message))?,
        name: Text::parse(original(required("name")?)).map_err(|message| ("name", message))?,
        unit: cell("unit")
            .map(|text| Text::parse(original(text)))
            .transpose()
            .map_err(|message| ("unit", message))?,
        currency: currency.map_err(|error: kernel::MoneyError| ("currency", error.to_string()))?,
        valuation: valuation.transpose()?,
        allow_negative: allow_negative.transpose()?,
        replenishment: Some(replenishment),
        user_id: None,
    })
}

/// The message of a check.
pub(super) fn message(error: &Error) -> String {
    let details = error.details();
    details
        .first()
        .map_or_else(|| error.to_string(), |detail| detail.message.clone())
}

/// The header of an export.
pub(super) fn header(writer: &mut Writer<Vec<u8>>) -> Result<(), csv::Error> {
    writer.write_record(COLUMNS)
}

/// One item as a row.
pub(super) fn write(writer: &mut Writer<Vec<u8>>, item: &ItemResponse) -> Result<(), csv::Error> {
    let figure = |figure: &Option<Amount>| figure.map(|figure| figure.to_string()).unwrap_or_default();
    let kept = &item.replenishment;
    let valuation = match item.valuation {
        ValuationMethod::Fifo => "fifo",
        ValuationMethod::Lifo => "lifo",
        ValuationMethod::Average => "average",
    };
    writer.write_record([
        neutral(&item.sku).into_owned(),
        neutral(&item.name).into_owned(),
        neutral(&item.unit).into_owned(),
        item.currency.to_string(),
        valuation.to_owned(),
        item.allow_negative.to_string(),
        figure(&kept.reorder_point),
        figure(&kept.daily_demand),
        figure(&kept.lead_time_days),
        figure(&kept.demand_sd),
        figure(&kept.service_level),
        item.on_hand.to_string(),
    ])
}

fn unreadable(_: csv::Error) -> Error {
    Error::invalid("file", "cannot be read as CSV")
}

use super::requests::ClientRowError;
use crate::{
    clients::requests::{ClientCreateRequest, ClientResponse},
    error::Error,
};
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use kernel::{
    AdvisorId, Amount, CallError, Text,
    csv::{csv_text, neutral, original},
    fold,
};
use serde_json::{Map, Value, json};

/// How many rows one file may have.
const MOST_ROWS: usize = 500;
/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// The columns of an export; an import needs `client_name` and may leave out the others.
const COLUMNS: [&str; 14] = [
    "client_name",
    "email",
    "phone",
    "tax_id",
    "risk_profile",
    "kyc_expiry_date",
    "total_assets",
    "currency",
    "address",
    "date_of_birth",
    "occupation",
    "annual_income",
    "jurisdiction",
    "tags",
];

/// A file that could be read.
#[derive(Debug, Default)]
pub(super) struct ClientFile {
    /// The rows that are right, with their numbers.
    pub(super) clients: Vec<(u32, ClientCreateRequest)>,
    /// How many rows there are.
    pub(super) rows: u32,
    pub(super) errors: Vec<ClientRowError>,
}

impl ClientFile {
    pub(super) fn refuse(&mut self, row: u32, field: &str, message: impl Into<String>) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(ClientRowError {
                row,
                field: field.to_owned(),
                message: message.into(),
            });
        }
    }
}

/// Reads a file: rows and what is wrong with them. What makes the whole file unreadable is an error.
pub(super) fn read(bytes: &[u8], advisor: Option<AdvisorId>) -> Result<ClientFile, Error> {
    let text = csv_text(bytes, "client_name, email and others")?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(fold).collect();
    check_header(&columns)?;
    let mut file = ClientFile::default();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        file.rows += 1;
        let number = file.rows;
        if number as usize > MOST_ROWS {
            let message = format!("may have at most {MOST_ROWS} rows: send it in several files");
            return Err(Error::invalid("file", message));
        }
        match row(&columns, &record, advisor) {
            Ok(client) => file.clients.push((number, client)),
            Err(wrong) => wrong
                .iter()
                .for_each(|(field, message)| file.refuse(number, field, message)),
        }
    }
    Ok(file)
}

fn check_header(columns: &[String]) -> Result<(), Error> {
    if !columns.iter().any(|column| column == "client_name") {
        return Err(Error::invalid(
            "file",
            "must have a column 'client_name', separated by commas",
        ));
    }
    for (place, column) in columns.iter().enumerate() {
        let known = COLUMNS.contains(&column.as_str());
        let first = columns.iter().position(|other| other == column) == Some(place);
        if !known || !first {
            let message = match known {
                true => format!("has the column '{column}' twice"),
                false => format!(
                    "has an unknown column '{column}'; known are: {}",
                    COLUMNS.join(", ")
                ),
            };
            return Err(Error::invalid("file", message));
        }
    }
    Ok(())
}

type Wrong = Vec<(String, String)>;

/// A row goes through the same types as a body, cell by cell, so that the two never differ.
fn row(
    columns: &[String],
    record: &StringRecord,
    advisor: Option<AdvisorId>,
) -> Result<ClientCreateRequest, Wrong> {
    if record.len() != columns.len() {
        let message = format!(
            "has {} columns where the header has {}",
            record.len(),
            columns.len()
        );
        return Err(vec![("row".to_owned(), message)]);
    }
    let (mut body, mut wrong) = (Map::new(), Wrong::new());
    for (column, cell) in columns.iter().zip(record) {
        let cell = original(cell.trim());
        if cell.is_empty() {
            continue;
        }
        let value = match column.as_str() {
            "tags" => json!(
                cell.split(';')
                    .map(str::trim)
                    .filter(|tag| !tag.is_empty())
                    .collect::<Vec<_>>()
            ),
            "risk_profile" => json!(fold(cell)),
            _ => json!(cell),
        };
        let mut alone = Map::from_iter([(column.clone(), value.clone())]);
        alone.entry("client_name").or_insert(json!("somebody"));
        match serde_json::from_value::<ClientCreateRequest>(Value::Object(alone)) {
            Ok(_) => {
                body.insert(column.clone(), value);
            }
            Err(error) => wrong.push((column.clone(), error.to_string())),
        }
    }
    if !columns
        .iter()
        .zip(record)
        .any(|(column, cell)| column == "client_name" && !cell.trim().is_empty())
    {
        wrong.push(("client_name".to_owned(), "is required".to_owned()));
    }
    body.insert("advisor_id".to_owned(), json!(advisor));
    match wrong.is_empty() {
        true => serde_json::from_value(Value::Object(body))
            .map_err(|error| vec![("row".to_owned(), error.to_string())]),
        false => Err(wrong),
    }
}

/// Clients in the form that the import reads.
pub(super) fn write(clients: &[ClientResponse]) -> Result<Vec<u8>, Error> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(unwritable)?;
    for client in clients {
        writer.write_record(cells(client)).map_err(unwritable)?;
    }
    writer
        .into_inner()
        .map_err(|error| CallError::internal(error.to_string()).into())
}

fn cells(client: &ClientResponse) -> [String; 14] {
    let text = |text: &Option<String>| neutral(text.as_deref().unwrap_or_default()).into_owned();
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    [
        neutral(&client.client_name).into_owned(),
        text(&client.email),
        text(&client.phone),
        text(&client.tax_id),
        client.risk_profile.as_str().to_owned(),
        date(client.kyc_expiry_date),
        client.total_assets.to_string(),
        client.currency.to_string(),
        text(&client.address),
        date(client.date_of_birth),
        text(&client.occupation),
        client
            .annual_income
            .map(|income: Amount| income.to_string())
            .unwrap_or_default(),
        client.jurisdiction.clone(),
        neutral(&client.tags.join("; ")).into_owned(),
    ]
}

/// By what a row is known again: the e-mail address, else the name.
pub(super) fn identity(email: Option<&str>, name: &str) -> String {
    match email {
        Some(email) => format!("email {}", email.to_ascii_lowercase()),
        None => format!("name {}", fold(name)),
    }
}

pub(super) fn identity_of(client: &ClientCreateRequest) -> String {
    let name: &Text<1, 200> = &client.client_name;
    identity(client.email.as_ref().map(|email| email.as_str()), name)
}

fn unreadable(_: csv::Error) -> Error {
    Error::invalid("file", "cannot be read as CSV")
}

fn unwritable(error: csv::Error) -> Error {
    CallError::internal(error).into()
}

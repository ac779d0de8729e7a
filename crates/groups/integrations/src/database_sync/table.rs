use super::{
    columns::{ColumnName, Columns, TableName, quoted},
    postgres::Trouble,
    row::{RawRow, Wrong},
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashSet};
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

/// How many rows are read at once.
pub(super) const PAGE: usize = 200;

/// A column as the catalogue knows it.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    /// As it is written in a cast.
    kind: String,
    /// Whether a row gets a value by itself.
    fills_itself: bool,
}

impl Column {
    fn is_text_or_uuid(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "text" | "character varying" | "bpchar" | "uuid"
        )
    }

    /// The column as text.
    fn read(&self) -> String {
        format!("{}::text", quoted(&self.name))
    }
}

/// A row as it was read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// Its id as text.
    pub(super) id: Option<String>,
    /// Its reference, which one of our transactions may have.
    pub(super) reference: Option<String>,
    pub(super) row: RawRow,
}

/// A table of transactions, as a sync reads and writes it.
pub(super) struct Table {
    name: String,
    id: Column,
    date: Column,
    amount: Column,
    kind: Option<Column>,
    description: Option<Column>,
    category: Option<Column>,
    currency: Option<Column>,
    account: Option<Column>,
    reference: Option<Column>,
}

impl Table {
    /// Finds the table and its columns. A column that was named must be there; others may be, under their usual names.
    pub(super) async fn find(
        client: &Client,
        name: &TableName,
        columns: &Columns,
        has_accounts: bool,
    ) -> Result<Self, Trouble> {
        let table = name.quoted();
        let rows = client
            .query(
                "SELECT a.attname::text, format_type(a.atttypid, NULL), \
                 a.atthasdef OR a.attidentity <> '' OR NOT a.attnotnull \
                 FROM pg_attribute a WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped",
                &[&table],
            )
            .await?;
        if rows.is_empty() {
            let name = name.as_str();
            return Err(Trouble::Refused(format!(
                "there is no table {name}, or the user may not see it"
            )));
        }
        let mut known = BTreeMap::new();
        for row in rows {
            let column = Column {
                name: row.try_get(0)?,
                kind: castable(row.try_get(1)?),
                fills_itself: row.try_get(2)?,
            };
            known.insert(column.name.clone(), column);
        }
        let wanted = |named: &Option<ColumnName>, usual: &str| wanted(&known, named.as_ref(), usual);
        let needed = |named: &Option<ColumnName>, usual: &str| {
            wanted(named, usual)?.ok_or_else(|| missing(usual, usual))
        };
        Ok(Self {
            id: needed(&columns.id, "id")?,
            date: needed(&columns.date, "date")?,
            amount: needed(&columns.amount, "amount")?,
            kind: wanted(&columns.r#type, "type")?,
            description: wanted(&columns.description, "description")?,
            category: wanted(&columns.category, "category")?,
            currency: wanted(&columns.currency, "currency")?,
            account: match has_accounts {
                true => Some(needed(&columns.account, "account")?),
                false => None,
            },
            reference: wanted(&columns.reference, "wealthos_id")?,
            name: table,
        })
    }

    pub(super) fn has_type(&self) -> bool {
        self.kind.is_some()
    }

    pub(super) fn has_currency(&self) -> bool {
        self.currency.is_some()
    }

    /// Refuses a table that cannot hold the ids of our transactions.
    pub(super) fn check_writable(&self) -> Result<(), Trouble> {
        match self.reference().is_text_or_uuid() {
            true => Ok(()),
            false => Err(Trouble::Refused(no_reference(&self.name))),
        }
    }

    fn reference(&self) -> &Column {
        self.reference.as_ref().unwrap_or(&self.id)
    }

    /// What is selected and returned, in the order in which [`Table::read`] takes it.
    fn selection(&self) -> String {
        let optional =
            |column: &Option<Column>| column.as_ref().map_or("NULL::text".to_owned(), Column::read);
        [
            self.id.read(),
            self.reference().read(),
            self.date.read(),
            self.amount.read(),
            optional(&self.kind),
            optional(&self.description),
            optional(&self.category),
            optional(&self.currency),
            optional(&self.account),
        ]
        .join(", ")
    }

    fn read(row: &Row) -> Result<Read, Trouble> {
        Ok(Read {
            id: row.try_get(0)?,
            reference: row.try_get(1)?,
            row: RawRow {
                date: row.try_get(2)?,
                amount: row.try_get(3)?,
                r#type: row.try_get(4)?,
                description: row.try_get(5)?,
                category: row.try_get(6)?,
                currency: row.try_get(7)?,
                account: row.try_get(8)?,
            },
        })
    }

    /// The rows behind the one with this id, in the order of ids.
    pub(super) async fn page(&self, client: &Client, after: Option<&str>) -> Result<Vec<Read>, Trouble> {
        // Without the table before it, the name would mean what is selected, which is text: 10 would stand before 9.
        let statement = format!(
            "SELECT {} FROM {} AS book WHERE $1::text IS NULL OR book.{id} > $1::text::{} ORDER BY book.{id} LIMIT {PAGE}",
            self.selection(),
            self.name,
            self.id.kind,
            id = quoted(&self.id.name),
        );
        let rows = client.query(&statement, &[&after]).await?;
        rows.iter().map(Self::read).collect()
    }

    /// Which of these ids the table has.
    pub(super) async fn present(&self, client: &Client, ids: &[&str]) -> Result<HashSet<String>, Trouble> {
        let statement = format!(
            "SELECT {} FROM {} WHERE {} = ANY($1::text[]::{}[])",
            self.id.read(),
            self.name,
            quoted(&self.id.name),
            self.id.kind,
        );
        let rows = client.query(&statement, &[&ids]).await?;
        let ids: Result<HashSet<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(ids?)
    }

    /// Inserts a row under a reference, once: where the reference is there already, nothing is written. Answers the row as the
    /// table has it. A row that the table would change is taken out again.
    pub(super) async fn insert(
        &self,
        transaction: &mut Transaction<'_>,
        reference: Uuid,
        row: &RawRow,
    ) -> Result<Result<Read, Wrong>, Trouble> {
        let place = transaction.savepoint("one_row").await?;
        let inserted = self.insert_within(&place, reference, row).await;
        match inserted {
            Ok(read) => {
                if let Some(wrong) = changed(row, &read.row) {
                    place.rollback().await?;
                    return Ok(Err(wrong));
                }
                place.commit().await?;
                Ok(Ok(read))
            }
            Err(Trouble::Row(wrong)) => {
                place.rollback().await?;
                Ok(Err(wrong))
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn insert_within(
        &self,
        place: &Transaction<'_>,
        reference: Uuid,
        row: &RawRow,
    ) -> Result<Read, Trouble> {
        let reference = reference.to_string();
        let values = self.values(&reference, row);
        let columns: Vec<_> = values.iter().map(|(column, _)| quoted(&column.name)).collect();
        let places = values.iter().zip(1..);
        let places: Vec<_> = places
            .map(|((column, _), at)| format!("${at}::text::{}", column.kind))
            .collect();
        let statement = format!(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING RETURNING {}",
            self.name,
            columns.join(", "),
            places.join(", "),
            quoted(&self.reference().name),
            self.selection(),
        );
        let texts: Vec<_> = values.iter().map(|(_, text)| text as _).collect();
        let inserted = place.query_opt(&statement, &texts).await;
        let inserted = inserted.map_err(|error| match error.code() {
            Some(code) if code.code() == "42P10" => Trouble::Refused(no_reference(&self.name)),
            _ => error.into(),
        })?;
        if let Some(inserted) = inserted {
            return Self::read(&inserted);
        }
        let statement = format!(
            "SELECT {} FROM {} WHERE {} = $1::text::{}",
            self.selection(),
            self.name,
            quoted(&self.reference().name),
            self.reference().kind,
        );
        Self::read(&place.query_one(&statement, &[&reference]).await?)
    }

    fn values<'a>(&'a self, reference: &'a str, row: &'a RawRow) -> Vec<(&'a Column, Option<&'a str>)> {
        let mut values = vec![
            (self.reference(), Some(reference)),
            (&self.date, row.date.as_deref()),
            (&self.amount, row.amount.as_deref()),
        ];
        // A key that nobody fills is the reference as well.
        if self.reference.is_some() && !self.id.fills_itself && self.id.is_text_or_uuid() {
            values.push((&self.id, Some(reference)));
        }
        let optional = [
            (&self.kind, &row.r#type),
            (&self.description, &row.description),
            (&self.category, &row.category),
            (&self.currency, &row.currency),
            (&self.account, &row.account),
        ];
        for (column, value) in optional {
            if let Some(column) = column {
                values.push((column, value.as_deref()));
            }
        }
        values
    }
}

/// What the table made something else of: an amount that it rounds, a day that it does not keep.
fn changed(written: &RawRow, read: &RawRow) -> Option<Wrong> {
    let amount = |row: &RawRow| {
        row.amount
            .as_deref()
            .and_then(|text| text.parse::<Decimal>().ok())
    };
    if amount(written) != amount(read) {
        return Some(("amount", "is not kept by the column exactly".to_owned()));
    }
    let day = |row: &RawRow| {
        row.date
            .as_deref()
            .and_then(|text| text.get(..10))
            .map(str::to_owned)
    };
    if day(written) != day(read) {
        return Some(("date", "is not kept by the column".to_owned()));
    }
    None
}

fn wanted(
    known: &BTreeMap<String, Column>,
    named: Option<&ColumnName>,
    usual: &str,
) -> Result<Option<Column>, Trouble> {
    match named {
        Some(name) => match known.get(name.as_str()) {
            Some(column) => Ok(Some(column.clone())),
            None => Err(missing(usual, name.as_str())),
        },
        None => Ok(known.get(usual).cloned()),
    }
}

fn missing(field: &str, name: &str) -> Trouble {
    Trouble::Refused(format!(
        "the table has no column {name}: name the one for the {field} under columns"
    ))
}

fn no_reference(table: &str) -> String {
    format!(
        "the table has no unique column for the ids of our transactions: ALTER TABLE {table} ADD COLUMN wealthos_id text UNIQUE"
    )
}

/// A type's name for a cast: some mean another type without a length.
fn castable(name: String) -> String {
    match name.as_str() {
        "character" => "bpchar".to_owned(),
        "bit" => "varbit".to_owned(),
        _ => name,
    }
}

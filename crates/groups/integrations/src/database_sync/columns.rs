use kernel::Text;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// The longest name of PostgreSQL, in bytes.
const LONGEST: usize = 63;

/// A table, as in `transactions` or `books.transactions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct TableName(String);

impl TableName {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b' ');
        let fits = |part: &str| (1..=LONGEST).contains(&part.len()) && part.bytes().all(plain);
        let parts: Vec<_> = text.split('.').collect();
        match parts.len() <= 2 && parts.iter().all(|part| fits(part)) {
            true => Ok(Self(text.to_owned())),
            false => Err(
                "must be a table, or schema.table, with names of 1 to 63 letters, digits, spaces, _, - and $"
                    .to_owned(),
            ),
        }
    }

    /// As it stands in a statement: nothing in it has a meaning.
    pub(crate) fn quoted(&self) -> String {
        self.0.split('.').map(quoted).collect::<Vec<_>>().join(".")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TableName {
    fn default() -> Self {
        Self("transactions".to_owned())
    }
}

impl<'de> Deserialize<'de> for TableName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for TableName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(2 * LONGEST + 1))
            .pattern(Some(r"^[A-Za-z0-9_$ -]{1,63}(\.[A-Za-z0-9_$ -]{1,63})?$"))
            .into()
    }
}

impl ToSchema for TableName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TableName")
    }
}

/// A name as it stands in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column by name.
pub(crate) type ColumnName = Text<1, 63>;

/// Which column holds what. What is left out has the name of its field, where the table has such a column; `id`, `date` and
/// `amount` it must have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncColumns)]
pub(crate) struct Columns {
    /// The primary key, of any type.
    pub(crate) id: Option<ColumnName>,
    /// The booking date: a date or a time.
    pub(crate) date: Option<ColumnName>,
    /// How much. Without a column for the type, what is below zero goes out.
    pub(crate) amount: Option<ColumnName>,
    /// `income` (`credit`, `deposit`, `in`) or `expense` (`debit`, `withdrawal`, `out`).
    pub(crate) r#type: Option<ColumnName>,
    /// For what.
    pub(crate) description: Option<ColumnName>,
    /// The category.
    pub(crate) category: Option<ColumnName>,
    /// The currency: ISO 4217. Where it is null, that of the sync.
    pub(crate) currency: Option<ColumnName>,
    /// The name of the account, where `accounts` says which one that is.
    pub(crate) account: Option<ColumnName>,
    /// A unique column of text or UUID for the ids of our transactions; `wealthos_id` when it is left out. A table without it
    /// has them in `id`, if that is text or UUID.
    pub(crate) reference: Option<ColumnName>,
}

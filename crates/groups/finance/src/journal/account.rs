use kernel::{UserId, fold};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt, str::FromStr};
use utoipa::ToSchema;
use uuid::Uuid;

/// The longest name of an account, in characters; the longest category is as long.
const LONGEST_NAME: usize = 64;

/// The five kinds of accounts of double entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountType {
    /// What one has.
    Asset,
    /// What one owes.
    Liability,
    /// What is one's own: opening balances and what comes of exchanging currencies.
    Equity,
    /// What came in.
    Income,
    /// What went out.
    Expense,
}

impl AccountType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AccountType::Asset => "asset",
            AccountType::Liability => "liability",
            AccountType::Equity => "equity",
            AccountType::Income => "income",
            AccountType::Expense => "expense",
        }
    }

    /// Whether a debit makes it more.
    pub(crate) fn is_debit(self) -> bool {
        matches!(self, AccountType::Asset | AccountType::Expense)
    }
}

/// An account of a book's chart, as legs name it: `money:0190…` for an account that holds money, else the type and the
/// name in folded form, as in `expense:food`. A category is an account; it need not be opened before it is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LedgerAccount {
    /// One of the accounts under `/api/v1/accounts`.
    Money(Uuid),
    /// Any other.
    Named(AccountType, String),
}

impl LedgerAccount {
    /// The account of this type and name; refused when the name has no letters or digits, or is too long.
    pub(crate) fn named(r#type: AccountType, name: &str) -> Result<Self, &'static str> {
        let name = fold(name);
        if name.is_empty() {
            return Err("must contain letters or digits");
        }
        if name.chars().count() > LONGEST_NAME {
            return Err("must have a name of 64 characters at most");
        }
        Ok(LedgerAccount::Named(r#type, name))
    }

    /// Where what was exchanged into another currency stands.
    pub(crate) fn exchange() -> Self {
        LedgerAccount::Named(AccountType::Equity, "currency exchange".to_owned())
    }

    /// The id, the same in every process: that of the money account, else made of the book and the name.
    pub(crate) fn id(&self, book: UserId) -> Uuid {
        match self {
            LedgerAccount::Money(id) => *id,
            LedgerAccount::Named(..) => {
                let name = format!("ledger-account\u{0}{book}\u{0}{self}");
                Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
            }
        }
    }

    /// The money account, if it is one.
    pub(crate) fn money(&self) -> Option<Uuid> {
        match self {
            LedgerAccount::Money(id) => Some(*id),
            LedgerAccount::Named(..) => None,
        }
    }

    /// Type and name, unless it is a money account.
    pub(crate) fn name(&self) -> Option<(AccountType, &str)> {
        match self {
            LedgerAccount::Money(_) => None,
            LedgerAccount::Named(r#type, name) => Some((*r#type, name)),
        }
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LedgerAccount::Money(id) => write!(f, "money:{id}"),
            LedgerAccount::Named(r#type, name) => write!(f, "{}:{name}", r#type.as_str()),
        }
    }
}

impl FromStr for LedgerAccount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str =
            "must name an account, as in money:0190a5c0-0000-7000-8000-000000000000 or expense:food";
        let (head, name) = text.split_once(':').ok_or(WRONG)?;
        let r#type = match head {
            "money" => return Uuid::parse_str(name).map(LedgerAccount::Money).map_err(|_| WRONG),
            "asset" => AccountType::Asset,
            "liability" => AccountType::Liability,
            "equity" => AccountType::Equity,
            "income" => AccountType::Income,
            "expense" => AccountType::Expense,
            _ => return Err(WRONG),
        };
        LedgerAccount::named(r#type, name)
    }
}

impl Serialize for LedgerAccount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LedgerAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

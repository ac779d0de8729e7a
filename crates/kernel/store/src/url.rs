use crate::StoreError;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Which store an address such as `DATABASE_URL` names. Showing it never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// Embedded: one file per group in a directory.
    Directory(PathBuf),
    /// Embedded: this file, for one group.
    File(PathBuf),
    /// A MongoDB deployment: the whole address, with its credentials.
    Mongodb(String),
}

impl StoreUrl {
    /// Reads an address; nothing or an empty text is the embedded store in `data_dir`.
    ///
    /// `sqlite:` takes a directory, or the path of one group's file when it ends in `.sqlite3`, `.sqlite` or `.db`;
    /// `mongodb:` and `mongodb+srv:` are taken as they are. Anything else is refused in one line that never repeats
    /// the address.
    pub fn parse(url: Option<&str>, data_dir: &Path) -> Result<Self, StoreError> {
        let text = url.unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(Self::Directory(data_dir.to_owned()));
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(|| {
            StoreError::refused(
                "the database address (DATABASE_URL) has no scheme: it must begin with mongodb://, mongodb+srv:// or \
                 sqlite:, or be left out for the embedded store",
            )
        })?;
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "sqlite" | "sqlite3" => Self::sqlite(rest, data_dir),
            "mongodb" | "mongodb+srv" if rest.len() > 2 && rest.starts_with("//") => {
                Ok(Self::Mongodb(format!("{scheme}:{rest}")))
            }
            "mongodb" | "mongodb+srv" => Err(StoreError::refused(
                "the MongoDB address (DATABASE_URL) names no host: it looks like mongodb://host:27017/wealthos",
            )),
            "postgres" | "postgresql" => Err(postgresql()),
            other if other.starts_with("postgres") => Err(postgresql()),
            other => Err(unknown(other)),
        }
    }

    fn sqlite(rest: &str, data_dir: &Path) -> Result<Self, StoreError> {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.contains('?') {
            return Err(StoreError::refused(
                "the SQLite address (DATABASE_URL) takes a path and no parameters: sqlite:./data",
            ));
        }
        if path == ":memory:" || path == "memory" {
            return Err(StoreError::refused(
                "the embedded store is a file, so that several processes can share it: give a directory, as in \
                 sqlite:./data",
            ));
        }
        if path.is_empty() {
            return Ok(Self::Directory(data_dir.to_owned()));
        }
        let path = PathBuf::from(path);
        let is_file = path
            .extension()
            .is_some_and(|ending| ["sqlite3", "sqlite", "db"].iter().any(|known| ending == *known));
        Ok(if is_file {
            Self::File(path)
        } else {
            Self::Directory(path)
        })
    }

    /// The file of a group, when the store is embedded.
    pub fn file_of(&self, group: &str) -> Option<PathBuf> {
        match self {
            Self::Directory(directory) => Some(directory.join(format!("{group}.sqlite3"))),
            Self::File(path) => Some(path.clone()),
            Self::Mongodb(_) => None,
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) | Self::File(path) => write!(f, "sqlite:{}", path.display()),
            Self::Mongodb(url) => f.write_str(&without_credentials(url)),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address without user, password and parameters, which may hold secrets too.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("mongodb", url));
    let rest = rest.split_once('?').map_or(rest, |(place, _)| place);
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

fn postgresql() -> StoreError {
    StoreError::refused(
        "the database address (DATABASE_URL) is a PostgreSQL one: WealthOS keeps documents, with versions and an event \
         feed in the same transaction, in MongoDB or in embedded SQLite files, and has no PostgreSQL engine: set it to \
         mongodb://host:27017/wealthos, or leave it out for the embedded store",
    )
}

fn unknown(scheme: &str) -> StoreError {
    let plain = scheme.len() <= 20
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+.-".contains(letter));
    let named = if plain {
        format!(" '{scheme}'")
    } else {
        String::new()
    };
    StoreError::refused(format!(
        "the database address (DATABASE_URL) has an unknown scheme{named}: it must begin with mongodb://, \
         mongodb+srv:// or sqlite:, or be left out for the embedded store"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StoreUrl, StoreError> {
        StoreUrl::parse(Some(text), Path::new("data"))
    }

    #[test]
    fn nothing_is_the_embedded_store_in_the_data_directory() {
        let expected = StoreUrl::Directory("data".into());
        assert_eq!(StoreUrl::parse(None, Path::new("data")).unwrap(), expected);
        assert_eq!(parse("  ").unwrap(), expected);
        assert_eq!(parse("sqlite:").unwrap(), expected);
        assert_eq!(expected.file_of("auth"), Some("data/auth.sqlite3".into()));
    }

    #[test]
    fn sqlite_takes_a_directory_or_a_file() {
        assert_eq!(
            parse("sqlite:./here").unwrap(),
            StoreUrl::Directory("./here".into())
        );
        assert_eq!(
            parse("sqlite:///var/lib/w").unwrap(),
            StoreUrl::Directory("/var/lib/w".into())
        );
        let file = parse("SQLITE:///var/lib/auth.sqlite3").unwrap();
        assert_eq!(file.file_of("auth"), Some("/var/lib/auth.sqlite3".into()));
        assert!(parse("sqlite::memory:").is_err());
        assert!(parse("sqlite:a.db?mode=ro").is_err());
    }

    #[test]
    fn a_mongodb_address_is_kept_and_shown_without_its_secrets() {
        let text = "mongodb+srv://ann:p%40ss@cluster.example.net/wealthos?authMechanismProperties=x:y";
        let url = parse(text).unwrap();
        assert_eq!(url, StoreUrl::Mongodb(text.into()));
        assert_eq!(
            format!("{url} {url:?}")
                .matches("mongodb+srv://cluster.example.net/wealthos")
                .count(),
            2
        );
        assert!(!format!("{url}{url:?}").contains("p%40ss"));
        assert!(parse("mongodb:").is_err());
    }

    #[test]
    fn every_other_engine_is_refused_without_repeating_the_address() {
        for text in [
            "postgresql://u:hunter2@h/db",
            "postgres://u:hunter2@h/db",
            "postgresql+asyncpg://u:hunter2@h/db",
            "mysql://u:hunter2@h/db",
            "hunter2",
            "hunter2@host:5432",
        ] {
            let line = parse(text).unwrap_err().to_string();
            assert!(!line.contains("hunter2") && !line.contains('\n'), "{line}");
            assert!(line.contains("mongodb://") && line.contains("embedded"), "{line}");
        }
        let why = parse("postgresql://u:hunter2@h/db").unwrap_err().to_string();
        assert!(why.contains("PostgreSQL"), "{why}");
    }
}

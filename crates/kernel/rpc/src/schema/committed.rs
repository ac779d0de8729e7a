//! The committed file of a contract, and the test that keeps it true.
//!
//! ```no_run
//! # fn contract() -> rpc::schema::GroupContract { rpc::schema::GroupContract::new("auth", 1) }
//! let file = concat!(env!("CARGO_MANIFEST_DIR"), "/contract.json");
//! rpc::schema::committed::check(file, &contract()).unwrap_or_else(|error| panic!("{error}"));
//! ```
//!
//! A contract may grow: clients that were built with the committed file must keep working with servers that are built
//! from the code. The other way round, newer clients with older servers, is not asked for: servers are replaced first.
//! What breaks older clients is refused until the contract's version is raised, so that nobody does it unawares.

use super::{Breach, GroupContract, compatible};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The variable of the environment that lets [`check`] write.
pub const UPDATE: &str = "UPDATE_CONTRACTS";

/// What is wrong with the committed file of a contract. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommittedError {
    /// The code and the file differ in a way that older clients do not notice, or the version says that they will.
    #[error(
        "{} is not the contract that the code makes: run the test once with {UPDATE}=1 and look at the difference",
        .file.display()
    )]
    Differs {
        /// The file.
        file: PathBuf,
    },
    /// Clients that were built with the file would not understand a server that is built from the code.
    #[error(
        "the change breaks clients that were built with version {version} of {}:\n{}\nmend it, or raise VERSION of the \
         contract and run the test once with {UPDATE}=1",
        .file.display(), lines(.breaches)
    )]
    Breaks {
        /// The file.
        file: PathBuf,
        /// The version that the file and the code both have.
        version: u32,
        /// What breaks, method by method.
        breaches: Vec<Breach>,
    },
    /// The code's version is lower than the file's.
    #[error(
        "the code makes version {code} of the contract and {} has version {committed}: a version is never taken back",
        .file.display()
    )]
    Older {
        /// The file.
        file: PathBuf,
        /// The version in the code.
        code: u32,
        /// The version in the file.
        committed: u32,
    },
    /// The code makes no sound document.
    #[error("the contract cannot be described:\n{}", .problems.join("\n"))]
    Unsound {
        /// What is wrong, and what to do.
        problems: Vec<String>,
    },
    /// The file is there and is no contract.
    #[error("{} is no contract: take back what was done to it, or delete it and run the test with {UPDATE}=1", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file could not be read or written.
    #[error("{} could not be read or written: {source}", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn lines(breaches: &[Breach]) -> String {
    let lines: Vec<String> = breaches.iter().map(|breach| format!("- {breach}")).collect();
    lines.join("\n")
}

/// Whether the committed file is the contract that the code makes. With `UPDATE_CONTRACTS` set it writes the file
/// instead of complaining, unless that would break older clients and the version was not raised.
pub fn check(file: impl AsRef<Path>, contract: &GroupContract) -> Result<(), CommittedError> {
    check_or_update(file, contract, std::env::var_os(UPDATE).is_some())
}

/// The same, told whether it may write.
pub fn check_or_update(
    file: impl AsRef<Path>,
    contract: &GroupContract,
    update: bool,
) -> Result<(), CommittedError> {
    let file = file.as_ref();
    let problems = contract.problems();
    if !problems.is_empty() {
        return Err(CommittedError::Unsound { problems });
    }
    let text = contract.to_json();
    if let Some(committed) = read(file)? {
        if committed == text {
            return Ok(());
        }
        keeps_its_word(file, &committed, contract)?;
    }
    if !update {
        return Err(CommittedError::Differs {
            file: file.to_owned(),
        });
    }
    fs::write(file, text).map_err(|source| CommittedError::Io {
        file: file.to_owned(),
        source,
    })
}

fn read(file: &Path) -> Result<Option<String>, CommittedError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CommittedError::Io {
            file: file.to_owned(),
            source,
        }),
    }
}

fn keeps_its_word(file: &Path, committed: &str, contract: &GroupContract) -> Result<(), CommittedError> {
    let file = file.to_owned();
    let committed: GroupContract = match serde_json::from_str(committed) {
        Ok(committed) => committed,
        Err(source) => return Err(CommittedError::Unreadable { file, source }),
    };
    if contract.version < committed.version {
        return Err(CommittedError::Older {
            file,
            code: contract.version,
            committed: committed.version,
        });
    }
    let breaches = compatible(&committed, contract);
    if breaches.is_empty() || contract.version > committed.version {
        return Ok(());
    }
    Err(CommittedError::Breaks {
        file,
        version: committed.version,
        breaches,
    })
}

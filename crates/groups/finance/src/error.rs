use advisory_contract::AdvisoryError;
use auth_contract::AuthError;
use chrono::NaiveDate;
use finance_contract::FinanceError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What can go wrong inside the finance group.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    /// No such user, or one who is none of the caller's business.
    #[error("there is no such user")]
    UserNotFound,
    /// No such account, or somebody else's.
    #[error("there is no such account")]
    AccountNotFound,
    /// No such transaction, or somebody else's.
    #[error("there is no such transaction")]
    TransactionNotFound,
    /// No such import, or on somebody else's account.
    #[error("there is no such import")]
    ImportNotFound,
    /// No such mapping, or somebody else's.
    #[error("there is no such mapping")]
    MappingNotFound,
    /// No such attachment, or of somebody else's transaction, or it lies elsewhere.
    #[error("there is no such attachment")]
    AttachmentNotFound,
    /// A file that is too large to be kept.
    #[error("the file may have at most 10485760 bytes")]
    AttachmentTooLarge,
    /// The caller has a mapping of this name.
    #[error("there is a mapping of this name: change that one, or choose another name")]
    MappingNameTaken,
    /// No such thing of another kind, or somebody else's.
    #[error("there is no such {what}")]
    Missing {
        /// What kind it would be.
        what: &'static str,
    },
    /// `If-Match` names a version that is gone.
    #[error("it was changed in the meantime: read it again and repeat the change")]
    PreconditionFailed,
    /// The `version` in the body is gone.
    #[error("it was changed in the meantime: read it again and repeat the change")]
    StaleVersion,
    /// It contradicts what there is.
    #[error("{reason}")]
    Standing {
        /// The machine-readable code.
        code: &'static str,
        /// What contradicts it and what to do.
        reason: &'static str,
    },
    /// An account with postings cannot go: its history would go with it.
    #[error("this account has transactions: it cannot be deleted")]
    AccountInUse,
    /// The day of an entry lies in a period that was closed.
    #[error("the books are closed through {through}: choose a later date, or have the period opened again")]
    PeriodClosed {
        /// The last day that is closed.
        through: NaiveDate,
    },
    /// An account of the chart that takes nothing any more.
    #[error("the account {account} is closed: choose another, or open it again")]
    LedgerAccountClosed {
        /// Which.
        account: String,
    },
    /// An entry can be taken back once.
    #[error("this entry was reversed already")]
    AlreadyReversed,
    /// What takes another entry back is not taken back itself.
    #[error("this entry reverses another one: post the other one again instead")]
    IsReversal,
    /// The chart has this account already.
    #[error("the chart has this account already: change that one")]
    LedgerAccountExists,
    /// Another account of the chart has this code.
    #[error("another account of this book has this code: choose another")]
    LedgerCodeTaken,
    /// No such account in the chart.
    #[error("there is no such account in the chart")]
    LedgerAccountNotFound,
    /// A command that can be read but not carried out.
    #[error("{reason}")]
    Refused {
        /// Which field it hangs on.
        field: &'static str,
        /// What to do instead.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Any call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The auth group.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The advisory group.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
}

impl Error {
    /// One wrong field.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        CallError::invalid(field, message).into()
    }

    /// The same, with its fields below another one.
    pub(crate) fn below(self, parent: &str) -> Self {
        match self {
            Error::Call(CallError::Invalid { details }) => {
                let details = details
                    .into_iter()
                    .map(|detail| FieldError::new(format!("{parent}.{}", detail.field), detail.message));
                let details = details.collect();
                Error::Call(CallError::Invalid { details })
            }
            other => other,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Error::UserNotFound
            | Error::AccountNotFound
            | Error::TransactionNotFound
            | Error::ImportNotFound
            | Error::MappingNotFound
            | Error::AttachmentNotFound
            | Error::Missing { .. }
            | Error::LedgerAccountNotFound => ErrorKind::NotFound,
            Error::PreconditionFailed => ErrorKind::PreconditionFailed,
            Error::StaleVersion
            | Error::AccountInUse
            | Error::MappingNameTaken
            | Error::Standing { .. }
            | Error::AlreadyReversed
            | Error::IsReversal
            | Error::LedgerAccountExists
            | Error::LedgerCodeTaken
            | Error::PeriodClosed { .. }
            | Error::LedgerAccountClosed { .. } => ErrorKind::Conflict,
            Error::Refused { .. } => ErrorKind::Malformed,
            Error::AttachmentTooLarge => ErrorKind::TooLarge,
            other => other.inner().map_or(ErrorKind::Internal, Fault::kind),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            Error::StaleVersion => Cow::Borrowed("version_conflict"),
            Error::AccountInUse => Cow::Borrowed("account_in_use"),
            Error::MappingNameTaken => Cow::Borrowed("name_taken"),
            Error::Standing { code, .. } => Cow::Borrowed(code),
            Error::AlreadyReversed => Cow::Borrowed("already_reversed"),
            Error::IsReversal => Cow::Borrowed("is_reversal"),
            Error::LedgerAccountExists => Cow::Borrowed("ledger_account_exists"),
            Error::LedgerCodeTaken => Cow::Borrowed("ledger_code_taken"),
            Error::PeriodClosed { .. } => Cow::Borrowed("period_closed"),
            Error::LedgerAccountClosed { .. } => Cow::Borrowed("ledger_account_closed"),
            Error::Refused { .. } => Cow::Borrowed("transaction_refused"),
            other => other
                .inner()
                .map_or(Cow::Borrowed(self.kind().code()), Fault::code),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Error::StaleVersion => vec![FieldError::new("version", self.to_string())],
            Error::Refused { field, reason } => vec![FieldError::new(*field, reason)],
            Error::LedgerCodeTaken => vec![FieldError::new("code", self.to_string())],
            Error::LedgerAccountExists => vec![FieldError::new("name", self.to_string())],
            Error::PeriodClosed { .. } => vec![FieldError::new("date", self.to_string())],
            Error::LedgerAccountClosed { .. } => vec![FieldError::new("account", self.to_string())],
            other => other.inner().map(Fault::details).unwrap_or_default(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Error::Store(error) => Some(error),
            Error::Call(error) => Some(error),
            Error::Auth(error) => Some(error),
            Error::Advisory(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for FinanceError {
    fn from(error: Error) -> Self {
        match error {
            Error::AccountNotFound => FinanceError::AccountNotFound,
            Error::UserNotFound => FinanceError::UserNotFound,
            Error::Refused { field, reason } => FinanceError::Refused {
                field: field.to_owned(),
                reason,
            },
            Error::PeriodClosed { .. } => FinanceError::Conflict {
                code: error.code().into_owned(),
                field: "date".to_owned(),
                reason: error.to_string(),
            },
            Error::AlreadyReversed | Error::IsReversal => FinanceError::Conflict {
                code: error.code().into_owned(),
                field: "replaces".to_owned(),
                reason: error.to_string(),
            },
            Error::TransactionNotFound => FinanceError::Refused {
                field: "replaces".to_owned(),
                reason: error.to_string(),
            },
            Error::LedgerAccountClosed { .. } => FinanceError::Conflict {
                code: error.code().into_owned(),
                field: "category".to_owned(),
                reason: error.to_string(),
            },
            Error::Store(error) => FinanceError::Call { call: error.into() },
            Error::Call(call) => FinanceError::Call { call },
            Error::Auth(AuthError::Call { call }) | Error::Advisory(AdvisoryError::Call { call }) => {
                FinanceError::Call { call }
            }
            other => FinanceError::Call {
                call: CallError::internal(other),
            },
        }
    }
}

use kernel::{CallError, Fault};
use serde::{Serialize, de::DeserializeOwned};

/// What may stand in a contract's arguments and answers: owned data that can cross the wire and come back whole.
///
/// ```compile_fail,E0277
/// struct Note; // neither Serialize nor Deserialize
///
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     #[rpc(read)]
///     async fn read(&self, cx: &kernel::CallContext) -> Result<Note, kernel::CallError>;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a contract: it cannot cross the wire",
    label = "needs `Serialize` and `Deserialize`, and must be owned and `Send`",
    note = "write #[derive(serde::Serialize, serde::Deserialize)] above the type"
)]
pub trait Wire: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Wire for T {}

/// What a contract's methods may fail with: it has a place for what goes wrong with any call
/// (`From<kernel::CallError>`), knows what the outside may see of it ([`Fault`]), and crosses the wire whole.
///
/// ```
/// # use kernel::{CallError, ErrorKind, Fault};
/// #[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize)]
/// enum NoteError {
///     #[error("there is no such note")]
///     NotFound,
///     #[error(transparent)]
///     Call(#[from] CallError),
/// }
///
/// impl Fault for NoteError {
///     fn kind(&self) -> ErrorKind {
///         match self {
///             NoteError::NotFound => ErrorKind::NotFound,
///             NoteError::Call(error) => error.kind(),
///         }
///     }
/// }
///
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     #[rpc(read)]
///     async fn read(&self, cx: &kernel::CallContext) -> Result<String, NoteError>;
/// }
/// ```
///
/// Without a place for [`CallError`] the contract does not compile:
///
/// ```compile_fail,E0277
/// #[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize)]
/// #[error("there is no such note")]
/// struct NotFound;
///
/// impl kernel::Fault for NotFound {
///     fn kind(&self) -> kernel::ErrorKind {
///         kernel::ErrorKind::NotFound
///     }
/// }
///
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     #[rpc(read)]
///     async fn read(&self, cx: &kernel::CallContext) -> Result<String, NotFound>;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a contract",
    label = "needs `From<kernel::CallError>`, `kernel::Fault`, `Serialize` and `Deserialize`",
    note = "give it a variant `#[error(transparent)] Call(#[from] kernel::CallError)`, implement `kernel::Fault`, \
            and derive `serde::Serialize` and `serde::Deserialize`"
)]
pub trait ContractError: From<CallError> + Fault + Wire {}

impl<E: From<CallError> + Fault + Wire> ContractError for E {}

/// The check that `#[rpc::service]` makes of every argument and answer: derive `Serialize` and `Deserialize` for it.
pub const fn wire<T: Wire>() {}

/// The check that `#[rpc::service]` makes of every error: it needs `From<kernel::CallError>`, `kernel::Fault`,
/// `Serialize` and `Deserialize`.
pub const fn contract_error<E: ContractError>() {}

use kernel::{CallError, Fault};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// What may stand in a contract's arguments and answers: owned data that can cross the wire and come back whole, and
/// can say what it looks like there.
///
/// ```compile_fail,E0277
/// struct Note; // neither Serialize nor Deserialize nor ToSchema
///
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     #[rpc(read)]
///     async fn read(&self, cx: &kernel::CallContext) -> Result<Note, kernel::CallError>;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a contract: it cannot cross the wire",
    label = "needs `Serialize`, `Deserialize` and `ToSchema`, and must be owned and `Send`",
    note = "write #[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)] above the type"
)]
pub trait Wire: Serialize + DeserializeOwned + ToSchema + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + ToSchema + Send + 'static> Wire for T {}

/// What a contract's methods may fail with: it has a place for what goes wrong with any call
/// (`From<kernel::CallError>`), knows what the outside may see of it ([`Fault`]), and crosses the wire whole.
///
/// ```
/// # use kernel::{CallError, ErrorKind, Fault};
/// #[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
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
/// #[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
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
    label = "needs `From<kernel::CallError>`, `kernel::Fault`, `Serialize`, `Deserialize` and `ToSchema`",
    note = "give it a variant `#[error(transparent)] Call(#[from] kernel::CallError)`, implement `kernel::Fault`, \
            and derive `serde::Serialize`, `serde::Deserialize` and `utoipa::ToSchema`"
)]
pub trait ContractError: From<CallError> + Fault + Wire {}

#[diagnostic::do_not_recommend]
impl<E: From<CallError> + Fault + Wire> ContractError for E {}

/// The check that `#[rpc::service]` makes of every argument and answer: derive `Serialize`, `Deserialize` and
/// `ToSchema` for it.
pub const fn wire<T: Wire>() {}

/// The check that `#[rpc::service]` makes of every error: it needs `From<kernel::CallError>`, `kernel::Fault`,
/// `Serialize`, `Deserialize` and `ToSchema`.
pub const fn contract_error<E: ContractError>() {}

//! The ground floor: ids, clock, money, call context, principal, scope, error kinds, paging and the event
//! envelope. Every room knows these words; nothing here does IO or knows a domain.

mod amount;
mod clock;
mod command;
mod context;
pub mod csv;
mod date;
mod error;
mod event;
mod group;
mod idempotency;
mod ids;
mod money;
mod money_format;
mod paging;
mod principal;
mod repeated_member;
mod sources;
mod tasks;
mod text;
mod trace;

pub use amount::{Amount, AmountError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use command::{Command, CommandOutcome};
pub use context::{CallContext, Deadline, MAX_DEPTH};
pub use date::CalendarDate;
pub use error::{CallError, Cause, ErrorBody, ErrorKind, Fault, FieldError};
pub use event::{Actor, AuditRecord, EventEnvelope, NewEvent};
pub use group::{GroupInfo, ModuleInfo, RateClass};
pub use idempotency::{IdempotencyKey, RequestHash};
pub use ids::{AdvisorId, ClientId, EventId, RequestId, SessionId, TenantId, UserId};
pub use money::{Currency, Money, MoneyError};
pub use paging::{MAX_PAGE, Page, PageRequest};
pub use principal::{Impersonator, Principal, Role, Scope, UserPrincipal};
pub use repeated_member::repeated_member;
pub use sources::{Entropy, FixedEntropy, IdSource, Sources, SystemEntropy};
pub use tasks::Tasks;
pub use text::{Email, Text, fold};
pub use trace::TraceContext;

#[doc(hidden)]
pub mod macro_support {
    pub use serde;
    pub use utoipa;
    pub use uuid;

    /// The schema of every typed id: a UUID in a string.
    pub fn uuid_schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::Uuid,
            )))
            .into()
    }
}

//! What the advisory group promises to the other groups: whose client a user is, and what may be done for a client.

mod book;
mod compliance;
mod contact;
mod contract;
mod error;
mod info;

pub use book::{
    Book, BookClient, BookStub, CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, CLIENT_UPDATED,
    ClientChanged, ClientLink,
};
pub use compliance::{
    CheckOutcome, Compliance, ComplianceClient, ComplianceStub, HoldReason, KYC_CHANGED, KYC_EXPIRING,
    ORDER_HELD, ORDER_RELEASED, OrderDecided, OrderSide, OrderToCheck, OrderVerdict, ProductRisk,
};
pub use contact::{
    ADDRESS_RELEASED, ADDRESS_SUPPRESSED, MEETING_CANCELLED, MEETING_CHANGED, MEETING_COMPLETED,
    MEETING_DELETED, MEETING_SCHEDULED, MESSAGE_APPROVED, MESSAGE_CANCELLED, MESSAGE_CHANGED,
    MESSAGE_DRAFTED, MESSAGE_FAILED, MESSAGE_SENDING, MESSAGE_SENT, MeetingChanged, MessageChanged,
    TASK_CHANGED, TASK_CREATED, TASK_DELETED, TASK_DONE, TaskChanged,
};
pub use contract::{VERSION, contract};
pub use error::AdvisoryError;
pub use info::INFO;

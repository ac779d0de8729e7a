use crate::AdvisoryError;
use kernel::{AdvisorId, CallContext, ClientId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A client came into an advisor's book.
pub const CLIENT_CREATED: &str = "client.created";
/// A client's data changed.
pub const CLIENT_UPDATED: &str = "client.updated";
/// A client moved to another advisor's book, or came back into one: other groups stamp their documents anew.
pub const CLIENT_REASSIGNED: &str = "client.reassigned";
/// A client left the book: the advisor no longer sees the user's data.
pub const CLIENT_DELETED: &str = "client.deleted";

/// What `client.*` events carry: no personal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientChanged {
    /// Which client.
    pub client_id: ClientId,
    /// Who the client is as a user.
    pub user_id: UserId,
    /// In whose book.
    pub advisor_id: AdvisorId,
}

/// That a user is the client of an advisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientLink {
    /// The relationship.
    pub client_id: ClientId,
    /// The user.
    pub user_id: UserId,
    /// The advisor.
    pub advisor_id: AdvisorId,
}

/// Who is in whose book.
#[rpc::service(name = "advisory.book")]
pub trait Book {
    /// The active relationship through which the caller may act for this user: the caller's own when they are an
    /// advisor, any of the firm's for overseers and services, the user's own for the user. `ClientNotFound` when
    /// there is none: unknown and somebody else's are the same answer.
    #[rpc(read)]
    async fn link(&self, cx: &CallContext, user: UserId) -> Result<ClientLink, AdvisoryError>;

    /// The same for a client's id.
    #[rpc(read)]
    async fn client(&self, cx: &CallContext, client: ClientId) -> Result<ClientLink, AdvisoryError>;
}

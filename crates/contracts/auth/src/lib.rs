//! What the auth group promises to the other groups: who a user is, and which sessions are no longer good, and which
//! keys prove tokens.

mod contract;
mod error;
mod info;
mod revocations;
mod token_keys;
mod users;

pub use contract::{VERSION, contract};
pub use error::AuthError;
pub use info::INFO;
pub use revocations::{
    LeastRoleVersion, ROLE_CHANGED, RevocationSnapshot, Revocations, RevocationsClient, RevocationsStub,
    RevokedSession, RoleChanged, SESSION_REVOKED, SessionRevoked,
};
pub use token_keys::{PublicTokenKey, TokenKeyring, TokenKeyringClient, TokenKeyringStub};
pub use users::{
    NewInvitedUser, USER_DELETED, USER_REGISTERED, USER_UPDATED, UserChanged, UserStatus, UserSummary, Users,
    UsersClient, UsersStub,
};

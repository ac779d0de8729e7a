//! The seam between groups: one trait is the contract, and everything that carries a call is made from it.
//!
//! [`service`] turns a trait into the client that callers hold, the list of its methods and a stub for tests. A client
//! leads nowhere until it is bound ([`Handle`]); in process a call is a plain method call with a deadline, a depth
//! limit and metrics around it. Reads are cancelled by dropping them, effects run to their end on the process's
//! [`kernel::Tasks`].
//!
//! Bound to a [`Remote`], the same client asks another process over HTTP, where a [`Dispatch`] made from the same trait
//! answers. The caller cannot tell.

mod address;
mod bound;
mod call;
mod causes;
mod client;
mod contract;
mod dispatch;
mod endpoint_probe;
mod endpoints;
mod handle;
mod info;
mod lines;
mod metrics;
mod place;
mod remote;
pub mod schema;
mod seam;
mod serve;
mod stream;

pub use address::{AddressError, parse_address};
pub use async_trait::async_trait;
pub use client::Client;
pub use contract::{ContractError, Wire};
pub use dispatch::{Dispatch, IncomingCall, Reply};
pub use endpoint_probe::{Condition, Probe, ReadyProbe};
pub use endpoints::{Endpoint, EndpointError, EndpointMetrics, Endpoints};
pub use info::{MethodInfo, Mode};
pub use metrics::{Location, Outcome};
pub use place::{place_of, place_of_bytes};
pub use remote::{BreakerPolicy, ClientFactory, Remote, RemoteParts, RemotePolicy, TokenSource};
/// What breaks a rule of contracts does not compile:
///
/// ```compile_fail
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     /// An effect carries an idempotency key.
///     #[rpc(effect)]
///     async fn write(&self, cx: &kernel::CallContext, text: String) -> Result<u32, kernel::CallError>;
/// }
/// ```
///
/// With its key it does:
///
/// ```
/// #[rpc::service(name = "desk.notes")]
/// trait Notes {
///     /// An effect carries an idempotency key.
///     #[rpc(effect)]
///     async fn write(&self, cx: &kernel::CallContext, key: kernel::IdempotencyKey, text: String) -> Result<u32, kernel::CallError>;
/// }
/// # fn main() {}
/// ```
pub use rpc_macros::service;
pub use seam::Seam;
pub use stream::ItemStream;

#[doc(hidden)]
pub mod macro_support {
    pub use crate::{
        bound::Leads,
        call::{Answer, Call},
        contract::{contract_error, wire},
        handle::Handle,
        serve::{arguments, key, not_offered, reply, stream_reply},
    };
    pub use kernel::{CallContext, CallError};
    pub use serde;
}

pub use handle::Handle;

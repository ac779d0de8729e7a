//! Answers that have no end of their own: server-sent events and WebSockets. They end when the process stops, telling the
//! client to come back, and when the log-in that opened them is taken back.

mod socket;
mod sse;

pub use socket::{Talk, socket};
pub use sse::{SseEvent, sse};

use crate::{
    Failure,
    state::{Identity, RequestState, Shared},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{CallContext, Principal, UserPrincipal};
use std::{
    future::{Ready, ready},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// How often it is looked whether the log-in still counts, and a sign of life is sent.
const LOOK: Duration = Duration::from_secs(5);

/// What an answer without an end needs of the process that gives it.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
    client: Option<IpAddr>,
}

impl Live {
    /// The context of one more call in this user's name.
    pub fn context(&self, user: &UserPrincipal) -> CallContext {
        let id = self.shared.sources.ids().next();
        CallContext::at_edge(Principal::User(user.clone()), id, None)
    }

    /// Counts a transaction as a request for one would be counted.
    pub fn count_transaction(&self, user: &UserPrincipal) -> Result<(), Failure> {
        let identity = Identity::User(user.clone());
        let class = kernel::RateClass::Transaction;
        match self.shared.edge.count(class, &identity, self.client) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Whether the log-in was taken back.
    pub fn is_revoked(&self, user: &UserPrincipal) -> bool {
        self.shared.verifier.revocations().is_revoked(user)
    }

    fn leaving(&self) -> WaitForCancellationFutureOwned {
        self.shared.traffic.leaving()
    }
}

impl FromRequest for Live {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(RequestState::with(request, |state| {
            Ok(Self {
                shared: state.shared.clone(),
                client: state.origin.client,
            })
        }))
    }
}

use crate::{CallError, IdSource, Principal, RequestId, Scope, TenantId, TraceContext};
use std::time::Duration;
use tokio::time::Instant;

/// How many calls may stand on each other before the chain is refused as a loop.
pub const MAX_DEPTH: u8 = 8;

/// The moment at which nobody waits for the answer any more. Monotonic, so that a clock jump changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// What a request at the edge is given.
    pub const DEFAULT: Duration = Duration::from_secs(10);

    /// A deadline `span` from now.
    pub fn within(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// The time that is left; zero when it is over.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The instant itself, for `timeout_at`.
    pub fn instant(&self) -> Instant {
        self.0
    }

    /// The deadline of the next hop: 20 ms less, so that the caller still has time to answer.
    pub fn for_next_hop(&self) -> Self {
        Self(self.0.checked_sub(Duration::from_millis(20)).unwrap_or(self.0))
    }
}

/// What travels with every call over the seam: who asks, until when, as part of what.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// Who asks.
    pub principal: Principal,
    /// The request at the edge that caused this call.
    pub request_id: RequestId,
    /// The trace that it belongs to, when there is one.
    pub trace: Option<TraceContext>,
    /// When the caller stops waiting.
    pub deadline: Deadline,
    /// How many calls stand below this one.
    pub depth: u8,
}

impl CallContext {
    /// The context of a request at the edge.
    pub fn at_edge(principal: Principal, request_id: RequestId, trace: Option<TraceContext>) -> Self {
        Self {
            principal,
            request_id,
            trace,
            deadline: Deadline::within(Deadline::DEFAULT),
            depth: 0,
        }
    }

    /// The context of a group that acts for itself: a consumer of events, a job, a command of the operator.
    pub fn system(group: &str, tenant: TenantId, ids: &IdSource) -> Self {
        Self::at_edge(
            Principal::System {
                group: group.to_owned(),
                tenant,
            },
            ids.next(),
            None,
        )
    }

    /// The same context with another deadline.
    pub fn with_deadline(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }

    /// The context for a call that this one makes.
    pub fn deeper(&self) -> Result<Self, CallError> {
        if self.depth >= MAX_DEPTH {
            return Err(CallError::TooDeep);
        }
        let mut next = self.clone();
        next.depth += 1;
        next.deadline = self.deadline.for_next_hop();
        Ok(next)
    }

    /// Which documents the caller may see. Anonymous callers are refused.
    pub fn scope(&self) -> Result<Scope, CallError> {
        Scope::of(&self.principal)
    }

    /// The firm of the caller. Anonymous callers act in the default firm.
    pub fn tenant(&self) -> TenantId {
        match &self.principal {
            Principal::Anonymous => TenantId::DEFAULT,
            Principal::User(user) => user.tenant,
            Principal::System { tenant, .. } => *tenant,
        }
    }
}

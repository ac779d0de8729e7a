use crate::{Dispatch, Remote, Seam};
use std::sync::Arc;

/// What the clients of all contracts have in common: for whoever wires a process together without caring which
/// contract it is. [`macro@crate::service`] implements it.
pub trait Client: Clone + Send + Sync + 'static {
    /// The contract's trait, as in `dyn Clients`.
    type Service: ?Sized + Send + Sync + 'static;

    /// The name of the contract that this client calls.
    fn contract(&self) -> &str;

    /// The group that answers.
    fn group(&self) -> &str;

    /// From now on calls go to `service`, in this process.
    fn bind_local(&self, service: Arc<Self::Service>);

    /// From now on calls go to another process.
    fn bind_remote(&self, remote: Arc<Remote>);

    /// From now on the calls of `percent` of a hundred callers go to another process, all others to `service`.
    fn bind_split(&self, service: Arc<Self::Service>, remote: Arc<Remote>, percent: u8);

    /// From now on calls are refused.
    fn unbind(&self);

    /// Answers callers in other processes, under the name of the contract that this client calls, with `service`.
    fn dispatch(&self, seam: &Seam, service: Arc<Self::Service>) -> Arc<dyn Dispatch>;
}

use rpc::{Client, Dispatch, Remote, Seam};
use std::sync::Arc;

/// A handle on a contract, whichever it is: leads where it is told.
pub(crate) trait Switch: Send + Sync {
    /// The group that answers.
    fn group(&self) -> &str;

    /// From now on calls go to another process.
    fn lead_to(&self, remote: &Arc<Remote>);

    /// From now on calls are refused.
    fn let_go(&self);
}

impl<C: Client> Switch for C {
    fn group(&self) -> &str {
        Client::group(self)
    }

    fn lead_to(&self, remote: &Arc<Remote>) {
        self.bind_remote(remote.clone());
    }

    fn let_go(&self) {
        self.unbind();
    }
}

/// A contract that a group of this process answers: for callers here, when its handle leads here, and for callers in
/// other processes always.
pub(crate) trait Offer: Send + Sync {
    /// Calls of this process are answered here.
    fn answer_here(&self);

    /// Those of `percent` of a hundred callers are answered elsewhere.
    fn answer_here_but_for(&self, percent: u8, remote: &Arc<Remote>);

    /// Answers other processes.
    fn dispatch(&self, seam: &Seam) -> Arc<dyn Dispatch>;
}

struct Answered<C: Client> {
    client: C,
    service: Arc<C::Service>,
}

impl<C: Client> Offer for Answered<C> {
    fn answer_here(&self) {
        self.client.bind_local(self.service.clone());
    }

    fn answer_here_but_for(&self, percent: u8, remote: &Arc<Remote>) {
        self.client
            .bind_split(self.service.clone(), remote.clone(), percent);
    }

    fn dispatch(&self, seam: &Seam) -> Arc<dyn Dispatch> {
        self.client.dispatch(seam, self.service.clone())
    }
}

/// Offers what `service` does under the contract of `client`.
pub(crate) fn offer<C: Client>(client: &C, service: Arc<C::Service>) -> Arc<dyn Offer> {
    Arc::new(Answered {
        client: client.clone(),
        service,
    })
}

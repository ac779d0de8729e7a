use kernel::{CallError, Principal};

/// Where the proof comes from that this process may call a group, and for whom it does.
pub trait TokenSource: Send + Sync + 'static {
    /// A token that `group` accepts for a call on behalf of `principal`. Called for every attempt: keep what is still good.
    fn token(&self, group: &str, principal: &Principal) -> Result<String, CallError>;
}

impl<F> TokenSource for F
where
    F: Fn(&str, &Principal) -> Result<String, CallError> + Send + Sync + 'static,
{
    fn token(&self, group: &str, principal: &Principal) -> Result<String, CallError> {
        self(group, principal)
    }
}

use crate::models::Pong;
use kernel::Sources;
use thegroup_contract::INFO;

/// The rules of the group.
pub(crate) struct ThegroupService {
    sources: Sources,
}

impl ThegroupService {
    pub(crate) fn new(sources: Sources) -> Self {
        Self { sources }
    }

    /// That the group answers, and the time that it has.
    pub(crate) fn ping(&self) -> Pong {
        Pong {
            group: INFO.name.to_owned(),
            time: self.sources.now(),
        }
    }
}

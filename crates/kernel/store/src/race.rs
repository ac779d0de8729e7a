use crate::Store;
use kernel::{CallContext, Deadline};

/// How often a lost race is decided anew whatever the time: even a caller whose deadline is near gets a fair chance.
const AT_LEAST: u32 = 16;

/// Optimistic work that starts again when somebody else was faster. A lost race means that another commit stands, so
/// everybody together always gets on; the caller's deadline bounds how long one of them may be the unlucky one.
pub(crate) struct Races {
    lost: u32,
    deadline: Deadline,
}

impl Races {
    pub(crate) fn until_deadline_of(cx: &CallContext) -> Self {
        Self {
            lost: 0,
            deadline: cx.deadline,
        }
    }

    /// Counts a lost race, lets others run, and says whether there is time for another attempt.
    pub(crate) async fn another(&mut self) -> bool {
        self.lost = self.lost.saturating_add(1);
        tokio::task::yield_now().await;
        self.lost < AT_LEAST || !self.deadline.remaining().is_zero()
    }
}

impl Store {
    /// Work that reads, decides and commits: `attempt` is run again, on fresh reads, as long as it `lost` a race against
    /// another commit, until the deadline of `cx`; then the caller gets what it lost with. An attempt must read inside of
    /// itself whatever its commit depends on.
    pub async fn anew<A, E>(
        &self,
        cx: &CallContext,
        lost: impl Fn(&E) -> bool,
        attempt: impl AsyncFn() -> Result<A, E>,
    ) -> Result<A, E> {
        let mut races = Races::until_deadline_of(cx);
        loop {
            match attempt().await {
                Err(error) if lost(&error) && races.another().await => {}
                decided => return decided,
            }
        }
    }
}

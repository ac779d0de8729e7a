use std::{cell::RefCell, error::Error};
use tokio::runtime::{Handle, Id};

/// Makes an HTTP client: no redirects followed, a limit on connecting.
pub type ClientFactory = fn() -> Result<reqwest::Client, Box<dyn Error + Send + Sync>>;

struct Kept {
    factory: ClientFactory,
    runtime: Id,
    client: reqwest::Client,
}

thread_local! {
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// This thread's client from this factory: one that is shared across threads stalls behind the busy ones, and a
/// connection lives on the runtime on which it was made, so that another runtime on this thread gets its own.
pub(super) fn of_this_thread(
    factory: ClientFactory,
) -> Result<reqwest::Client, Box<dyn Error + Send + Sync>> {
    let runtime = Handle::current().id();
    KEPT.with_borrow_mut(|kept| {
        let position = kept
            .iter()
            .position(|one| std::ptr::fn_addr_eq(one.factory, factory));
        if let Some(one) = position.and_then(|position| kept.get(position))
            && one.runtime == runtime
        {
            return Ok(one.client.clone());
        }
        let client = factory()?;
        if let Some(position) = position {
            kept.swap_remove(position);
        }
        kept.push(Kept {
            factory,
            runtime,
            client: client.clone(),
        });
        Ok(client)
    })
}

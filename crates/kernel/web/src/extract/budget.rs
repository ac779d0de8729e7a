use crate::Failure;
use kernel::ErrorKind;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many bytes of bodies a process holds while they are being received: many clients that send slowly must not fill
/// its memory together.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    most: usize,
    held: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Account {
            most,
            held: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn nothing_yet(&self) -> Held {
        Held {
            account: self.0.clone(),
            bytes: 0,
        }
    }
}

/// What one request holds of it; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    account: Arc<Account>,
    bytes: usize,
}

impl Held {
    /// Takes more; refused when all clients together hold too much.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Failure> {
        let before = self.account.held.fetch_add(bytes, Ordering::AcqRel);
        self.bytes += bytes;
        if before.saturating_add(bytes) <= self.account.most {
            return Ok(());
        }
        Err(Failure::new(
            ErrorKind::Unavailable,
            "too much is being received at the moment: send it again soon",
        )
        .retry_after(1)
        .closing())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.account.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_held_again() {
        let budget = Budget::new(100);
        let mut one = budget.nothing_yet();
        one.add(60).unwrap();
        let mut other = budget.nothing_yet();
        other.add(40).unwrap();
        assert!(budget.nothing_yet().add(1).is_err());
        drop(one);
        other.add(60).unwrap();
        assert!(other.add(1).is_err());
        drop(other);
        budget.nothing_yet().add(100).unwrap();
    }
}

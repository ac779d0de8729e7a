use super::policy::RemotePolicy;
use parking_lot::Mutex;
use tokio::time::Instant;

/// One retry, in the unit of account: each call pays in `percent` of it.
const RETRY: u32 = 100;
/// How many retries can be saved up.
const SAVINGS: u32 = 100;

/// Keeps retries to a share of the calls, so that a target in trouble is not asked many times more than in good times.
/// A small reserve comes back with time, for those who seldom call.
pub(super) struct RetryBudget {
    percent: u32,
    reserve: u32,
    account: Mutex<Account>,
}

struct Account {
    balance: u32,
    reserve: u32,
    /// Since when the reserve grows.
    since: Instant,
}

impl RetryBudget {
    pub(super) fn new(policy: &RemotePolicy) -> Self {
        Self {
            percent: policy.retry_percent,
            reserve: policy.retry_reserve,
            account: Mutex::new(Account {
                balance: 0,
                reserve: policy.retry_reserve,
                since: Instant::now(),
            }),
        }
    }

    /// A call was begun.
    pub(super) fn deposit(&self) {
        let mut account = self.account.lock();
        account.balance = (account.balance + self.percent).min(SAVINGS * RETRY);
    }

    /// Whether there may be one more retry; then it is paid.
    pub(super) fn withdraw(&self, now: Instant) -> bool {
        let mut account = self.account.lock();
        if let Some(rest) = account.balance.checked_sub(RETRY) {
            account.balance = rest;
            return true;
        }
        account.refill(self.reserve, now);
        match account.reserve.checked_sub(1) {
            Some(rest) => {
                account.reserve = rest;
                true
            }
            None => false,
        }
    }
}

impl Account {
    fn refill(&mut self, limit: u32, now: Instant) {
        let grown = now.saturating_duration_since(self.since).as_secs();
        if grown > 0 {
            let grown = u32::try_from(grown).unwrap_or(u32::MAX);
            self.reserve = self.reserve.saturating_add(grown).min(limit);
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RetryBudget;
    use crate::RemotePolicy;
    use std::time::Duration;
    use tokio::time::Instant;

    fn spent(budget: &RetryBudget, now: Instant) -> usize {
        std::iter::repeat_with(|| budget.withdraw(now))
            .take_while(|allowed| *allowed)
            .count()
    }

    #[test]
    fn retries_are_a_share_of_the_calls_and_a_reserve() {
        let budget = RetryBudget::new(&RemotePolicy::default());
        let start = Instant::now();
        assert_eq!(spent(&budget, start), 10);
        for _ in 0..50 {
            budget.deposit();
        }
        assert_eq!(spent(&budget, start), 10);
        let later = start + Duration::from_secs(3);
        assert_eq!(spent(&budget, later), 3);
        assert_eq!(spent(&budget, later + Duration::from_secs(300)), 10);
    }

    #[test]
    fn a_long_good_time_is_not_saved_up_for_ever() {
        let budget = RetryBudget::new(&RemotePolicy::default());
        for _ in 0..100_000 {
            budget.deposit();
        }
        assert_eq!(spent(&budget, Instant::now()), 110);
    }
}

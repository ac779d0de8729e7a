use super::peer::mapped;
use crate::{
    Failure,
    state::{Identity, Shared},
};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::DefaultKeyedStateStore,
};
use kernel::{ErrorKind, RateClass};
use runtime::settings::LimitSettings;
use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

type Limiter = RateLimiter<u128, DefaultKeyedStateStore<u128>, DefaultClock, StateInformationMiddleware>;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// How many requests are accepted, per class of route. In memory and per process.
pub(super) struct Limits {
    classes: Option<Classes>,
}

struct Classes {
    read: Limiter,
    write: Limiter,
    credential: Limiter,
    transaction: Limiter,
}

/// How much is left, for the headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u32,
}

impl Limits {
    pub(super) fn new(settings: &LimitSettings) -> Self {
        let limiter = |class| {
            let number = NonZeroU32::new(settings.per_minute(class)).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_minute(number)).with_middleware()
        };
        Self {
            classes: settings.enabled.then(|| Classes {
                read: limiter(RateClass::Read),
                write: limiter(RateClass::Write),
                credential: limiter(RateClass::Credential),
                transaction: limiter(RateClass::Transaction),
            }),
        }
    }

    /// Counts a request. Reading and changing count per user, or per address while nobody is known; credentials and
    /// transactions always per address.
    pub(super) fn count(
        &self,
        class: RateClass,
        identity: &Identity,
        address: Option<IpAddr>,
    ) -> Result<Option<Allowance>, (Failure, Allowance)> {
        let Some(classes) = &self.classes else {
            return Ok(None);
        };
        let (limiter, by_user) = match class {
            RateClass::Read => (&classes.read, true),
            RateClass::Write => (&classes.write, true),
            RateClass::Credential => (&classes.credential, false),
            RateClass::Transaction => (&classes.transaction, false),
        };
        let key = match identity {
            Identity::User(user) if by_user => user.user.0.as_u128(),
            _ => address.map_or(0, household),
        };
        match limiter.check_key(&key) {
            Ok(state) => Ok(Some(Allowance::of(&state))),
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                let allowance = Allowance {
                    limit: refused.quota().burst_size().get(),
                    remaining: 0,
                };
                Err((too_many(wait), allowance))
            }
        }
    }

    /// Forgets whoever has been quiet long enough.
    fn forget(&self) {
        if let Some(classes) = &self.classes {
            for limiter in [
                &classes.read,
                &classes.write,
                &classes.credential,
                &classes.transaction,
            ] {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

impl Allowance {
    fn of(state: &StateSnapshot) -> Self {
        Self {
            limit: state.quota().burst_size().get(),
            remaining: state.remaining_burst_capacity(),
        }
    }

    pub(super) fn decorate(self, answer: &mut HeaderMap) {
        let used = u64::from(self.limit.saturating_sub(self.remaining));
        let reset = (used * 60).div_ceil(u64::from(self.limit.max(1)));
        answer.insert(LIMIT, HeaderValue::from(self.limit));
        answer.insert(REMAINING, HeaderValue::from(self.remaining));
        answer.insert(RESET, HeaderValue::from(reset));
    }
}

fn too_many(wait: Duration) -> Failure {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Failure::new(
        ErrorKind::TooManyRequests,
        "too many requests: try again after the time in Retry-After",
    )
    .retry_after(seconds.max(1))
}

/// One customer line: the address, or the /64 network of an IPv6 address, of which a customer has 2^64.
fn household(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(_) => mapped(address),
        IpAddr::V6(_) => mapped(address) & !u128::from(u64::MAX),
    }
}

/// Forgets quiet callers once a minute until the process stops.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    let stopping = shared.tasks.token();
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = minutes.tick() => shared.edge.limits.forget(),
        }
    }
}

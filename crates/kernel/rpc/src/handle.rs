use crate::{
    MethodInfo, Remote, Seam,
    bound::{Bound, RemoteContract},
    call::{Call, Recording},
    metrics::{Location, MethodMetrics},
};
use arc_swap::ArcSwapOption;
use kernel::{CallContext, CallError, MAX_DEPTH, Tasks};
use std::{fmt, sync::Arc};
use tokio::time::Instant;

/// The switch behind a client: nowhere at first, then wherever it was last bound to. Calls that have begun end where
/// they began.
pub struct Handle<S: ?Sized> {
    target: ArcSwapOption<Bound<S>>,
    group: Arc<str>,
    contract: Arc<str>,
    methods: Box<[MethodMetrics]>,
    seam: Seam,
    /// Whether the callers are in other processes: they have deepened the context already.
    served: bool,
}

impl<S: ?Sized> Handle<S> {
    /// A handle that leads nowhere yet. The group is what stands before the first dot of the contract's name.
    pub fn unbound(seam: &Seam, contract: &str, methods: &'static [MethodInfo]) -> Self {
        let contract: Arc<str> = Arc::from(contract);
        let group = contract.split('.').next().unwrap_or(&contract);
        Self {
            target: ArcSwapOption::empty(),
            group: Arc::from(group),
            methods: methods
                .iter()
                .map(|info| seam.metrics().method(&contract, info))
                .collect(),
            contract,
            seam: seam.clone(),
            served: false,
        }
    }

    /// A handle for callers in other processes: it leads to `service` and takes the context as it came.
    pub fn served(seam: &Seam, contract: &str, methods: &'static [MethodInfo], service: Arc<S>) -> Self {
        let mut handle = Self::unbound(seam, contract, methods);
        handle.served = true;
        handle.bind_local(service);
        handle
    }

    /// From now on calls go to `service`, in this process.
    pub fn bind_local(&self, service: Arc<S>) {
        self.target.store(Some(Arc::new(Bound::Local(service))));
    }

    /// From now on calls go to another process.
    pub fn bind_remote(&self, remote: Arc<Remote>) {
        let remote = self.at(remote);
        self.target.store(Some(Arc::new(Bound::Remote(remote))));
    }

    /// From now on calls of `percent` of the callers go to another process, those of all others to `service` in this
    /// one. Which way a caller goes is decided by who it is, so it stays the same from call to call.
    pub fn bind_split(&self, local: Arc<S>, remote: Arc<Remote>, percent: u8) {
        let remote = self.at(remote);
        self.target.store(Some(Arc::new(Bound::Split {
            local,
            remote,
            percent,
        })));
    }

    fn at(&self, remote: Arc<Remote>) -> Arc<RemoteContract> {
        let methods = self.methods.iter().map(MethodMetrics::info);
        Arc::new(RemoteContract::new(remote, self.contract.clone(), methods))
    }

    /// From now on calls are refused as `DependencyUnavailable`; also lets go of the service.
    pub fn unbind(&self) {
        self.target.store(None);
    }

    /// Whether calls lead anywhere.
    pub fn is_bound(&self) -> bool {
        self.target.load().is_some()
    }

    /// The name of the contract, as in `advisory.clients`.
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// The group that answers, as in `advisory`.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The process's tracked tasks.
    pub fn tasks(&self) -> &Tasks {
        self.seam.tasks()
    }

    /// Begins a call of the method with this index in the contract's list.
    pub fn begin(&self, method: usize, cx: &CallContext) -> Result<Call<'_, S>, CallError> {
        let started = Instant::now();
        let mut recording = Recording::new(&self.seam, &self.group, &self.methods[method], started);
        let begun = self.target(cx, started);
        match begun {
            Ok((target, cx)) => {
                let location = match self.served {
                    true => Location::Served,
                    false => target.location(&cx.principal),
                };
                recording.answered_at(location, &cx);
                Ok(Call {
                    target,
                    cx,
                    recording,
                })
            }
            Err(error) => Err(recording.refused(error)),
        }
    }

    fn target(&self, cx: &CallContext, now: Instant) -> Result<(Arc<Bound<S>>, CallContext), CallError> {
        let target = self
            .target
            .load_full()
            .ok_or_else(|| CallError::DependencyUnavailable {
                target: self.group.as_ref().to_owned(),
            })?;
        let cx = match self.served {
            true if cx.depth > MAX_DEPTH => return Err(CallError::TooDeep),
            true => cx.clone(),
            false => cx.deeper()?,
        };
        if cx.deadline.instant() <= now {
            return Err(CallError::Timeout {
                target: self.group.as_ref().to_owned(),
            });
        }
        Ok((target, cx))
    }
}

impl<S: ?Sized> fmt::Debug for Handle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("contract", &self.contract)
            .field("bound", &self.is_bound())
            .finish()
    }
}

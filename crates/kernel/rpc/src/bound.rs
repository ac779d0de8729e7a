use crate::{
    ContractError, ItemStream, MethodInfo, Remote, Wire,
    call::Answer,
    metrics::Location,
    place::place_of,
    remote::{Heard, Question},
};
use bytes::Bytes;
use kernel::{CallContext, CallError, IdempotencyKey, Principal};
use serde::Serialize;
use std::sync::Arc;

/// Where a client leads once it is bound.
pub enum Bound<S: ?Sized> {
    /// To an implementation in this process.
    Local(Arc<S>),
    /// To another process.
    Remote(Arc<RemoteContract>),
    /// To another process for some callers, to an implementation in this one for all others.
    Split {
        /// For all others.
        local: Arc<S>,
        /// For some.
        remote: Arc<RemoteContract>,
        /// How many of a hundred callers those are.
        percent: u8,
    },
}

/// Where one call leads.
pub enum Leads<'a, S: ?Sized> {
    /// To an implementation in this process.
    Local(&'a Arc<S>),
    /// To another process.
    Remote(&'a Arc<RemoteContract>),
}

impl<S: ?Sized> Bound<S> {
    /// Where the calls of this caller lead.
    pub fn leads(&self, principal: &Principal) -> Leads<'_, S> {
        match self {
            Bound::Local(service) => Leads::Local(service),
            Bound::Remote(remote) => Leads::Remote(remote),
            Bound::Split { remote, percent, .. } if place_of(principal) < *percent => Leads::Remote(remote),
            Bound::Split { local, .. } => Leads::Local(local),
        }
    }

    pub(crate) fn location(&self, principal: &Principal) -> Location {
        match self.leads(principal) {
            Leads::Local(_) => Location::Local,
            Leads::Remote(_) => Location::Remote,
        }
    }
}

/// One contract as another process answers it.
pub struct RemoteContract {
    remote: Arc<Remote>,
    contract: Arc<str>,
    methods: Box<[RemoteMethod]>,
}

struct RemoteMethod {
    info: &'static MethodInfo,
    path: Box<str>,
}

impl RemoteContract {
    pub(crate) fn new(
        remote: Arc<Remote>,
        contract: Arc<str>,
        methods: impl Iterator<Item = &'static MethodInfo>,
    ) -> Self {
        let base = match contract.split_once('.') {
            Some((group, part)) => format!("/rpc/{group}/{part}."),
            None => format!("/rpc/{contract}/"),
        };
        let methods = methods
            .map(|info| RemoteMethod {
                info,
                path: format!("{base}{}", info.name).into(),
            })
            .collect();
        Self {
            remote,
            contract,
            methods,
        }
    }

    /// Asks the other process; the answer and the typed error come back whole.
    pub fn ask<T: Wire, E: ContractError>(
        self: &Arc<Self>,
        method: usize,
        cx: CallContext,
        key: Option<IdempotencyKey>,
        arguments: &impl Serialize,
    ) -> Answer<'static, T, E> {
        let arguments = serde_json::to_vec(arguments);
        let this = self.clone();
        Box::pin(async move {
            let arguments = Bytes::from(arguments.map_err(CallError::internal)?);
            let question = this.question(method, &cx, key.as_ref(), arguments);
            match this.remote.hear(&question).await? {
                Heard::Answer(answer) => Ok(this.remote.decoded(&question, &answer)?),
                Heard::Error { error, .. } => Err(this.remote.decoded(&question, &error)?),
                Heard::Stream(_) => Err(this.remote.other_form(&question).into()),
            }
        })
    }

    /// Opens a stream in the other process.
    pub fn open<T: Wire, E: ContractError>(
        self: &Arc<Self>,
        method: usize,
        cx: CallContext,
        arguments: &impl Serialize,
    ) -> Answer<'static, ItemStream<T, E>, E> {
        let arguments = serde_json::to_vec(arguments);
        let this = self.clone();
        Box::pin(async move {
            let arguments = Bytes::from(arguments.map_err(CallError::internal)?);
            let question = this.question(method, &cx, None, arguments);
            match this.remote.hear(&question).await? {
                Heard::Stream(response) => Ok(this.remote.items(question.path, response)),
                Heard::Error { error, .. } => Err(this.remote.decoded(&question, &error)?),
                Heard::Answer(_) => Err(this.remote.other_form(&question).into()),
            }
        })
    }

    fn question<'a>(
        &'a self,
        method: usize,
        cx: &'a CallContext,
        key: Option<&'a IdempotencyKey>,
        arguments: Bytes,
    ) -> Question<'a> {
        let method = &self.methods[method];
        Question {
            contract: &self.contract,
            method: method.info,
            path: &method.path,
            cx,
            key,
            arguments,
        }
    }
}

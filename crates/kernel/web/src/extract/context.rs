use crate::{Failure, state::RequestState};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{CallContext, CallError, Principal, UserPrincipal};
use std::{
    future::{Ready, ready},
    ops::Deref,
};

/// The context of the call: request id, trace, deadline, and who asks — nobody, when no token was sent.
///
/// A token that is garbage, expired or revoked is 401, also here.
#[derive(Debug, Clone)]
pub struct Context(pub CallContext);

impl Deref for Context {
    type Target = CallContext;
    fn deref(&self) -> &CallContext {
        &self.0
    }
}

impl FromRequest for Context {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(RequestState::with(request, |state| state.context()).map(Self))
    }
}

/// The context of a call that proves its caller by its body, such as a refresh: nobody asks. A token in the header does
/// not matter, not even an expired one, which clients like to send along.
#[derive(Debug, Clone)]
pub struct Unproven(pub CallContext);

impl Deref for Unproven {
    type Target = CallContext;
    fn deref(&self) -> &CallContext {
        &self.0
    }
}

impl FromRequest for Unproven {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(RequestState::with(request, |state| {
            Ok(Self(state.context_of(Principal::Anonymous)))
        }))
    }
}

/// The context of a call by a user who is logged in; anybody else is 401.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The context of the call.
    pub context: CallContext,
    /// Who asks.
    pub user: UserPrincipal,
}

impl Deref for Caller {
    type Target = CallContext;
    fn deref(&self) -> &CallContext {
        &self.context
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(RequestState::with(request, |state| {
            let context = state.context()?;
            match &context.principal {
                Principal::User(user) => Ok(Self {
                    user: user.clone(),
                    context,
                }),
                _ => Err(CallError::Unauthenticated.into()),
            }
        }))
    }
}

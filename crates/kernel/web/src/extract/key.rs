use crate::{Failure, state::RequestState};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::IdempotencyKey;
use std::{
    future::{Ready, ready},
    ops::Deref,
};
use utoipa::IntoParams;

/// The `Idempotency-Key` of a request: sending the same twice makes one effect. Without one a fresh key is made, which
/// still protects the retries that happen behind the edge.
#[derive(Debug, Clone)]
pub struct Key {
    key: IdempotencyKey,
    given: bool,
}

impl Key {
    /// Whether the client sent it.
    pub fn was_given(&self) -> bool {
        self.given
    }

    /// The key.
    pub fn into_inner(self) -> IdempotencyKey {
        self.key
    }
}

impl Deref for Key {
    type Target = IdempotencyKey;
    fn deref(&self) -> &IdempotencyKey {
        &self.key
    }
}

/// Documents the header: `params(web::KeyParam)`.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyParam {
    /// Names the intention: the same key twice makes one effect. 1 to 200 printable ASCII characters.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 200,
        required = false
    )]
    pub idempotency_key: Option<String>,
}

impl FromRequest for Key {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get("idempotency-key") {
            // Bytes that are no text become an empty key, which is refused as such.
            Some(value) => IdempotencyKey::parse(value.to_str().unwrap_or_default())
                .map(|key| Self { key, given: true })
                .map_err(Failure::from),
            None => RequestState::with(request, |state| {
                Ok(Self {
                    key: IdempotencyKey::fresh(state.shared.sources.ids()),
                    given: false,
                })
            }),
        })
    }
}

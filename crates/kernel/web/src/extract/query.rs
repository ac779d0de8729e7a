use super::{
    fields::{from_pairs, require_utf8},
    transparent,
};
use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

/// The parameters after `?`. 422 naming the parameter for an unknown one, one sent twice, or a bad value; 400 when they
/// are not UTF-8. For lists take [`crate::List`], which knows `limit`, `cursor` and `count` too.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);
transparent!(Query);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.query_string();
        let value = require_utf8(text, "query")
            .and_then(|()| from_pairs(url::form_urlencoded::parse(text.as_bytes())));
        ready(value.map(Self))
    }
}

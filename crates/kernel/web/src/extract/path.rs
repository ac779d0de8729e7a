use super::transparent;
use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

/// The variable segments of the path: one value, or a tuple of them in order. A segment that cannot be read, such as
/// an id that is no UUID, is 404 with the same bytes as an unknown id.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);
transparent!(Path);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = actix_web::web::Path::<T>::extract(request).into_inner();
        ready(match read {
            Ok(value) => Ok(Self(value.into_inner())),
            Err(_) => Err(Failure::not_found()),
        })
    }
}

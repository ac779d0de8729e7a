use super::transparent;
use crate::{Failure, routes::StandIn, state::RequestState};
use actix_router::PathDeserializer;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
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
        ready(match read(request) {
            Ok(value) => Ok(Self(value)),
            Err(_) => Err(Failure::not_found()),
        })
    }
}

/// The variable segments under the names that the handler's own pattern gives them.
fn read<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, serde::de::value::Error> {
    let (matched, extensions) = (request.match_info(), request.extensions());
    let values = match extensions.get::<RequestState>() {
        Some(state) if !state.parameters.is_empty() => &state.parameters,
        _ => return T::deserialize(PathDeserializer::new(matched)),
    };
    let mut values = values.iter();
    let mut path = actix_router::Path::new("");
    for (name, value) in matched.iter() {
        let value = match value {
            StandIn::VALUE => values.next().map_or(value, String::as_str),
            fixed => fixed,
        };
        path.add_static(name.to_owned(), value.to_owned());
    }
    T::deserialize(PathDeserializer::new(&path))
}

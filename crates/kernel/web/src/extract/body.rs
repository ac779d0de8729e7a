use super::{
    bytes::{Bounds, read_all, require_announced_size, require_type},
    fields::from_json,
    transparent,
};
use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// A JSON body. 415 for another content type, 413 beyond `http.body_limit`, 408 when it does not arrive in time, 400 when
/// it is no JSON, 422 with the field for a wrong type, a missing or unknown field, or a bad value.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);
transparent!(Body);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check(request);
        let payload = payload.take();
        Box::pin(async move { Ok(Self(from_json(&read_all(payload, checked?).await?)?)) })
    }
}

fn check(request: &HttpRequest) -> Result<Bounds, Failure> {
    require_type(request, &["application/json"])?;
    let bounds = Bounds::ordinary(request)?;
    require_announced_size(request, &bounds)?;
    Ok(bounds)
}

use super::{
    bytes::{Bounds, read_all, require_announced_size, require_type},
    fields::{from_json, from_pairs, require_utf8},
    transparent,
};
use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use kernel::ErrorKind;
use serde::de::DeserializeOwned;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A body of `application/x-www-form-urlencoded`, as OAuth2 sends it. Refuses as [`crate::Body`] does.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);
transparent!(Form);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check(request, &[FORM]);
        let payload = payload.take();
        Box::pin(async move {
            let (_, bounds) = checked?;
            Ok(Self(from_form(&read_all(payload, bounds).await?)?))
        })
    }
}

/// A body that may be JSON or a form: the content type decides which it is.
#[derive(Debug, Clone)]
pub enum JsonOrForm<J, F> {
    /// It was `application/json`.
    Json(J),
    /// It was `application/x-www-form-urlencoded`.
    Form(F),
}

impl<J: DeserializeOwned + 'static, F: DeserializeOwned + 'static> FromRequest for JsonOrForm<J, F> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check(request, &[JSON, FORM]);
        let payload = payload.take();
        Box::pin(async move {
            let (media_type, bounds) = checked?;
            let bytes = read_all(payload, bounds).await?;
            if media_type == JSON {
                from_json(&bytes).map(Self::Json)
            } else {
                from_form(&bytes).map(Self::Form)
            }
        })
    }
}

fn check(request: &HttpRequest, accepted: &[&'static str]) -> Result<(&'static str, Bounds), Failure> {
    let media_type = require_type(request, accepted)?;
    let bounds = Bounds::ordinary(request)?;
    require_announced_size(request, &bounds)?;
    Ok((media_type, bounds))
}

fn from_form<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Failure::new(ErrorKind::Malformed, "the form is not UTF-8 text"))?;
    require_utf8(text, "form")?;
    from_pairs(url::form_urlencoded::parse(bytes))
}

//! What handlers answer with.

use crate::{Answer, Failure};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use kernel::Page;
use serde::Serialize;

/// Counting stops here: more are told as `10000+`.
const COUNTED: u64 = 10_000;

/// Room for the body of one document, so that it seldom has to grow.
const USUAL: usize = 1024;

/// 200 with a JSON body.
pub fn ok<T: Serialize + ?Sized>(body: &T) -> Answer {
    json(StatusCode::OK, body)
}

/// 201 with a JSON body.
pub fn created<T: Serialize + ?Sized>(body: &T) -> Answer {
    json(StatusCode::CREATED, body)
}

/// 202 with a JSON body: the work goes on.
pub fn accepted<T: Serialize + ?Sized>(body: &T) -> Answer {
    json(StatusCode::ACCEPTED, body)
}

/// 204.
pub fn no_content() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}

/// Any status with a JSON body.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Answer {
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut bytes, body).map_err(Failure::internal)?;
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .body(bytes))
}

/// 200 with a JSON body and its version as `ETag`, which `If-Match` then names.
pub fn with_etag<T: Serialize + ?Sized>(version: u64, body: &T) -> Answer {
    json_with_etag(StatusCode::OK, version, body)
}

/// Any status with a JSON body and its version as `ETag`.
pub fn json_with_etag<T: Serialize + ?Sized>(status: StatusCode, version: u64, body: &T) -> Answer {
    let mut answer = json(status, body)?;
    let tag = HeaderValue::try_from(format!("\"{version}\"")).map_err(Failure::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// 200 with a page as a JSON array. `Link: <…>; rel="next"` leads to the next one; `X-Total-Count` stands there when it
/// was counted.
pub fn list<T: Serialize>(request: &HttpRequest, page: Page<T>) -> Answer {
    let next = page.next.as_deref().map(|cursor| ("cursor", cursor));
    let mut answer = part(request, &page.items, next)?;
    if let Some(total) = page.total {
        let count = if total > COUNTED {
            HeaderValue::from_static("10000+")
        } else {
            HeaderValue::from(total)
        };
        answer
            .headers_mut()
            .insert(HeaderName::from_static("x-total-count"), count);
    }
    Ok(answer)
}

/// 200 with some items as a JSON array; `Link: <…>; rel="next"` leads to the same request with the parameter `next`.
pub fn part<T: Serialize>(request: &HttpRequest, items: &[T], next: Option<(&str, &str)>) -> Answer {
    let mut answer = json(StatusCode::OK, items)?;
    if let Some((parameter, value)) = next {
        let link = format!("<{}>; rel=\"next\"", next_address(request, parameter, value));
        let link = HeaderValue::try_from(link).map_err(Failure::internal)?;
        answer.headers_mut().insert(header::LINK, link);
    }
    Ok(answer)
}

/// The address of this request with another value of one parameter.
fn next_address(request: &HttpRequest, parameter: &str, value: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let kept = url::form_urlencoded::parse(request.query_string().as_bytes());
    query.extend_pairs(kept.filter(|(name, _)| name != parameter));
    query.append_pair(parameter, value);
    format!("{}?{}", request.uri().path(), query.finish())
}

use crate::Failure;
use actix_web::{
    HttpResponse,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};
use kernel::ErrorKind;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const ASKED: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match, x-csrf, x-request-id, traceparent",
);
const SHOWN: HeaderValue = HeaderValue::from_static(
    "etag, link, location, retry-after, x-request-id, x-total-count, ratelimit-limit, ratelimit-remaining, \
     ratelimit-reset, www-authenticate, x-impersonated-by",
);
const DAY: HeaderValue = HeaderValue::from_static("86400");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Which pages of other origins may call: those on the list.
pub(super) struct Cors {
    origins: Vec<HeaderValue>,
}

impl Cors {
    pub(super) fn new(origins: &[String]) -> Self {
        let origins = origins
            .iter()
            .filter_map(|origin| HeaderValue::from_str(origin).ok());
        Self {
            origins: origins.collect(),
        }
    }

    /// The origin of a request, if it is on the list.
    pub(super) fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(header::ORIGIN)?;
        self.origins.iter().find(|known| *known == origin).cloned()
    }

    pub(super) fn is_preflight(method: &Method, request: &HeaderMap) -> bool {
        method == Method::OPTIONS
            && request.contains_key(header::ORIGIN)
            && request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to a browser that asks beforehand.
    pub(super) fn preflight(allowed: bool) -> Result<HttpResponse, Failure> {
        if !allowed {
            return Err(Failure::new(
                ErrorKind::Forbidden,
                "pages of this origin may not call: the operator lists them in CORS_ORIGINS",
            ));
        }
        Ok(HttpResponse::NoContent()
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, DAY))
            .finish())
    }

    /// Lets the page see the answer.
    pub(super) fn decorate(&self, answer: &mut HeaderMap, allowed: Option<HeaderValue>) {
        if self.origins.is_empty() {
            return;
        }
        answer.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = allowed {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
        }
    }
}

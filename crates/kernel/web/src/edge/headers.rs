use actix_web::http::header::{self, HeaderMap, HeaderValue};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
/// For answers that are data: a browser that shows one runs nothing.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// For the API documentation: its own scripts and styles, and calls to this server.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' \
     data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What keeps browsers from doing harm with an answer.
pub(super) struct SecurityHeaders {
    production: bool,
}

impl SecurityHeaders {
    pub(super) fn new(production: bool) -> Self {
        Self { production }
    }

    pub(super) fn decorate(&self, answer: &mut HeaderMap, path: &str) {
        let docs = path == "/docs" || path.starts_with("/docs/");
        let mut put = |name, value| {
            if !answer.contains_key(&name) {
                answer.insert(name, value);
            }
        };
        put(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        put(header::X_FRAME_OPTIONS, DENY);
        put(header::REFERRER_POLICY, NO_REFERRER);
        if docs {
            put(header::CONTENT_SECURITY_POLICY, DOCS_POLICY);
        } else {
            put(header::CONTENT_SECURITY_POLICY, DATA_POLICY);
            put(header::CACHE_CONTROL, NO_STORE);
        }
        if self.production {
            put(header::STRICT_TRANSPORT_SECURITY, YEAR);
        }
    }
}

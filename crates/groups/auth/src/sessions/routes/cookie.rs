//! The refresh token as a cookie, for pages in a browser that ask for it: scripts cannot read it there.
//!
//! A cookie is sent by the browser and not by the page, so another site could have it sent. It is therefore believed only
//! with the header `X-CSRF`, which a page of another origin can send only where the operator lists it in `CORS_ORIGINS`, and
//! the browser keeps it from requests of other sites (`SameSite=Strict`).

use crate::sessions::models::GivenRefreshToken;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{COOKIE, HeaderValue, SET_COOKIE},
};
use chrono::TimeDelta;

const NAME: &str = "wealthos_refresh";
/// The same where HTTPS is used: browsers take this name over HTTPS from this very host only, so nobody at a neighbouring
/// name can put another one in its place.
const SECURE_NAME: &str = "__Host-wealthos_refresh";
/// The header that a page must send along with the cookie, with any value.
const CSRF: &str = "x-csrf";

/// How the cookie is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookie {
    /// Whether it is sent over HTTPS only.
    secure: bool,
}

impl Cookie {
    /// As it fits this request: over HTTPS only where the client came over HTTPS, and always where `secure`.
    pub(super) fn of(request: &HttpRequest, secure: bool) -> Self {
        let https = web::hop_of(request).is_some_and(|hop| hop.scheme == "https");
        Self {
            secure: secure || https,
        }
    }

    /// Puts the refresh token into the browser for as long as it lives.
    pub(super) fn set(self, answer: &mut HttpResponse, token: &str, life: TimeDelta) {
        self.put(answer, token, life.num_seconds());
    }

    /// Takes it out again.
    pub(super) fn clear(self, answer: &mut HttpResponse) {
        self.put(answer, "", 0);
    }

    fn put(self, answer: &mut HttpResponse, token: &str, seconds: i64) {
        let place = if self.secure { "/; Secure" } else { "/api" };
        let name = self.name();
        let text = format!("{name}={token}; Path={place}; Max-Age={seconds}; HttpOnly; SameSite=Strict");
        if let Ok(value) = HeaderValue::try_from(text) {
            answer.headers_mut().append(SET_COOKIE, value);
        }
    }
}

impl Cookie {
    fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { NAME }
    }

    /// Whether the request carries the cookie, believed or not.
    pub(super) fn is_sent(self, request: &HttpRequest) -> bool {
        self.sent(request).is_some()
    }

    /// The refresh token of the cookie; none without the header that shows that a page of ours sent it.
    pub(super) fn token_of(self, request: &HttpRequest) -> Option<GivenRefreshToken> {
        request.headers().get(CSRF)?;
        GivenRefreshToken::parse(&self.sent(request)?).ok()
    }

    fn sent(self, request: &HttpRequest) -> Option<String> {
        let mut lines = request.headers().get_all(COOKIE);
        lines.find_map(|line| {
            let mut pairs = line.to_str().ok()?.split(';');
            let found = pairs.find_map(|pair| pair.trim().strip_prefix(self.name())?.strip_prefix('='));
            found.map(str::to_owned)
        })
    }
}

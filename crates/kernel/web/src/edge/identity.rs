use crate::{
    seam::{Door, called_group},
    state::{Identity, Shared},
};
use actix_web::http::header::{self, HeaderMap};
use trust::{ServiceRefusal, TokenError};

/// Who asks: a user at the public routes, another process at the seam. The token of one is worth nothing at the other.
pub(super) fn identify(shared: &Shared, door: Door, path: &str, headers: &HeaderMap) -> Identity {
    match door {
        Door::Public => user(shared, headers),
        Door::Seam => service(shared, path, headers),
        Door::Shut => Identity::Anonymous,
    }
}

fn user(shared: &Shared, headers: &HeaderMap) -> Identity {
    match bearer(headers).map(|token| token.map(|token| shared.verifier.verify(token))) {
        None => Identity::Anonymous,
        Some(Some(Ok(user))) => Identity::User(user),
        Some(Some(Err(error))) => Identity::Refused(error),
        Some(None) => Identity::Refused(TokenError::Invalid),
    }
}

fn service(shared: &Shared, path: &str, headers: &HeaderMap) -> Identity {
    let verify = |token| shared.services.verify(token, called_group(path));
    match bearer(headers).map(|token| token.map(verify)) {
        None => Identity::Foreign(ServiceRefusal::Missing),
        Some(Some(Ok(caller))) => Identity::Service(caller),
        Some(Some(Err(refusal))) => Identity::Foreign(refusal),
        Some(None) => Identity::Foreign(ServiceRefusal::Invalid),
    }
}

/// The token that was sent: none without the header, nothing where the header holds no bearer token. Two headers are no
/// proof: a proxy on the way may have looked at the other one.
fn bearer(headers: &HeaderMap) -> Option<Option<&str>> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let sent = lines.next()?;
    if lines.next().is_some() {
        return Some(None);
    }
    Some(sent.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }))
}

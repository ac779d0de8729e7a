use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use kernel::ErrorKind;
use std::future::{Ready, ready};
use utoipa::IntoParams;

/// The version that the client believes to change, from `If-Match: "3"`; none without the header or with `*`. A weak
/// tag never matches (412); anything else is malformed (400).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<u64>);

/// Documents the header: `params(web::IfMatchParam)`.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchParam {
    /// The `ETag` that was read: 412 when it is stale. `*`, or no header, changes whatever version there is.
    #[param(rename = "If-Match", pattern = r#"^(\*|"[0-9]{1,18}")$"#, required = false)]
    pub if_match: Option<String>,
}

impl IfMatch {
    /// 412 unless `current` is the version that the client believes in.
    pub fn check(&self, current: u64) -> Result<(), Failure> {
        match self.0 {
            Some(version) if version != current => Err(stale()),
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut sent = request.headers().get_all(header::IF_MATCH);
        let first = sent.next();
        let several = sent.next().is_some();
        ready(match first {
            None => Ok(Self(None)),
            Some(_) if several => Err(malformed()),
            Some(value) => read(value.to_str().unwrap_or_default()),
        })
    }
}

pub(super) fn read(text: &str) -> Result<IfMatch, Failure> {
    let text = text.trim();
    if text == "*" {
        return Ok(IfMatch(None));
    }
    if text.starts_with("W/\"") && text.ends_with('"') {
        return Err(stale());
    }
    let tag = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|tag| !tag.contains(['"', ',']))
        .ok_or_else(malformed)?;
    // A tag that this server never gave cannot be the current one.
    tag.parse()
        .map(|version| IfMatch(Some(version)))
        .map_err(|_| stale())
}

fn stale() -> Failure {
    Failure::new(
        ErrorKind::PreconditionFailed,
        "it has been changed since you read it: read it again and repeat the change",
    )
}

fn malformed() -> Failure {
    Failure::new(
        ErrorKind::Malformed,
        "If-Match must hold one ETag as it was given, such as \"3\"",
    )
}

use super::SigningKeys;
use actix_web::{
    get,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::{Data, ServiceConfig},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Unproven, answer};

/// The keys that prove access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
struct JsonWebKeySet {
    /// Empty where tokens are signed with a secret.
    keys: Vec<JsonWebKey>,
}

/// A public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
struct JsonWebKey {
    /// Always `OKP`.
    kty: &'static str,
    /// Always `Ed25519`.
    crv: &'static str,
    /// Always `EdDSA`.
    alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// The name in the header of tokens.
    kid: String,
    /// The key, in base64url.
    x: String,
}

/// The keys that prove access tokens
///
/// A JSON Web Key Set: for whoever checks tokens without being part of the platform. A new key stands here half a minute
/// before it signs.
#[utoipa::path(
    get, path = "/jwks.json", tag = "auth", operation_id = "auth_jwks",
    responses((status = 200, description = "The keys", body = JsonWebKeySet)),
)]
#[get("/jwks.json")]
async fn jwks(_cx: Unproven, keys: Data<SigningKeys>) -> Answer {
    let keys = keys.public().await?.into_iter().map(|key| JsonWebKey {
        kty: "OKP",
        crv: "Ed25519",
        alg: "EdDSA",
        usage: "sig",
        kid: key.id(),
        x: key.to_base64url(),
    });
    let mut answer = answer::ok(&JsonWebKeySet { keys: keys.collect() })?;
    let life = HeaderValue::from_static("public, max-age=15");
    answer.headers_mut().insert(CACHE_CONTROL, life);
    Ok(answer)
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(jwks))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(jwks);
}

use crate::error::Error;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use uuid::Uuid;

/// What is read from an access token.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: Uuid,
    pub(crate) role: Role,
    pub(crate) tenant_id: Uuid,
}

/// The roles that the scope distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Advisor,
    Client,
    #[serde(other)]
    Other,
}

/// Checks access tokens (HS256).
#[derive(Clone)]
pub(crate) struct Access {
    key: DecodingKey,
    validation: Validation,
}

impl Access {
    pub(crate) fn new(secret: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&["wealthos"]);
        validation.set_audience(&["wealthos"]);
        validation.validate_nbf = true;
        Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        }
    }

    /// Who asks.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Result<Claims, Error> {
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(Error::Unauthenticated)?;
        decode::<Claims>(token, &self.key, &self.validation)
            .map(|proven| proven.claims)
            .map_err(|_| Error::Unauthenticated)
    }
}

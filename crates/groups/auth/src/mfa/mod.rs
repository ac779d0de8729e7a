//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the phone is lost.

mod base32;
mod factors;
mod guesses;
mod models;
mod recovery;
pub(crate) mod routes;
mod service;
mod totp;

pub(crate) use factors::Factors;
pub(crate) use guesses::GuessedFrom;
pub(crate) use models::{MfaFactor, SecondFactor, TypedCode};
pub(crate) use service::Mfa;

//! Access tokens, their keys and their revocations: the one module that mints and verifies.
//!
//! - [`SecretFile`] finds, makes or changes the signing secret; a [`SecretSeries`] says which signs when; [`TokenKeys`] holds
//!   it with those that verify, or pairs of keys ([`TokenKeyPair`]) that come and go.
//! - [`TokenIssuer`] mints (HS256 or EdDSA, at most [`MAX_LIFE`]); [`TokenVerifier`] proves and remembers what it proved.
//! - [`ServiceTokens`] and [`ServiceVerifier`] do the same between processes, with keys of their own: a user's token
//!   never opens the seam, a service's token never opens the public API.
//! - [`HopSeal`] says, for a request that is forwarded, what the process at the edge knows of it.
//! - [`Revocations`] is this process's view of what has been taken back; it is asked on every call, also for tokens
//!   whose signature is remembered.
//!
//! Times are judged with the injected [`kernel::Clock`], five seconds of drift allowed either way.

mod claims;
mod hop;
mod issuer;
mod keys;
mod private_file;
mod proven;
mod revocations;
mod secret_file;
mod secret_series;
mod service;
mod token_key;
mod verifier;

pub use claims::{ActorClaim, Claims, LEEWAY, MAX_LIFE};
pub use hop::{Hop, HopSeal};
pub use issuer::{AccessToken, IssueError, TokenIssuer};
pub use keys::{KeyError, TokenKeys};
pub use revocations::{OnStale, RevocationEvent, RevocationSnapshot, Revocations};
pub use secret_file::{SecretError, SecretFile};
pub use secret_series::{SecretSeries, SecretState};
pub use service::{
    GATEWAY, NotAPublicKey, PublicKey, SERVICE_LIFE, ServiceCaller, ServiceIdentity, ServiceKey, ServiceKeys,
    ServiceRefusal, ServiceSecret, ServiceTokenError, ServiceTokens, ServiceVerifier, Speakers,
};
pub use token_key::TokenKeyPair;
pub use verifier::{TokenError, TokenVerifier};

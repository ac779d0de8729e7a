//! Who calls over the seam: tokens of processes, apart from those of users in key, type and issuer.

mod claims;
mod key_file;
mod keys;
mod secret;
mod speakers;
mod tokens;
mod verifier;

pub use claims::SERVICE_LIFE;
pub use key_file::{NotAPublicKey, PublicKey, ServiceKey};
pub use keys::ServiceKeys;
pub use secret::ServiceSecret;
pub use speakers::{GATEWAY, ServiceIdentity, Speakers};
pub use tokens::{ServiceTokenError, ServiceTokens};
pub use verifier::{ServiceCaller, ServiceRefusal, ServiceVerifier};

pub(crate) use secret::Purpose;

use crate::AuthError;
use kernel::CallContext;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The public half of a key that signs access tokens, or did until lately, or will soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicTokenKey {
    /// The name in the header of tokens.
    pub kid: String,
    /// Ed25519 in base64, as OpenSSL writes public keys.
    pub public_key: String,
}

/// What proves access tokens, for every process that checks them.
#[rpc::service(name = "auth.keyring")]
pub trait TokenKeyring {
    /// All keys whose tokens may be good; none where tokens are signed with a secret. For services only.
    #[rpc(read)]
    async fn public_keys(&self, cx: &CallContext) -> Result<Vec<PublicTokenKey>, AuthError>;
}

use super::SigningKeys;
use auth_contract::{AuthError, PublicTokenKey, TokenKeyring};
use kernel::{CallContext, CallError, Principal};

#[rpc::async_trait]
impl TokenKeyring for SigningKeys {
    async fn public_keys(&self, cx: &CallContext) -> Result<Vec<PublicTokenKey>, AuthError> {
        match cx.principal {
            Principal::System { .. } => {
                let keys = self.public().await?.into_iter();
                let keys = keys.map(|key| PublicTokenKey {
                    kid: key.id(),
                    public_key: key.to_string(),
                });
                Ok(keys.collect())
            }
            _ => Err(CallError::forbidden("auth.token_keys").into()),
        }
    }
}

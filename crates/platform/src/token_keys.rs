//! The public keys of access tokens, as this process knows them.

use crate::kit::Kit;
use auth_contract::{AuthError, TokenKeyringClient};
use kernel::{CallContext, CallError, TenantId};
use std::time::Duration;
use trust::{PublicKey, TokenKeys};

/// How often the keys are asked for: a new one is known everywhere well before it signs.
const AGAIN: Duration = Duration::from_secs(5);

/// Asks the auth group for the keys. Nothing where tokens are signed with a secret.
pub(crate) async fn read(
    keyring: &TokenKeyringClient,
    keys: &TokenKeys,
    cx: &CallContext,
) -> Result<(), AuthError> {
    if !keys.are_pairs() {
        return Ok(());
    }
    let told = keyring.public_keys(cx).await?;
    let public: Result<Vec<PublicKey>, _> = told.iter().map(|key| key.public_key.parse()).collect();
    keys.replace(None, public.map_err(CallError::internal)?);
    Ok(())
}

/// Asks again and again until the process stops. While auth is away the keys stay as they are.
pub(crate) fn follow(kit: &Kit) {
    if !kit.token_keys.are_pairs() {
        return;
    }
    let (keyring, keys) = (kit.handles.keyring.clone(), kit.token_keys.clone());
    let (sources, stopping) = (kit.sources.clone(), kit.tasks.token());
    drop(kit.tasks.spawn(async move {
        let ask = async {
            loop {
                tokio::time::sleep(AGAIN).await;
                let cx = CallContext::system("platform", TenantId::DEFAULT, sources.ids());
                if let Err(error) = read(&keyring, &keys, &cx).await {
                    tracing::warn!(%error, "the keys of access tokens cannot be asked for at the moment");
                }
            }
        };
        stopping.run_until_cancelled(ask).await;
    }));
}

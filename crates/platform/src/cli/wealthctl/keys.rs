use super::{
    output::{self, Format},
    token_keys,
};
use crate::PlatformError;
use clap::Subcommand;
use runtime::Settings;

/// What can be done about keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Lists the keys of access tokens and what each is good for.
    List,
    /// Changes the key that signs access tokens. Nobody is logged out.
    ///
    /// With auth.algorithm = "eddsa", and with "hs256" where the secret lies in the data directory, a new one is made beside
    /// the running servers: they read it within seconds, it signs after half a minute, and the one before is believed for
    /// the five minutes that its tokens live. Where JWT_SECRET stands in the environment, the command prints a new secret
    /// and how to bring it in without logging anybody out.
    Rotate,
    /// Encrypts sensitive fields anew under ENCRYPTION_KEY, where they are under one of
    /// security.encryption_previous_keys. Servers may go on meanwhile; running it again changes nothing. Run it once more
    /// after the previous keys were taken out: look-ups by encrypted fields then follow the new key.
    Reencrypt,
}

/// Runs one of them.
pub(super) async fn run(
    settings: Settings,
    command: KeysCommand,
    format: Format,
) -> Result<(), PlatformError> {
    match command {
        KeysCommand::List => token_keys::list(settings, format).await,
        KeysCommand::Rotate => token_keys::rotate(settings, format).await,
        KeysCommand::Reencrypt => reencrypt(settings, format).await,
    }
}

async fn reencrypt(settings: Settings, format: Format) -> Result<(), PlatformError> {
    let platform = super::platform(settings).await?;
    let done = platform.reencrypt().await;
    platform.stop().await;
    output::print(
        format,
        &done?,
        &["GROUP", "COLLECTION", "DOCUMENTS", "CHANGED"],
        |done| {
            vec![
                done.group.to_owned(),
                done.collection.collection.to_owned(),
                done.collection.documents.to_string(),
                done.collection.changed.to_string(),
            ]
        },
    )
}

use super::output::{self, Format};
use crate::{PlatformError, assembly::EnsuredUser};
use clap::Subcommand;
use kernel::Role;
use runtime::Settings;
use serde_json::json;
use std::io::Read;

/// What can be done about administrators.
#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Makes an administrator who can log in.
    Create {
        /// The log-in e-mail.
        #[arg(long)]
        email: String,
        /// The name.
        #[arg(long, default_value = "Administrator")]
        name: String,
        /// Reads the password from standard input: 8 to 128 characters.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Runs one of them.
pub(super) async fn run(
    settings: Settings,
    command: AdminCommand,
    format: Format,
) -> Result<(), PlatformError> {
    let AdminCommand::Create {
        email,
        name,
        password_stdin: _,
    } = command;
    let password = password_from(std::io::stdin())?;
    let platform = super::platform(settings).await?;
    let made = platform.ensure_user(&email, &password, &name, Role::Admin).await;
    platform.stop().await;
    if made? == EnsuredUser::Existed {
        return Err(PlatformError::Command(format!(
            "there is a user with the e-mail {email} already"
        )));
    }
    let rows = [json!({ "email": email, "name": name, "role": "admin" })];
    output::print(format, &rows, &["CREATED", "NAME", "ROLE"], |_| {
        vec![email.clone(), name.clone(), "admin".to_owned()]
    })
}

/// The first line of the input.
fn password_from(mut input: impl Read) -> Result<String, PlatformError> {
    let mut text = String::new();
    input
        .by_ref()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|error| PlatformError::System("the password cannot be read", error))?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    if password.is_empty() {
        return Err(PlatformError::Command(
            "no password came on standard input".to_owned(),
        ));
    }
    Ok(password)
}

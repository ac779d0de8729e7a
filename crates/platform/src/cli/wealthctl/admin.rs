use super::output::{self, Format};
use crate::{FirstAdmin, PlatformError, assembly::EnsuredUser};
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
    /// Makes a new set-up link, where nobody administers the installation yet. Earlier ones are no longer good.
    SetupLink,
}

/// Runs one of them.
pub(super) async fn run(
    settings: Settings,
    command: AdminCommand,
    format: Format,
) -> Result<(), PlatformError> {
    match command {
        AdminCommand::Create {
            email,
            name,
            password_stdin: _,
        } => create(settings, &email, &name, format).await,
        AdminCommand::SetupLink => setup_link(settings, format).await,
    }
}

async fn setup_link(settings: Settings, format: Format) -> Result<(), PlatformError> {
    let platform = super::platform(settings).await?;
    let made = platform.first_admin().await;
    platform.stop().await;
    let FirstAdmin::Link { token, expires_at } = made? else {
        return Err(PlatformError::Command(
            "this installation has an administrator: ask them, or make another with wealthctl admin create"
                .to_owned(),
        ));
    };
    let path = format!("/api/auth/setup?token={token}");
    let rows = [json!({ "path": path, "token": token, "expires_at": expires_at })];
    output::print(format, &rows, &["SET-UP LINK", "GOOD UNTIL"], |_| {
        vec![path.clone(), expires_at.to_rfc3339()]
    })
}

async fn create(settings: Settings, email: &str, name: &str, format: Format) -> Result<(), PlatformError> {
    let password = password_from(std::io::stdin())?;
    let platform = super::platform(settings).await?;
    let made = platform.ensure_user(email, &password, name, Role::Admin).await;
    platform.stop().await;
    if made? == EnsuredUser::Existed {
        return Err(PlatformError::Command(format!(
            "there is a user with the e-mail {email} already"
        )));
    }
    let rows = [json!({ "email": email, "name": name, "role": "admin" })];
    output::print(format, &rows, &["CREATED", "NAME", "ROLE"], |_| {
        vec![email.to_owned(), name.to_owned(), "admin".to_owned()]
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

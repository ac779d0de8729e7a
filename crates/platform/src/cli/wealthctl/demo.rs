use super::output::{self, Format};
use crate::{PlatformError, demo};
use runtime::Settings;

/// Puts the demo data in and lists its log-ins. The routes that take it in are served on a free local port meanwhile.
pub(super) async fn run(mut settings: Settings, format: Format) -> Result<(), PlatformError> {
    settings.server.host = "127.0.0.1".to_owned();
    settings.server.port = 0;
    settings.server.metrics_port = Some(0);
    let running = super::platform(settings).await?.serve().await?;
    let seeded = demo::seed(&running).await;
    running.stop().await;
    let logins = seeded?;
    output::print(format, &logins, &["ROLE", "E-MAIL", "PASSWORD"], |login| {
        vec![
            login.role.as_str().to_owned(),
            login.email.to_owned(),
            login.password.to_owned(),
        ]
    })
}

//! What an operator does at the data of a run, with the operator's own tool.

use super::{Deployment, SECRETS};
use crate::error::Error;
use std::{process::Output, time::Duration};
use tokio::process::Command;

/// No command of the operator's takes so long.
const PATIENCE: Duration = Duration::from_secs(180);

impl Deployment {
    /// What the operator's tool answers, at the same data and with the same secrets. Processes can be broken meanwhile.
    pub(crate) fn operator(&self, arguments: &[&str]) -> impl Future<Output = Result<Output, Error>> + use<> {
        let what = format!("run wealthctl {}", arguments.join(" "));
        let mut command = self.wealthctl(arguments);
        async move {
            tokio::time::timeout(PATIENCE, command.output())
                .await
                .map_err(|late| Error::at(format!("{what} within {PATIENCE:?}"), late))?
                .map_err(|error| Error::at(what, error))
        }
    }

    /// The same command, killed in the middle of its work, unless it has ended by then.
    pub(crate) async fn break_off(&self, arguments: &[&str], after: Duration) -> Result<(), Error> {
        let failed = |error: std::io::Error| Error::at("break off wealthctl", error);
        let mut command = self.wealthctl(arguments);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut running = command.spawn().map_err(failed)?;
        tokio::time::sleep(after).await;
        running.kill().await.map_err(failed)
    }

    fn wealthctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join("wealthctl"));
        command
            .env_clear()
            .envs(SECRETS)
            .envs(
                self.database
                    .as_ref()
                    .map(|database| ("DATABASE_URL", &database.url)),
            )
            .current_dir(&self.home)
            .kill_on_drop(true)
            .arg("--data-dir")
            .arg(self.files().unwrap_or_else(|| self.home.join("data")))
            .args(["--format", "json"])
            .args(arguments);
        command
    }
}

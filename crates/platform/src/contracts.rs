//! Whether the groups in other processes speak the contracts that this process was built with.

use crate::{health::ProcessHealth, status::GroupStatusClient};
use kernel::{CallContext, Deadline, Sources, Tasks, TenantId};
use rpc::{
    Remote,
    schema::{GroupContract, compatible},
};
use std::{sync::Arc, time::Duration};

/// How long the other process may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often one that is away, or speaks another contract, is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Everything that a group answers over the seam: its own contract, and what every group answers.
pub(crate) fn of_group(name: &str) -> GroupContract {
    own(name)
        .and(events::feed_contract(name))
        .and(events::personal_contract(name))
        .and(GroupContract::new(name, 1).with::<GroupStatusClient>())
}

/// What those who call the group rely on. Whoever only hears it or asks how it is can do without.
pub(crate) fn own(name: &str) -> GroupContract {
    match name {
        // new-group: contract
        "wealth" => wealth_contract::contract(),
        "advisory" => advisory_contract::contract(),
        "auth" => auth_contract::contract(),
        "finance" => finance_contract::contract(),
        "infrastructure" => infrastructure_contract::contract(),
        "integrations" => integrations_contract::contract(),
        other => GroupContract::new(other, 1),
    }
}

/// Looks at the contract of a group in another process until it fits, and tells the health of this process.
pub(crate) struct ContractCheck {
    pub(crate) ours: GroupContract,
    pub(crate) remote: Arc<Remote>,
    pub(crate) health: Arc<ProcessHealth>,
    pub(crate) sources: Sources,
}

/// Why a contract was not found to fit.
enum Unfit {
    /// It could not be asked.
    Away(String),
    /// It was asked, and it breaks something.
    Breaking(String),
}

impl ContractCheck {
    /// Checks in the background until the contract fits or the process stops.
    pub(crate) fn start(self, tasks: &Tasks) {
        let group = self.ours.group.clone();
        self.health
            .not_proven(&group, "its contract has not been checked yet");
        let stopping = tasks.token();
        drop(tasks.spawn(async move {
            let until_it_fits = async {
                let mut said = String::new();
                while let Err(unfit) = self.check().await {
                    self.tell(&group, unfit, &mut said);
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                self.health.proven(&group);
                tracing::info!(group, "the contract of a group in another process fits");
            };
            stopping.run_until_cancelled(until_it_fits).await;
        }));
    }

    /// Every reason is told to whoever asks whether the process is ready, and once to the log.
    fn tell(&self, group: &str, unfit: Unfit, said: &mut String) {
        let reason = match &unfit {
            Unfit::Away(cause) => {
                if cause != said {
                    tracing::warn!(group, cause, "the contract of a group cannot be checked yet");
                }
                "cannot be reached, so its contract has not been checked".to_owned()
            }
            Unfit::Breaking(breaches) => {
                if breaches != said {
                    tracing::error!(
                        group,
                        breaches,
                        "a group speaks a contract that breaks this process"
                    );
                }
                format!("speaks another contract: {breaches}")
            }
        };
        *said = match unfit {
            Unfit::Away(text) | Unfit::Breaking(text) => text,
        };
        self.health.not_proven(group, reason);
    }

    async fn check(&self) -> Result<(), Unfit> {
        let theirs = self.fetch().await.map_err(Unfit::Away)?;
        if theirs.hash() == self.ours.hash() {
            return Ok(());
        }
        let breaches = compatible(&self.ours, &theirs);
        if breaches.is_empty() {
            return Ok(());
        }
        let breaches: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        Err(Unfit::Breaking(breaches.join("; ")))
    }

    async fn fetch(&self) -> Result<GroupContract, String> {
        let cx = CallContext::system("platform", TenantId::DEFAULT, self.sources.ids())
            .with_deadline(Deadline::within(PATIENCE));
        let document = self.remote.contract_document(&cx).await;
        let document = document.map_err(|error| error.to_string())?;
        serde_json::from_slice(&document).map_err(|error| format!("its contract cannot be read: {error}"))
    }
}

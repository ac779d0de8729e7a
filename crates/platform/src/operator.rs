//! What an operator asks of the groups of a process, through `wealthctl` or at the first start.

use crate::{
    Platform, PlatformError,
    assembly::{
        EnsuredUser, GroupReencrypted, HoldingsReplayed, LedgerReplayed, TokenKeyState, VerifiedChain,
    },
};
use kernel::{CallContext, Role, TenantId};

impl Platform {
    /// Walks the audit log of every firm, and its journal entries where the ledger is kept here.
    pub async fn verify_audit_log(&self) -> Result<Vec<VerifiedChain>, PlatformError> {
        let log = self.groups.iter().find_map(|group| group.audit_log.clone());
        let mut chains = log.ok_or(PlatformError::GroupAbsent("auth"))?.verify().await?;
        let ledger = self.groups.iter().find_map(|group| group.ledger_check.clone());
        if let Some(ledger) = ledger {
            chains.extend(ledger.verify_entries().await?);
        }
        Ok(chains)
    }

    /// Makes the balances of every book anew from the feed, and says where what is stored differs; with `repair` it is
    /// put right.
    pub async fn replay_ledger(&self, repair: bool) -> Result<LedgerReplayed, PlatformError> {
        let ledger = self.groups.iter().find_map(|group| group.ledger_check.clone());
        ledger
            .ok_or(PlatformError::GroupAbsent("finance"))?
            .replay(repair)
            .await
    }

    /// Makes the holdings of every portfolio anew from the feed, and says where what is stored differs; with `repair` it is
    /// put right.
    pub async fn replay_holdings(&self, repair: bool) -> Result<HoldingsReplayed, PlatformError> {
        let holdings = self.groups.iter().find_map(|group| group.holdings_check.clone());
        holdings
            .ok_or(PlatformError::GroupAbsent("wealth"))?
            .replay(repair)
            .await
    }

    /// Encrypts the sensitive fields of every group anew under the current key.
    pub async fn reencrypt(&self) -> Result<Vec<GroupReencrypted>, PlatformError> {
        let mut done = Vec::new();
        for group in &self.groups {
            let name = group.info.name;
            let cx = CallContext::system(name, TenantId::DEFAULT, self.kit.sources.ids());
            let collections = group.store.reencrypt(&cx).await;
            let collections = collections.map_err(|source| PlatformError::Store { group: name, source })?;
            done.extend(collections.into_iter().map(|collection| GroupReencrypted {
                group: name,
                collection,
            }));
        }
        Ok(done)
    }

    /// The keys that sign access tokens, oldest first; with `rotate` after a new one was made.
    pub async fn token_keys(&self, rotate: bool) -> Result<Vec<TokenKeyState>, PlatformError> {
        let keys = self.groups.iter().find_map(|group| group.token_keys.clone());
        let keys = keys.ok_or(PlatformError::GroupAbsent("auth"))?;
        if rotate {
            keys.rotate().await?;
        }
        keys.list().await
    }

    /// Makes a user who can log in, unless there is one with this e-mail: for the first admin and for demo data.
    pub async fn ensure_user(
        &self,
        email: &str,
        password: &str,
        name: &str,
        role: Role,
    ) -> Result<EnsuredUser, PlatformError> {
        let accounts = self.groups.iter().find_map(|group| group.accounts.clone());
        accounts
            .ok_or(PlatformError::GroupAbsent("auth"))?
            .ensure(email, password, name, role)
            .await
    }
}

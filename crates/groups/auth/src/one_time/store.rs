use super::models::{GivenCode, OneTimeToken, Purpose};
use crate::{
    AuthFailure,
    opaque_token::{self, Fingerprint},
};
use kernel::{MAX_PAGE, Scope, TenantId, UserId};
use store::{Batch, Query, Store, StoreError, Stored};

/// The codes that are out.
#[derive(Clone)]
pub(crate) struct OneTimeTokens {
    store: Store,
}

impl OneTimeTokens {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Adds a fresh code to a batch of the user's firm, and answers it.
    pub(crate) fn issue(
        &self,
        batch: &mut Batch,
        user_id: UserId,
        purpose: Purpose,
        fill: impl FnOnce(&mut OneTimeToken),
    ) -> String {
        let code = opaque_token::generate(self.store.sources());
        let fingerprint = Fingerprint::of(&code);
        let mut token = OneTimeToken {
            user_id,
            purpose,
            token_hash: fingerprint.hash,
            email: None,
            expires_at: batch.now() + purpose.life(),
            failures: 0,
            generation: None,
            device: None,
            address: None,
        };
        fill(&mut token);
        batch.insert(fingerprint.id, token);
        code
    }

    /// The code that was sent in, if it is good for this. Whoever uses it removes it in the commit of what it does:
    /// that commit can only be made once.
    pub(crate) async fn find(
        &self,
        code: &GivenCode,
        purposes: &[Purpose],
    ) -> Result<Stored<OneTimeToken>, AuthFailure> {
        let fingerprint = Fingerprint::of(code.expose());
        let found = self.store.get_anywhere::<OneTimeToken>(fingerprint.id).await?;
        let now = self.store.sources().now();
        found
            .filter(|token| {
                fingerprint.matches(&token.token_hash)
                    && purposes.contains(&token.purpose)
                    && now < token.expires_at
            })
            .ok_or(AuthFailure::BadCode)
    }

    /// Takes all codes back that a user has for this.
    pub(crate) async fn remove_all(
        &self,
        batch: &mut Batch,
        tenant: TenantId,
        user: UserId,
        purposes: &[Purpose],
    ) -> Result<(), AuthFailure> {
        for purpose in purposes {
            let query = Query::all().equals("purpose", purpose.as_str()).limit(MAX_PAGE);
            let own = Scope::Own { tenant, user };
            for token in self.store.find::<OneTimeToken>(&own, query).await?.items {
                batch.remove(&token);
            }
        }
        Ok(())
    }
}

/// Whether a commit lost because somebody used the same code a moment earlier.
pub(crate) fn is_used_up(error: &StoreError) -> bool {
    matches!(error, StoreError::VersionConflict { collection, .. } if collection == "one_time_tokens")
}

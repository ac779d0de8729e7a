use super::models::{KeyState, KeySummary, OVERLAP, SigningKey};
use crate::AuthFailure;
use kernel::{AuditRecord, CallContext, MAX_PAGE, TenantId};
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use store::{Query, Sort, Store, StoreError, Stored};
use trust::{PublicKey, TokenKeyPair, TokenKeys};

/// How often the keys are read again: often enough for a new key to be known everywhere before it signs.
const REFRESH: Duration = Duration::from_secs(5);

/// The key pairs of access tokens. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    store: Store,
    keys: Arc<TokenKeys>,
}

impl SigningKeys {
    pub(crate) fn new(store: Store, keys: Arc<TokenKeys>) -> Self {
        Self { store, keys }
    }

    /// Reads the keys, and lets the one that is due sign in this process. The first one is made where there is none.
    /// Nothing where tokens are signed with a secret.
    pub async fn refresh(&self) -> Result<(), AuthFailure> {
        if !self.keys.are_pairs() {
            return Ok(());
        }
        let mut known = self.all().await?;
        if known.is_empty() {
            self.add(&self.system(), chrono::TimeDelta::zero()).await?;
            known = self.all().await?;
        }
        let mut signing = None;
        let mut verifying = Vec::new();
        for (key, state) in self.with_states(&known) {
            if state != KeyState::Over {
                verifying.push(public_of(key)?);
            }
            if state == KeyState::Signs {
                let private = SecretString::from(key.private.clone());
                signing = Some(TokenKeyPair::read(&private).map_err(AuthFailure::internal)?);
            }
        }
        self.keys.replace(signing.as_ref(), verifying);
        Ok(())
    }

    /// Reads the keys again and again, until it is dropped.
    pub async fn keep_fresh(&self) {
        loop {
            tokio::time::sleep(REFRESH).await;
            if let Err(error) = self.refresh().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the keys of tokens cannot be read at the moment"
                );
            }
        }
    }

    /// Makes a key that signs after half a minute; the one before verifies as long as its tokens live.
    pub async fn rotate(&self, cx: &CallContext) -> Result<Vec<KeySummary>, AuthFailure> {
        self.add(cx, OVERLAP).await?;
        self.list().await
    }

    /// Every key that is kept, oldest first.
    pub async fn list(&self) -> Result<Vec<KeySummary>, AuthFailure> {
        let known = self.all().await?;
        let summaries = self.with_states(&known).map(|(key, state)| KeySummary {
            kid: key.kid.clone(),
            state,
            signs_from: key.signs_from,
        });
        Ok(summaries.collect())
    }

    /// The public halves of all keys whose tokens may be good.
    pub(crate) async fn public(&self) -> Result<Vec<PublicKey>, AuthFailure> {
        if !self.keys.are_pairs() {
            return Ok(Vec::new());
        }
        let known = self.all().await?;
        let good = self
            .with_states(&known)
            .filter(|(_, state)| *state != KeyState::Over);
        good.map(|(key, _)| public_of(key)).collect()
    }

    /// Removes the keys whose tokens are over.
    pub(crate) async fn purge(&self) -> Result<(), AuthFailure> {
        let known = self.all().await?;
        let mut batch = self.store.batch(&self.system());
        for (key, state) in self.with_states(&known) {
            if state == KeyState::Over {
                batch.remove(key);
            }
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    async fn add(&self, cx: &CallContext, wait: chrono::TimeDelta) -> Result<(), AuthFailure> {
        let sources = self.store.sources();
        let pair = TokenKeyPair::generate(&**sources.entropy()).map_err(AuthFailure::internal)?;
        let kid = pair.public().id();
        let mut batch = self.store.batch(cx).in_tenant(TenantId::DEFAULT);
        let key = SigningKey {
            kid: kid.clone(),
            public: pair.public().to_string(),
            private: pair.private().expose_secret().to_owned(),
            signs_from: batch.now() + wait,
        };
        // The first key has an id of its own, so that of several processes that start at once one makes it.
        let id = match wait.is_zero() {
            true => uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, b"the first signing key"),
            false => sources.ids().next(),
        };
        batch.insert(id, key);
        batch.event(AuditRecord::new("token_key.added", format!("token_key/{kid}")).into_event(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(StoreError::Duplicate { .. }) if wait.is_zero() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn all(&self) -> Result<Vec<Stored<SigningKey>>, AuthFailure> {
        let query = Query::sorted(Sort::ascending("signs_from")).limit(MAX_PAGE);
        Ok(self.store.find_everywhere(query).await?.items)
    }

    /// Each key with its state; they are in the order in which they sign.
    fn with_states<'a>(
        &self,
        known: &'a [Stored<SigningKey>],
    ) -> impl Iterator<Item = (&'a Stored<SigningKey>, KeyState)> + use<'a> {
        let now = self.store.sources().now();
        known.iter().enumerate().map(move |(index, key)| {
            let next = known.get(index + 1).map(|next| next.signs_from);
            (key, KeyState::at(now, key.signs_from, next))
        })
    }

    fn system(&self) -> CallContext {
        CallContext::system(self.store.group(), TenantId::DEFAULT, self.store.sources().ids())
    }
}

fn public_of(key: &SigningKey) -> Result<PublicKey, AuthFailure> {
    key.public.parse().map_err(AuthFailure::internal)
}

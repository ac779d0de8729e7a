use async_trait::async_trait;
use kernel::{AuditRecord, CallContext, CallError, Principal, UserId};
use rpc::schema::GroupContract;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Store;
use utoipa::ToSchema;

/// What a group knows about a user, by collection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonalExport {
    /// The documents.
    #[schema(value_type = Object)]
    pub collections: BTreeMap<String, Vec<Value>>,
}

/// What came of erasing a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// How many documents were changed or removed.
    pub documents: u64,
}

/// What every group answers about the data of one user: for the auth group, which asks in the user's name or an
/// administrator's.
#[rpc::service(name = "personal", shared)]
pub trait PersonalData {
    /// Everything that the group knows about a user of the caller's firm; no proofs and no secrets.
    #[rpc(read)]
    async fn export(&self, cx: &CallContext, user: UserId) -> Result<PersonalExport, CallError>;

    /// Takes out what says something about a user; figures stay.
    #[rpc(idempotent)]
    async fn erase(&self, cx: &CallContext, user: UserId) -> Result<Erased, CallError>;
}

/// What [`PersonalData`] is as part of the contract of this group.
pub fn personal_contract(group: &str) -> GroupContract {
    GroupContract::new(group, 1).with::<PersonalDataClient>()
}

/// The answer of a group over its own store, as its collections declare it.
pub struct StorePersonalData(Store);

impl StorePersonalData {
    /// The personal data in this store.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

#[async_trait]
impl PersonalData for StorePersonalData {
    async fn export(&self, cx: &CallContext, user: UserId) -> Result<PersonalExport, CallError> {
        groups_only(cx)?;
        let collections = self.0.export_user(cx, user).await?;
        Ok(PersonalExport { collections })
    }

    async fn erase(&self, cx: &CallContext, user: UserId) -> Result<Erased, CallError> {
        groups_only(cx)?;
        let documents = self.0.erase_user(cx, user).await?;
        if documents > 0 {
            let record = AuditRecord::new("personal_data.erased", format!("user/{user}")).changing(
                "documents",
                None,
                Some(documents),
            );
            let mut batch = self.0.batch(cx);
            batch.event(record.into_event(cx));
            self.0.commit(batch).await?;
        }
        Ok(Erased { documents })
    }
}

fn groups_only(cx: &CallContext) -> Result<(), CallError> {
    match cx.principal {
        Principal::System { .. } => Ok(()),
        _ => Err(CallError::forbidden("personal_data")),
    }
}

use super::Erasures;
use crate::{AuthFailure, admin::Administration, roles::Permission, users::User};
use chrono::{DateTime, Utc};
use events::{PersonalDataClient, PersonalExport};
use futures::future::try_join_all;
use kernel::{AuditRecord, CallContext, CallError, TenantId, UserId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Store;
use utoipa::ToSchema;

/// What every group knows about users.
#[derive(Clone)]
pub(crate) struct PersonalRecords {
    store: Store,
    administration: Administration,
    erasures: Erasures,
    groups: Vec<PersonalDataClient>,
}

/// Everything that is known about a user.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonalRecord)]
pub(crate) struct PersonalRecord {
    /// Whom it is about.
    pub(crate) user_id: UserId,
    /// When it was put together, UTC.
    pub(crate) exported_at: DateTime<Utc>,
    /// What each group knows, by collection.
    #[schema(value_type = Object)]
    pub(crate) groups: BTreeMap<String, PersonalExport>,
}

/// What came of erasing a user.
#[derive(Serialize, ToSchema)]
#[schema(as = Erasure)]
pub(crate) struct ErasureView {
    /// Who was erased.
    pub(crate) user_id: UserId,
    /// How many documents each group changed or removed.
    #[schema(value_type = Object)]
    pub(crate) documents: BTreeMap<String, u64>,
}

impl PersonalRecords {
    pub(crate) fn new(store: Store, administration: Administration, groups: Vec<PersonalDataClient>) -> Self {
        Self {
            erasures: Erasures::new(store.clone()),
            store,
            administration,
            groups,
        }
    }

    /// Everything that any group knows about the caller. A group that is away makes it fail: half an answer would pass
    /// for a whole one.
    pub(crate) async fn own(&self, cx: &CallContext) -> Result<PersonalRecord, AuthFailure> {
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        if caller.scopes.is_some() || caller.impersonator.is_some() {
            return Err(CallError::forbidden("personal_data.own").into());
        }
        let group_cx = &self.as_group(cx, caller.tenant);
        let exports = self.groups.iter().map(async |group| {
            let export = group.export(group_cx, caller.user).await?;
            Ok::<_, CallError>((group.group().to_owned(), export))
        });
        let groups = try_join_all(exports).await?.into_iter().collect();
        let mut batch = self.store.batch(cx);
        let exported_at = batch.now();
        let record = AuditRecord::new("personal_data.exported", format!("user/{}", caller.user));
        batch.event(record.into_event(cx));
        self.store.commit(batch).await?;
        Ok(PersonalRecord {
            user_id: caller.user,
            exported_at,
            groups,
        })
    }

    /// Suspends a user of the firm and takes out what every group knows of them; figures stay. When a group is away it
    /// fails, and a job finishes it once the group is back.
    pub(crate) async fn erase(&self, cx: &CallContext, id: UserId) -> Result<ErasureView, AuthFailure> {
        Permission::UsersErase.require(cx)?;
        let scope = cx.scope()?;
        if self.store.get_deleted::<User>(&scope, id).await?.is_none() {
            self.administration.suspend(cx, id).await?;
        }
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        self.erasures.plan(&mut batch, id, now).await?;
        batch.event(AuditRecord::new("user.erasure_asked", format!("user/{id}")).into_event(cx));
        match self.store.commit(batch).await {
            // Somebody else asks for the same.
            Err(error) if error.is_lost_race() => {}
            done => drop(done?),
        }
        let erased = self.take_out(cx, id).await;
        if erased.is_err() {
            self.erasures.begin(cx.tenant(), id, now).await?;
        }
        erased
    }

    /// Takes the user out of every group, this one last: it knows until then whom it is about. Doing it again changes
    /// nothing more.
    pub(super) async fn take_out(&self, cx: &CallContext, id: UserId) -> Result<ErasureView, AuthFailure> {
        let group_cx = &self.as_group(cx, cx.tenant());
        let mut documents = BTreeMap::new();
        let (own, others): (Vec<_>, Vec<_>) = self
            .groups
            .iter()
            .partition(|group| group.group() == self.store.group());
        for group in others.into_iter().chain(own) {
            let erased = group.erase(group_cx, id).await?;
            documents.insert(group.group().to_owned(), erased.documents);
        }
        let mut batch = self.store.batch(cx);
        if let Some(erasure) = self.erasures.of(id).await? {
            batch.remove(&erasure);
            batch.event(AuditRecord::new("user.erased", format!("user/{id}")).into_event(cx));
            match self.store.commit(batch).await {
                Err(error) if error.is_lost_race() => {}
                done => drop(done?),
            }
        }
        Ok(ErasureView {
            user_id: id,
            documents,
        })
    }

    /// The same call, by this group in the firm.
    fn as_group(&self, cx: &CallContext, tenant: TenantId) -> CallContext {
        let mut system = CallContext::system(self.store.group(), tenant, self.store.sources().ids());
        system.request_id = cx.request_id;
        system.with_deadline(cx.deadline)
    }
}

use super::{
    instance::{AnnouncedInstance, shown},
    models::{AnnounceRequest, RegistrationRequest},
};
use crate::error::Error;
use chrono::TimeDelta;
use infrastructure_contract::{Announcement, Instance, InstanceId, Registry, RegistryError};
use kernel::{CallContext, CallError, GroupInfo, IdempotencyKey, Principal, Role, Scope, TenantId};
use store::{Batch, Query, Sort, Store, StoreError, Stored};

/// How long an announcement counts.
const LIFE: TimeDelta = TimeDelta::seconds(10);
/// How many expired ones are cleared away at once.
const CLEARED: u32 = 50;

/// Processes belong to the installation, not to a firm.
const INSTALLATION: Scope = Scope::Tenant {
    tenant: TenantId::DEFAULT,
};

/// The processes that are there to be reached.
pub(crate) struct Instances {
    store: Store,
    known: Vec<&'static GroupInfo>,
}

impl Instances {
    pub(crate) fn new(store: Store, known: Vec<&'static GroupInfo>) -> Self {
        Self { store, known }
    }

    /// Registers a process that does not announce itself over the seam, once for the key.
    pub(crate) async fn register(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &RegistrationRequest,
    ) -> Result<Instance, Error> {
        may_register(cx)?;
        let work = async |batch: Batch| {
            let id = InstanceId(self.store.sources().ids().next());
            let announcement = self.checked(request.announcement(id))?;
            let mut batch = batch.in_tenant(TenantId::DEFAULT);
            let instance = self.announced(&announcement);
            let stored = batch.insert(id.0, instance);
            Ok::<_, Error>((batch, shown(&stored)))
        };
        let made = self
            .store
            .once(cx, "infrastructure.registry.register", key, request, work)
            .await?;
        self.clear_expired(cx).await;
        Ok(made)
    }

    /// Lets a registered process live on, with what it now says of itself.
    pub(crate) async fn heartbeat(
        &self,
        cx: &CallContext,
        id: InstanceId,
        request: &AnnounceRequest,
    ) -> Result<Instance, Error> {
        may_register(cx)?;
        let known = self.live_instance(id).await?;
        let announcement = self.checked(request.announcement(&known))?;
        let instance = self.announced(&announcement);
        let update = self
            .store
            .update(cx, &INSTALLATION, id.0, |stored: &mut AnnouncedInstance| {
                *stored = instance.clone();
            });
        let updated = update.await?;
        Ok(updated
            .as_ref()
            .map(shown)
            .ok_or(RegistryError::InstanceNotFound)?)
    }

    /// Takes a registered process out.
    pub(crate) async fn deregister(&self, cx: &CallContext, id: InstanceId) -> Result<(), Error> {
        may_register(cx)?;
        self.live_instance(id).await?;
        Ok(self.remove(cx, id).await?)
    }

    /// Every process that lives, for those who watch over the installation.
    pub(crate) async fn list(&self, cx: &CallContext) -> Result<Vec<Instance>, Error> {
        match &cx.principal {
            Principal::Anonymous => Err(CallError::Unauthenticated.into()),
            _ if !may_see(cx) => Err(CallError::forbidden("registry.read").into()),
            _ => Ok(self.live().await?),
        }
    }

    /// Every process that lives, in the order in which they expire.
    pub(crate) async fn live(&self) -> Result<Vec<Instance>, RegistryError> {
        let mut found = Vec::new();
        let mut page = kernel::PageRequest {
            limit: kernel::MAX_PAGE,
            ..kernel::PageRequest::default()
        };
        loop {
            let query = Query::sorted(Sort::ascending("expires_at"))
                .between(Some(self.first_live_moment().into()), None)
                .page(page.clone());
            let part = self.store.find(&INSTALLATION, query).await.map_err(failed)?;
            found.extend(part.items.iter().map(shown));
            match part.next {
                Some(next) => page.cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// An announcement counts up to and not including the moment at which it expires.
    fn first_live_moment(&self) -> chrono::DateTime<chrono::Utc> {
        self.store.sources().now() + TimeDelta::milliseconds(1)
    }

    async fn live_instance(&self, id: InstanceId) -> Result<Stored<AnnouncedInstance>, RegistryError> {
        let stored = self.store.get(&INSTALLATION, id.0).await.map_err(failed)?;
        let is_live = |stored: &Stored<AnnouncedInstance>| stored.expires_at > self.store.sources().now();
        stored.filter(is_live).ok_or(RegistryError::InstanceNotFound)
    }

    fn announced(&self, announcement: &Announcement) -> AnnouncedInstance {
        let now = self.store.sources().now();
        AnnouncedInstance::new(announcement, now, now + LIFE)
    }

    /// Whether it is a group, or a module with its group before it.
    fn is_known(&self, name: &str) -> bool {
        let (group, module) = match name.split_once('.') {
            Some((group, module)) => (group, Some(module)),
            None => (name, None),
        };
        let known = self.known.iter().find(|info| info.name == group);
        known
            .is_some_and(|info| module.is_none_or(|name| info.modules.iter().any(|known| known.name == name)))
    }

    /// The announcement with its address as everybody writes it, or what is wrong with it.
    fn checked(&self, announcement: Announcement) -> Result<Announcement, CallError> {
        if announcement.groups.is_empty() {
            return Err(CallError::invalid("groups", "must name at least one group"));
        }
        for group in &announcement.groups {
            if !self.is_known(group) {
                let known: Vec<_> = self.known.iter().map(|info| info.name).collect();
                let known = known.join(", ");
                let message = format!(
                    "'{group}' is no group, and no module as in finance.accounting: choose from {known}"
                );
                return Err(CallError::invalid("groups", message));
            }
        }
        if announcement.version.chars().count() > 40 {
            return Err(CallError::invalid(
                "version",
                "must be at most 40 characters long",
            ));
        }
        let address = rpc::parse_address(&announcement.address)
            .map_err(|error| CallError::invalid("address", error.to_string()))?;
        Ok(Announcement {
            address,
            ..announcement
        })
    }

    /// Writes an announcement, whether it is the first of its process or not.
    async fn put(&self, cx: &CallContext, announcement: &Announcement) -> Result<(), RegistryError> {
        let (id, instance) = (announcement.instance.0, self.announced(announcement));
        loop {
            let found: Option<Stored<AnnouncedInstance>> =
                self.store.get(&INSTALLATION, id).await.map_err(failed)?;
            let mut batch = self.store.batch(cx).in_tenant(TenantId::DEFAULT);
            match found {
                Some(found) => batch.replace(&found.with(instance.clone())),
                None => batch.insert(id, instance.clone()),
            };
            match self.store.commit(batch).await {
                // Somebody else was faster, be it with the same announcement.
                Err(error) if error.is_lost_race() && !cx.deadline.remaining().is_zero() => {}
                outcome => return outcome.map(drop).map_err(failed),
            }
        }
    }

    async fn remove(&self, cx: &CallContext, id: InstanceId) -> Result<(), RegistryError> {
        loop {
            let found: Option<Stored<AnnouncedInstance>> =
                self.store.get(&INSTALLATION, id.0).await.map_err(failed)?;
            let Some(found) = found else { return Ok(()) };
            let mut batch = self.store.batch(cx);
            batch.remove(&found);
            match self.store.commit(batch).await {
                Err(error) if error.is_lost_race() && !cx.deadline.remaining().is_zero() => {}
                outcome => return outcome.map(drop).map_err(failed),
            }
        }
    }

    /// Removes what expired. Another process may be doing the same: whoever comes second has nothing to do.
    async fn clear_expired(&self, cx: &CallContext) {
        let query = Query::sorted(Sort::ascending("expires_at"))
            .between(None, Some(self.first_live_moment().into()))
            .limit(CLEARED);
        let found = self.store.find::<AnnouncedInstance>(&INSTALLATION, query).await;
        let Ok(expired) = found else { return };
        if expired.items.is_empty() {
            return;
        }
        let mut batch = self.store.batch(cx);
        for instance in &expired.items {
            batch.remove(instance);
        }
        match self.store.commit(batch).await {
            Ok(_) => tracing::info!(
                instances = expired.items.len(),
                "instances that fell silent were removed"
            ),
            Err(error) if error.is_lost_race() => {}
            Err(error) => tracing::warn!(%error, "instances that fell silent could not be removed"),
        }
    }
}

#[rpc::async_trait]
impl Registry for Instances {
    async fn announce(&self, cx: &CallContext, announcement: Announcement) -> Result<(), RegistryError> {
        let group = announcing_group(cx)?;
        if !announces(&announcement, group) {
            return Err(CallError::forbidden("registry.announce").into());
        }
        let announcement = self.checked(announcement)?;
        self.put(cx, &announcement).await?;
        self.clear_expired(cx).await;
        Ok(())
    }

    async fn withdraw(&self, cx: &CallContext, instance: InstanceId) -> Result<(), RegistryError> {
        announcing_group(cx)?;
        self.remove(cx, instance).await
    }

    async fn instances(&self, cx: &CallContext) -> Result<Vec<Instance>, RegistryError> {
        announcing_group(cx)?;
        self.live().await
    }
}

/// The group for which a process of the platform speaks; nobody else may.
fn announcing_group(cx: &CallContext) -> Result<&str, CallError> {
    match &cx.principal {
        Principal::System { group, .. } => Ok(group),
        Principal::Anonymous => Err(CallError::Unauthenticated),
        Principal::User(_) => Err(CallError::forbidden("registry.announce")),
    }
}

/// An address that is registered is sent the requests of every firm: only those who run the installation may.
fn may_register(cx: &CallContext) -> Result<(), CallError> {
    match &cx.principal {
        Principal::Anonymous => Err(CallError::Unauthenticated),
        Principal::User(user) if user.role == Role::Admin && user.tenant == TenantId::DEFAULT => Ok(()),
        _ => Err(CallError::forbidden("registry.write")),
    }
}

/// Whether the caller may know where processes are.
fn may_see(cx: &CallContext) -> bool {
    match &cx.principal {
        Principal::Anonymous => false,
        Principal::System { .. } => true,
        Principal::User(user) => {
            matches!(user.role, Role::Admin | Role::Compliance) && user.tenant == TenantId::DEFAULT
        }
    }
}

fn failed(error: StoreError) -> RegistryError {
    CallError::from(error).into()
}

/// Whether a group, or a module of it, is announced.
fn announces(announcement: &Announcement, group: &str) -> bool {
    let mut names = announcement.groups.iter();
    names.any(|name| name.split('.').next() == Some(group))
}

use super::models::{Firm, FirmSetup, FirmView, NewFirm};
use crate::{AuthFailure, roles::Permission, setup::Setup};
use kernel::{AuditRecord, CallContext, CallError, Page, PageRequest, TenantId, UserId};
use store::{Query, Sort, Store, Stored};

/// The rules about firms.
#[derive(Clone)]
pub(crate) struct Firms {
    store: Store,
    setup: Setup,
}

impl Firms {
    pub(crate) fn new(store: Store, setup: Setup) -> Self {
        Self { store, setup }
    }

    /// Every firm that was made, oldest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Stored<Firm>>, AuthFailure> {
        operator(cx)?;
        let query = Query::sorted(Sort::ascending("created_at")).page(page);
        Ok(self.store.find_everywhere(query).await?)
    }

    /// Makes a firm, and what makes its first administrator.
    pub(crate) async fn make(&self, cx: &CallContext, new: &NewFirm) -> Result<FirmSetup, AuthFailure> {
        let created_by = operator(cx)?;
        let tenant: TenantId = self.store.sources().ids().next();
        let mut batch = self.store.batch(cx).in_tenant(tenant);
        let firm = Firm {
            name: new.name.as_str().to_owned(),
            created_by,
        };
        let firm = batch.insert(tenant.0, firm);
        batch.event(AuditRecord::new("firm.created", format!("firm/{tenant}")).into_event(cx));
        self.store.commit(batch).await?;
        self.setup_of(&firm).await
    }

    /// Makes again what makes the first administrator of a firm that has none. Earlier ones are no longer good.
    pub(crate) async fn renew(&self, cx: &CallContext, id: TenantId) -> Result<FirmSetup, AuthFailure> {
        operator(cx)?;
        let firm = self.store.get_anywhere::<Firm>(id.0).await?;
        let firm = firm.ok_or(AuthFailure::FirmNotFound)?;
        match self.setup.lacks_admin(id).await? {
            true => self.setup_of(&firm).await,
            false => Err(AuthFailure::FirmHasAdmin),
        }
    }

    async fn setup_of(&self, firm: &Stored<Firm>) -> Result<FirmSetup, AuthFailure> {
        let link = self.setup.link_of(firm.tenant_id).await?;
        Ok(FirmSetup {
            firm: FirmView::from(firm),
            setup_token: link.token,
            expires_at: link.expires_at,
        })
    }
}

/// Firms are made by the administrators of the installation: those of its own firm, as themselves.
fn operator(cx: &CallContext) -> Result<UserId, AuthFailure> {
    Permission::FirmsManage.require(cx)?;
    match cx.principal.user() {
        Some(user) if user.tenant == TenantId::DEFAULT && user.scopes.is_none() => Ok(user.user),
        _ => Err(CallError::forbidden(Permission::FirmsManage.as_str()).into()),
    }
}

use super::{
    models::ViewRecord,
    requests::{ViewRequest, ViewResponse},
};
use crate::{
    clients::{ClientResponse, ClientsService},
    error::Error,
    versions::commit,
};
use kernel::{CallContext, CallError, Page, PageRequest, Scope, UserId};
use std::sync::Arc;
use store::{Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// How many views one user may keep.
const MOST: usize = 100;

/// The rules of saved views.
pub(crate) struct Views {
    store: Store,
    clients: Arc<ClientsService>,
}

impl Views {
    pub(crate) fn new(store: Store, clients: Arc<ClientsService>) -> Self {
        Self { store, clients }
    }

    /// The caller's views, by name.
    pub(crate) async fn list(&self, cx: &CallContext) -> Result<Vec<ViewResponse>, Error> {
        let (scope, _) = own(cx)?;
        let query = Query::sorted(Sort::ascending("name")).limit(kernel::MAX_PAGE);
        let found = self.store.find::<ViewRecord>(&scope, query).await?;
        Ok(found.items.into_iter().map(ViewResponse::from).collect())
    }

    /// Keeps a view; one of the same name is replaced.
    pub(crate) async fn save(&self, cx: &CallContext, request: ViewRequest) -> Result<ViewResponse, Error> {
        let (scope, user_id) = own(cx)?;
        // A filter that the list would refuse is refused now.
        let tried = PageRequest {
            limit: 1,
            cursor: None,
            count: false,
        };
        self.clients.list(cx, &request.filter, tried).await?;
        let named = Query::sorted(Sort::ascending("name"))
            .equals("user_id", user_id.0)
            .between(Some(request.name.as_str().into()), None);
        let known = self.store.find_first::<ViewRecord>(&scope, named).await?;
        let known = known.filter(|view| kernel::fold(&view.name) == kernel::fold(&request.name));
        if known.is_none() && self.list(cx).await?.len() >= MOST {
            return Err(Error::invalid(
                "name",
                format!("there are {MOST} views already: delete one first"),
            ));
        }
        let record = ViewRecord {
            user_id,
            name: request.name.into_string(),
            filter: request.filter,
        };
        let mut batch = self.store.batch(cx);
        let stored = match &known {
            Some(known) => batch.replace(&known.with(record)),
            None => batch.insert(self.store.sources().ids().next::<Uuid>(), record),
        };
        match commit(&self.store, batch, None).await {
            Err(Error::Store(StoreError::Duplicate { .. })) => Err(Error::StaleVersion),
            done => done.map(|()| stored.into()),
        }
    }

    /// The clients that a view shows.
    pub(crate) async fn clients(
        &self,
        cx: &CallContext,
        id: Uuid,
        page: PageRequest,
    ) -> Result<Page<ClientResponse>, Error> {
        let view = self.view(cx, id).await?;
        self.clients.list(cx, &view.filter, page).await
    }

    /// Takes a view away.
    pub(crate) async fn delete(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let view = self.view(cx, id).await?;
        let mut batch = self.store.batch(cx);
        batch.remove(&view);
        Ok(self.store.commit(batch).await.map(drop)?)
    }

    async fn view(&self, cx: &CallContext, id: Uuid) -> Result<Stored<ViewRecord>, Error> {
        let (scope, _) = own(cx)?;
        self.store
            .get(&scope, id)
            .await?
            .ok_or(Error::Missing { what: "view" })
    }
}

/// Views are everybody's own, an overseer's too.
fn own(cx: &CallContext) -> Result<(Scope, UserId), CallError> {
    let user = cx.principal.user().ok_or(CallError::Unauthenticated)?.user;
    Ok((
        Scope::Own {
            tenant: cx.tenant(),
            user,
        },
        user,
    ))
}

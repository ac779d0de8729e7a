use super::{
    models::LinkRecord,
    requests::{LinkRequest, LinkResponse},
};
use crate::{
    access::{client, may_write},
    clients::{ClientRecord, ClientResponse},
    error::Error,
};
use auth_contract::UsersClient;
use kernel::{AuditRecord, CallContext, CallError, ClientId, Role, Scope, UserId};
use store::{Query, Store, StoreError, Stored};
use uuid::Uuid;

/// How many users one client may have beside its own.
const MOST: usize = 20;

/// The rules of links between clients and users.
pub(crate) struct Links {
    store: Store,
    users: UsersClient,
}

impl Links {
    pub(crate) fn new(store: Store, users: UsersClient) -> Self {
        Self { store, users }
    }

    /// The users who may look at a client, oldest first.
    pub(crate) async fn list(&self, cx: &CallContext, id: ClientId) -> Result<Vec<LinkResponse>, Error> {
        let client = client(&self.store, cx, id).await?;
        Ok(self
            .of(&client)
            .await?
            .into_iter()
            .map(LinkResponse::from)
            .collect())
    }

    /// Lets a user look at a client. Doing it again changes what they are to each other.
    pub(crate) async fn link(
        &self,
        cx: &CallContext,
        id: ClientId,
        request: LinkRequest,
    ) -> Result<LinkResponse, Error> {
        let client = client(&self.store, cx, id).await?;
        let caller = may_write(cx, "clients.write")?;
        if request.user_id == client.user_id {
            return Err(Error::invalid("user_id", "is the client's own user already"));
        }
        if caller.role != Role::Admin {
            self.of_the_book(cx, request.user_id).await?;
        }
        let wrong = || Error::invalid("user_id", "must be a user of this firm");
        let user = self
            .users
            .user(cx, request.user_id)
            .await
            .map_err(|error| match error {
                auth_contract::AuthError::UserNotFound => wrong(),
                other => other.into(),
            })?;
        let known = self
            .store
            .get::<LinkRecord>(&firm(cx), link_id(id, user.id))
            .await?;
        if known.is_none() && self.of(&client).await?.len() >= MOST {
            let message = format!("the client has {MOST} users already: remove one first");
            return Err(Error::invalid("user_id", message));
        }
        let record = LinkRecord {
            user_id: user.id,
            client_id: id,
            relation: request.relation,
        };
        let mut batch = self.store.batch(cx);
        let stored = match &known {
            Some(known) => batch.replace(&known.with(record)),
            None => batch.insert(link_id(id, user.id), record),
        };
        batch.event(audit("client.user_linked", &stored).into_event(cx));
        self.store.commit(batch).await.map_err(|error| match error {
            StoreError::Duplicate { .. } | StoreError::VersionConflict { .. } => Error::StaleVersion,
            other => other.into(),
        })?;
        Ok(stored.into())
    }

    /// Lets a user no longer look at a client.
    pub(crate) async fn unlink(&self, cx: &CallContext, id: ClientId, user: UserId) -> Result<(), Error> {
        client(&self.store, cx, id).await?;
        may_write(cx, "clients.write")?;
        let found = self.store.get::<LinkRecord>(&firm(cx), link_id(id, user)).await?;
        let found = found.ok_or(Error::Missing { what: "link" })?;
        let mut batch = self.store.batch(cx);
        batch.remove(&found);
        batch.event(audit("client.user_unlinked", &found).into_event(cx));
        Ok(self.store.commit(batch).await.map(drop)?)
    }

    /// The clients that the caller may look at beside their own record, without what only the client and the advisor know.
    pub(crate) async fn linked(&self, cx: &CallContext) -> Result<Vec<ClientResponse>, Error> {
        let user = cx.principal.user().ok_or(CallError::Unauthenticated)?.user;
        let own = Scope::Own {
            tenant: cx.tenant(),
            user,
        };
        let links = self
            .store
            .find::<LinkRecord>(&own, Query::all().limit(kernel::MAX_PAGE))
            .await?;
        let mut clients = Vec::new();
        for link in links.items {
            if let Some(client) = self.store.get::<ClientRecord>(&firm(cx), link.client_id).await? {
                let mut shown = ClientResponse::from(client);
                (shown.tax_id, shown.phone, shown.address) = (None, None, None);
                clients.push(shown);
            }
        }
        Ok(clients)
    }

    async fn of(&self, client: &Stored<ClientRecord>) -> Result<Vec<Stored<LinkRecord>>, Error> {
        let scope = Scope::Tenant {
            tenant: client.tenant_id,
        };
        let query = Query::all()
            .equals("client_id", client.id)
            .limit(kernel::MAX_PAGE);
        Ok(self.store.find(&scope, query).await?.items)
    }

    async fn of_the_book(&self, cx: &CallContext, user: UserId) -> Result<(), Error> {
        let query = Query::all().equals("user_id", user.0);
        match self.store.find_first::<ClientRecord>(&cx.scope()?, query).await? {
            Some(_) => Ok(()),
            None => Err(Error::invalid(
                "user_id",
                "must be the user of a client of the own book",
            )),
        }
    }
}

fn firm(cx: &CallContext) -> Scope {
    Scope::Tenant { tenant: cx.tenant() }
}

fn link_id(client: ClientId, user: UserId) -> Uuid {
    Uuid::new_v5(&client.0, format!("user\u{0}{user}").as_bytes())
}

fn audit(action: &str, link: &Stored<LinkRecord>) -> AuditRecord {
    AuditRecord::new(action, format!("client/{}", link.client_id))
        .changing("user_id", None, Some(link.user_id))
        .changing("relation", None, Some(link.relation))
}

use super::{
    book::{Advisors, already_client, announce, book_of, changed_fields},
    households::HouseholdRecord,
    models::ClientRecord,
    profile::{Profile, figure},
    requests::{ClientCreateRequest, ClientFilter, ClientResponse, ClientUpdateRequest},
    store::ClientsStore,
    worth::followed,
};
use crate::{
    access::may_write,
    error::Error,
    versions::{check_versions, commit},
};
use advisory_contract::{AdvisoryError, Book, CLIENT_CREATED, CLIENT_DELETED, CLIENT_UPDATED, ClientLink};
use auth_contract::{NewInvitedUser, UsersClient};
use kernel::{
    AdvisorId, CallContext, CallError, ClientId, Currency, IdempotencyKey, Page, PageRequest, Role, UserId,
};
use store::Stored;
use uuid::Uuid;

/// The rules of the book.
pub(crate) struct ClientsService {
    clients: ClientsStore,
    users: UsersClient,
    advisors: Advisors,
    currency: Currency,
}

impl ClientsService {
    pub(crate) fn new(clients: ClientsStore, users: UsersClient, currency: Currency) -> Self {
        Self {
            clients,
            advisors: Advisors::new(users.clone()),
            users,
            currency,
        }
    }

    /// The clients that the caller may see.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ClientFilter,
        page: PageRequest,
    ) -> Result<Page<ClientResponse>, Error> {
        let found = self.clients.list(&cx.scope()?, filter, page).await?;
        Ok(found.map(ClientResponse::from))
    }

    /// All that the caller may see and the filter leaves, page by page.
    pub(crate) async fn all(
        &self,
        cx: &CallContext,
        filter: &ClientFilter,
    ) -> Result<Vec<ClientResponse>, Error> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = PageRequest {
                limit: kernel::MAX_PAGE,
                cursor,
                count: false,
            };
            let found = self.list(cx, filter, page).await?;
            all.extend(found.items);
            cursor = found.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// One client that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: ClientId) -> Result<ClientResponse, Error> {
        Ok(self.clients.get(&cx.scope()?, id).await?.into())
    }

    /// The record of a new client, whose user is made if there is none: to be inserted by the caller.
    pub(crate) async fn prepared(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ClientCreateRequest,
        advisor: AdvisorId,
    ) -> Result<ClientRecord, Error> {
        let user_id = self.user_of(cx, key, &request).await?;
        self.new_record(cx, request, advisor, user_id).await
    }

    /// Refuses what cannot become a client, before anything is made.
    pub(crate) async fn check_new(
        &self,
        cx: &CallContext,
        request: &ClientCreateRequest,
    ) -> Result<(), Error> {
        let advisor = advisor_for(cx, request)?;
        let currency = request.currency.unwrap_or(self.currency);
        if let Some(assets) = request.total_assets {
            figure("total_assets", assets, currency)?;
        }
        let profile = Profile::of_new(request.clone(), currency)?;
        self.check_household(cx, profile.household_id, advisor).await
    }

    /// Takes a client into a book, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ClientCreateRequest,
    ) -> Result<ClientResponse, Error> {
        let advisor = advisor_for(cx, &request)?;
        self.advisors.check(cx, advisor).await?;
        self.check_new(cx, &request).await?;
        let documents = self.clients.documents();
        documents
            .once(cx, "advisory.create_client", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let record = self.prepared(cx, key, request, advisor).await?;
                    let stored = batch.insert(documents.sources().ids().next::<ClientId>(), record);
                    announce(cx, &mut batch, CLIENT_CREATED, None, &stored, &["client"]);
                    Ok((batch, ClientResponse::from(stored)))
                }
            })
            .await
            .map_err(already_client)
    }

    /// Replaces a client's data. `expected` is the version of `If-Match`. What follows from events moves the document too, and
    /// is no reason to refuse.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: ClientId,
        expected: Option<u64>,
        request: ClientUpdateRequest,
    ) -> Result<ClientResponse, Error> {
        may_write(cx, "clients.write")?;
        let read = self.clients.get(&cx.scope()?, id).await?.version();
        check_versions(read, expected, request.version)?;
        let moved = async |error: &Error| {
            let lost = matches!(error, Error::StaleVersion | Error::PreconditionFailed);
            let now = self.clients.get(&cx.scope()?, id).await?;
            Ok::<_, Error>(lost && now.version() == read)
        };
        loop {
            match self.update_once(cx, id, expected, read, request.clone()).await {
                Err(error) if moved(&error).await? && !cx.deadline.remaining().is_zero() => {}
                decided => return decided,
            }
        }
    }

    async fn update_once(
        &self,
        cx: &CallContext,
        id: ClientId,
        expected: Option<u64>,
        read: u64,
        request: ClientUpdateRequest,
    ) -> Result<ClientResponse, Error> {
        let current = self.clients.get(&cx.scope()?, id).await?;
        check_versions(current.version(), expected, request.version.or(Some(read)))?;
        let total_assets = match request.total_assets {
            Some(amount) => figure("total_assets", amount, current.currency)?,
            None => current.total_assets,
        };
        let profile = Profile::of(request, current.currency)?;
        if profile.household_id != current.household_id {
            self.check_household(cx, profile.household_id, current.advisor_id)
                .await?;
        }
        let mut batch = self.clients.documents().batch(cx);
        let changed = current.changed(|record| {
            profile.put_on(record);
            record.own(total_assets);
            record.revise();
        });
        let stored = batch.replace(&changed);
        let fields = changed_fields(&current.clone().into(), &stored.clone().into());
        announce(cx, &mut batch, CLIENT_UPDATED, Some(&current), &stored, &fields);
        commit(self.clients.documents(), batch, expected).await?;
        Ok(stored.into())
    }

    /// Takes a client out of the book; the record can be restored.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: ClientId,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        may_write(cx, "clients.write")?;
        // Who names no version means the client as it is: that somebody was faster is no reason to refuse.
        let overtaken = |error: &Error| expected.is_none() && matches!(error, Error::StaleVersion);
        let documents = self.clients.documents();
        documents
            .anew(cx, overtaken, async || self.delete_once(cx, id, expected).await)
            .await
    }

    async fn delete_once(&self, cx: &CallContext, id: ClientId, expected: Option<u64>) -> Result<(), Error> {
        let current = self.clients.get(&cx.scope()?, id).await?;
        check_versions(current.version(), expected, None)?;
        let mut batch = self.clients.documents().batch(cx);
        let stored = batch.delete(&current);
        announce(
            cx,
            &mut batch,
            CLIENT_DELETED,
            Some(&current),
            &stored,
            &["deleted_at"],
        );
        commit(self.clients.documents(), batch, expected).await
    }

    /// A household of the same book.
    async fn check_household(
        &self,
        cx: &CallContext,
        household: Option<Uuid>,
        advisor: AdvisorId,
    ) -> Result<(), Error> {
        let Some(id) = household else {
            return Ok(());
        };
        let found = self
            .clients
            .documents()
            .get::<HouseholdRecord>(&cx.scope()?, id)
            .await?;
        match found {
            Some(household) if household.advisor_id == advisor => Ok(()),
            _ => Err(Error::invalid(
                "household_id",
                "must be a household of the same book",
            )),
        }
    }

    /// The user behind a new client: the one that is named, or a newly invited one.
    async fn user_of(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &ClientCreateRequest,
    ) -> Result<UserId, Error> {
        if let Some(user) = request.user_id {
            return Ok(self.users.user(cx, user).await?.id);
        }
        let invited = NewInvitedUser {
            name: request.client_name.to_string(),
            role: Role::Client,
        };
        Ok(self.users.invite(cx, key.step("invite"), invited).await?.id)
    }

    async fn new_record(
        &self,
        cx: &CallContext,
        request: ClientCreateRequest,
        advisor_id: AdvisorId,
        user_id: UserId,
    ) -> Result<ClientRecord, Error> {
        let currency = request.currency.unwrap_or(self.currency);
        let said = match request.total_assets {
            Some(amount) => Some(figure("total_assets", amount, currency)?),
            None => None,
        };
        let followed = followed(self.clients.documents(), cx, user_id, currency).await?;
        let mut record = ClientRecord::new(user_id, advisor_id, currency);
        record.follow(followed);
        record.own(said.unwrap_or(followed));
        Profile::of_new(request, currency)?.put_on(&mut record);
        Ok(record)
    }
}

#[rpc::async_trait]
impl Book for ClientsService {
    async fn link(&self, cx: &CallContext, user: UserId) -> Result<ClientLink, AdvisoryError> {
        let scope = cx.scope().map_err(Error::from)?;
        Ok(link(&self.clients.of_user(&scope, user).await?))
    }

    async fn client(&self, cx: &CallContext, client: ClientId) -> Result<ClientLink, AdvisoryError> {
        let scope = cx.scope().map_err(Error::from)?;
        Ok(link(&self.clients.get(&scope, client).await?))
    }
}

fn link(stored: &Stored<ClientRecord>) -> ClientLink {
    ClientLink {
        client_id: ClientId(stored.id),
        user_id: stored.user_id,
        advisor_id: stored.advisor_id,
    }
}

/// In whose book a new client goes. Only an admin joins a user who is there already.
fn advisor_for(cx: &CallContext, request: &ClientCreateRequest) -> Result<AdvisorId, Error> {
    let advisor = book_of(cx, request.advisor_id)?;
    match cx.principal.user().map(|user| user.role) {
        Some(Role::Admin) => Ok(advisor),
        _ if request.user_id.is_some() => Err(CallError::forbidden("clients.assign").into()),
        _ => Ok(advisor),
    }
}

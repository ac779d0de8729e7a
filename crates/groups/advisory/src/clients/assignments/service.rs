use super::{
    models::AssignmentRecord,
    requests::{AssignmentResponse, ReassignRequest},
};
use crate::{
    access::{client, may_write},
    clients::{
        ClientRecord, ClientResponse,
        book::{Advisors, already_client, announce},
        households::HouseholdRecord,
    },
    error::Error,
    versions::{check_versions, commit},
};
use advisory_contract::CLIENT_REASSIGNED;
use kernel::{AdvisorId, CallContext, CallError, ClientId, Role, Scope};
use store::{Batch, Query, Store, Stored};
use uuid::Uuid;

/// The rules of who has which client.
pub(crate) struct Assignments {
    store: Store,
    advisors: Advisors,
}

impl Assignments {
    pub(crate) fn new(store: Store, advisors: Advisors) -> Self {
        Self { store, advisors }
    }

    /// Whose the client has been, oldest first.
    pub(crate) async fn history(
        &self,
        cx: &CallContext,
        id: ClientId,
    ) -> Result<Vec<AssignmentResponse>, Error> {
        let client = client(&self.store, cx, id).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let query = Query::all().equals("client_id", client.id);
        let found = self.store.find_all::<AssignmentRecord>(&scope, query).await?;
        Ok(found.into_iter().map(AssignmentResponse::from).collect())
    }

    /// Moves a client to another advisor's book. For admins: an advisor gives nobody away, and takes nobody.
    pub(crate) async fn reassign(
        &self,
        cx: &CallContext,
        id: ClientId,
        expected: Option<u64>,
        request: ReassignRequest,
    ) -> Result<ClientResponse, Error> {
        let current = client(&self.store, cx, id).await?;
        if may_write(cx, "clients.assign")?.role != Role::Admin {
            return Err(CallError::forbidden("clients.assign").into());
        }
        check_versions(current.version(), expected, None)?;
        if request.advisor_id == current.advisor_id {
            return Ok(current.into());
        }
        self.advisors.check(cx, request.advisor_id).await?;
        let mut batch = self.store.batch(cx);
        let moved = batch.replace(&current.changed(|client| {
            client.advisor_id = request.advisor_id;
            client.household_id = None;
            client.revise();
        }));
        let reason = request.reason.map(|reason| reason.into_string());
        self.remember(cx, &mut batch, &current, request.advisor_id, reason);
        announce(
            cx,
            &mut batch,
            CLIENT_REASSIGNED,
            Some(&current),
            &moved,
            &["advisor_id"],
        );
        commit(&self.store, batch, expected).await?;
        Ok(moved.into())
    }

    /// Takes a client back who was deleted.
    pub(crate) async fn restore(&self, cx: &CallContext, id: ClientId) -> Result<ClientResponse, Error> {
        let scope = cx.scope()?;
        let deleted = self.store.get_deleted::<ClientRecord>(&scope, id).await?;
        let deleted = deleted.ok_or(Error::ClientNotFound)?;
        may_write(cx, "clients.write")?;
        let household = match deleted.household_id {
            Some(household) => self.store.get::<HouseholdRecord>(&scope, household).await?,
            None => None,
        };
        let mut back = deleted.changed(|client| {
            client.household_id = household.map(|household| household.id);
            client.revise();
        });
        back.deleted_at = None;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&back);
        self.remember(cx, &mut batch, &deleted, deleted.advisor_id, None);
        announce(
            cx,
            &mut batch,
            CLIENT_REASSIGNED,
            Some(&deleted),
            &stored,
            &["deleted_at"],
        );
        commit(&self.store, batch, None).await.map_err(already_client)?;
        Ok(stored.into())
    }

    fn remember(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        client: &Stored<ClientRecord>,
        to: AdvisorId,
        reason: Option<String>,
    ) {
        let record = AssignmentRecord {
            user_id: client.user_id,
            client_id: ClientId(client.id),
            from_advisor_id: client.advisor_id,
            to_advisor_id: to,
            reason,
            decided_by: cx.principal.reference(),
        };
        batch.insert(self.store.sources().ids().next::<Uuid>(), record);
    }
}

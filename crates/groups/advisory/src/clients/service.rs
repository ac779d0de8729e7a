use super::{
    models::ClientRecord,
    requests::{ClientCreateRequest, ClientFilter, ClientResponse, ClientUpdateRequest},
    store::ClientsStore,
};
use crate::{
    access::may_write,
    error::Error,
    versions::{check_versions, raced},
};
use advisory_contract::{
    AdvisoryError, Book, CLIENT_CREATED, CLIENT_DELETED, CLIENT_UPDATED, ClientChanged, ClientLink,
};
use auth_contract::{AuthError, NewInvitedUser, UsersClient};
use kernel::{
    AdvisorId, Amount, AuditRecord, CallContext, CallError, ClientId, Currency, IdempotencyKey, Money,
    NewEvent, Page, PageRequest, Role, UserId,
};
use rust_decimal::Decimal;
use store::{Batch, StoreError, Stored};

/// The rules of the book.
pub(crate) struct ClientsService {
    clients: ClientsStore,
    users: UsersClient,
    currency: Currency,
}

impl ClientsService {
    pub(crate) fn new(clients: ClientsStore, users: UsersClient, currency: Currency) -> Self {
        Self {
            clients,
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
        Ok(self
            .clients
            .list(&cx.scope()?, filter, page)
            .await?
            .map(ClientResponse::from))
    }

    /// One client that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: ClientId) -> Result<ClientResponse, Error> {
        Ok(self.clients.get(&cx.scope()?, id).await?.into())
    }

    /// Takes a client into a book, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ClientCreateRequest,
    ) -> Result<ClientResponse, Error> {
        let advisor = book_of(cx, &request)?;
        self.check_advisor(cx, advisor).await?;
        let total_assets = assets(request.total_assets, request.currency.unwrap_or(self.currency))?;
        let documents = self.clients.documents();
        documents
            .once(cx, "advisory.create_client", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let user_id = self.user_of(cx, key, &request).await?;
                    let record = self.new_record(request, advisor, user_id, total_assets);
                    let stored = batch.insert(documents.sources().ids().next::<ClientId>(), record);
                    announce(cx, &mut batch, CLIENT_CREATED, None, &stored, &["client"]);
                    Ok((batch, ClientResponse::from(stored)))
                }
            })
            .await
            .map_err(already_client)
    }

    /// Replaces a client's data. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: ClientId,
        expected: Option<u64>,
        request: ClientUpdateRequest,
    ) -> Result<ClientResponse, Error> {
        may_write(cx, "clients.write")?;
        let current = self.clients.get(&cx.scope()?, id).await?;
        check_versions(current.version, expected, request.version)?;
        let total_assets = match request.total_assets {
            Some(amount) => assets(Some(amount), current.currency)?,
            None => current.total_assets,
        };
        let mut batch = self.clients.documents().batch(cx);
        let changed = current.changed(|record| {
            record.client_name = request.client_name.into_string();
            record.email = request.email.map(|email| email.to_string());
            record.phone = request.phone.map(|phone| phone.into_string());
            record.tax_id = request.tax_id.map(|tax_id| tax_id.into_string());
            record.risk_profile = request.risk_profile;
            record.kyc_expiry_date = request.kyc_expiry_date.map(|date| date.date());
            record.total_assets = total_assets;
        });
        let stored = batch.replace(&changed);
        announce(
            cx,
            &mut batch,
            CLIENT_UPDATED,
            Some(&current),
            &stored,
            &changed_fields(&current, &stored),
        );
        self.clients
            .documents()
            .commit(batch)
            .await
            .map_err(|error| raced(error, expected))?;
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
        check_versions(current.version, expected, None)?;
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
        self.clients
            .documents()
            .commit(batch)
            .await
            .map_err(|error| raced(error, expected))?;
        Ok(())
    }

    /// An admin may name any advisor of the firm, and nobody else.
    async fn check_advisor(&self, cx: &CallContext, advisor: AdvisorId) -> Result<(), Error> {
        if cx.principal.user().is_some_and(|user| user.user.0 == advisor.0) {
            return Ok(());
        }
        let wrong = || CallError::invalid("advisor_id", "must be an advisor of this firm");
        match self.users.user(cx, UserId(advisor.0)).await {
            Ok(user) if user.role == Role::Advisor => Ok(()),
            Ok(_) | Err(AuthError::UserNotFound) => Err(wrong().into()),
            Err(error) => Err(error.into()),
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

    fn new_record(
        &self,
        request: ClientCreateRequest,
        advisor_id: AdvisorId,
        user_id: UserId,
        total_assets: Decimal,
    ) -> ClientRecord {
        ClientRecord {
            user_id,
            advisor_id,
            client_name: request.client_name.into_string(),
            email: request.email.map(|email| email.to_string()),
            phone: request.phone.map(|phone| phone.into_string()),
            tax_id: request.tax_id.map(|tax_id| tax_id.into_string()),
            risk_profile: request.risk_profile.unwrap_or_default(),
            kyc_expiry_date: request.kyc_expiry_date.map(|date| date.date()),
            total_assets,
            currency: request.currency.unwrap_or(self.currency),
        }
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

/// In whose book a new client goes, and whether the caller may say so.
fn book_of(cx: &CallContext, request: &ClientCreateRequest) -> Result<AdvisorId, Error> {
    let caller = may_write(cx, "clients.write")?;
    match (caller.role, request.advisor_id) {
        (Role::Admin, Some(advisor)) => Ok(advisor),
        (Role::Admin, None) => {
            Err(CallError::invalid("advisor_id", "an admin must say in whose book").into())
        }
        (_, Some(advisor)) if advisor.0 != caller.user.0 => {
            Err(CallError::forbidden("clients.assign").into())
        }
        (_, _) if request.user_id.is_some() => Err(CallError::forbidden("clients.assign").into()),
        (_, _) => Ok(AdvisorId(caller.user.0)),
    }
}

fn assets(amount: Option<Amount>, currency: Currency) -> Result<Decimal, CallError> {
    let amount = amount.map_or(Decimal::ZERO, |amount| amount.0);
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(CallError::invalid("total_assets", "must be 0 or more"));
    }
    let money = Money::new(amount, currency)
        .map_err(|error| CallError::invalid("total_assets", error.to_string()))?;
    Ok(money.amount())
}

fn already_client(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Duplicate { .. }) => Error::AlreadyClient,
        other => other,
    }
}

fn changed_fields(before: &ClientRecord, after: &ClientRecord) -> Vec<&'static str> {
    let fields = [
        ("client_name", before.client_name != after.client_name),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        ("tax_id", before.tax_id != after.tax_id),
        ("risk_profile", before.risk_profile != after.risk_profile),
        ("kyc_expiry_date", before.kyc_expiry_date != after.kyc_expiry_date),
        ("total_assets", before.total_assets != after.total_assets),
    ];
    fields
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(name, _)| name)
        .collect()
}

/// Adds the event and the audit record of a change to its batch.
fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    event: &str,
    before: Option<&ClientRecord>,
    stored: &Stored<ClientRecord>,
    changed: &[&str],
) {
    let subject = format!("client/{}", stored.id);
    let facts = ClientChanged {
        client_id: ClientId(stored.id),
        user_id: stored.user_id,
        advisor_id: stored.advisor_id,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let risk = |client: &ClientRecord| client.risk_profile;
    let assets = |client: &ClientRecord| client.total_assets.normalize().to_string();
    let advisor = |client: &ClientRecord| client.advisor_id;
    let audit = AuditRecord::new(event, subject)
        .naming(changed.iter().copied())
        .changing("risk_profile", before.map(risk), Some(risk(stored)))
        .changing("total_assets", before.map(assets), Some(assets(stored)))
        .changing("advisor_id", before.map(advisor), Some(advisor(stored)));
    batch.event(audit.into_event(cx).at_version(stored.version));
}

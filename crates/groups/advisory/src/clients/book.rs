//! In whose book a client stands, and how a change of that is told.

use super::{models::ClientRecord, requests::ClientResponse};
use crate::{access::may_write, error::Error};
use advisory_contract::ClientChanged;
use auth_contract::{AuthError, UsersClient};
use kernel::{AdvisorId, AuditRecord, CallContext, CallError, ClientId, NewEvent, Role, UserId};
use store::{Batch, StoreError, Stored};

/// In whose book something new goes, and whether the caller may say so.
pub(crate) fn book_of(cx: &CallContext, wanted: Option<AdvisorId>) -> Result<AdvisorId, Error> {
    let caller = may_write(cx, "clients.write")?;
    match (caller.role, wanted) {
        (Role::Admin, Some(advisor)) => Ok(advisor),
        (Role::Admin, None) => Err(Error::invalid("advisor_id", "an admin must say in whose book")),
        (_, Some(advisor)) if advisor.0 != caller.user.0 => {
            Err(CallError::forbidden("clients.assign").into())
        }
        (_, _) => Ok(AdvisorId(caller.user.0)),
    }
}

/// Who is an advisor of the firm.
#[derive(Clone)]
pub(crate) struct Advisors {
    users: UsersClient,
}

impl Advisors {
    pub(crate) fn new(users: UsersClient) -> Self {
        Self { users }
    }

    /// An admin may name any advisor of the firm, and nobody else.
    pub(crate) async fn check(&self, cx: &CallContext, advisor: AdvisorId) -> Result<(), Error> {
        let myself = |user: &&kernel::UserPrincipal| user.user.0 == advisor.0 && user.role == Role::Advisor;
        if cx.principal.user().filter(myself).is_some() {
            return Ok(());
        }
        let wrong = || Error::invalid("advisor_id", "must be an advisor of this firm");
        match self.users.user(cx, UserId(advisor.0)).await {
            Ok(user) if user.role == Role::Advisor => Ok(()),
            Ok(_) | Err(AuthError::UserNotFound) => Err(wrong()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A user can be one client at a time.
pub(crate) fn already_client(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Duplicate { .. }) => Error::AlreadyClient,
        other => other,
    }
}

/// The names of the fields that a change touched.
pub(super) fn changed_fields(before: &ClientResponse, after: &ClientResponse) -> Vec<&'static str> {
    let fields = [
        ("client_name", before.client_name != after.client_name),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        ("tax_id", before.tax_id != after.tax_id),
        ("risk_profile", before.risk_profile != after.risk_profile),
        ("kyc_expiry_date", before.kyc_expiry_date != after.kyc_expiry_date),
        ("total_assets", before.total_assets != after.total_assets),
        ("address", before.address != after.address),
        ("date_of_birth", before.date_of_birth != after.date_of_birth),
        ("occupation", before.occupation != after.occupation),
        ("annual_income", before.annual_income != after.annual_income),
        ("jurisdiction", before.jurisdiction != after.jurisdiction),
        ("tags", before.tags != after.tags),
        ("household_id", before.household_id != after.household_id),
    ];
    let changed = fields.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(name, _)| name).collect()
}

/// Adds the event and the audit record of a change to its batch.
pub(crate) fn announce(
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

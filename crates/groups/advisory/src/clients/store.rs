use super::{models::ClientRecord, requests::ClientFilter};
use crate::error::Error;
use chrono::NaiveTime;
use kernel::{CallError, ClientId, Page, PageRequest, Scope, UserId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Key, Query, Scoping, Sort, Store, Stored};

static CLIENTS: LazyLock<Collection> = LazyLock::new(|| {
    let sorts = ["client_name", "created_at", "total_assets", "kyc_expiry_date"];
    Collection::new("clients", Scoping::Client)
        .personal(&[
            "email",
            "phone",
            "tax_id",
            "address",
            "date_of_birth",
            "occupation",
            "annual_income",
        ])
        .personal_text(&["client_name"])
        .field("client_name", FieldKind::Text)
        .field("risk_profile", FieldKind::Text)
        .field("kyc_expiry_date", FieldKind::Time)
        .field("total_assets", FieldKind::Decimal)
        .encrypted_lookup("email", "email_lookup")
        .encrypted("phone")
        .encrypted("tax_id")
        .encrypted("address")
        .many("tags")
        .field("household_id", FieldKind::Uuid)
        .unique(&["user_id"])
        .serves(&[], &sorts)
        .serves(&["risk_profile"], &sorts)
        .serves(&["tags"], &["client_name"])
        .serves(&["household_id"], &["client_name"])
        .serves(&["email_lookup"], &["client_name"])
        .serves(&["user_id"], &["created_at"])
});

impl Document for ClientRecord {
    fn collection() -> &'static Collection {
        &CLIENTS
    }
}

/// The queries on clients, each scoped to the caller.
pub(crate) struct ClientsStore {
    store: Store,
}

impl ClientsStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// For batches and keys.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    pub(crate) async fn get(&self, scope: &Scope, id: ClientId) -> Result<Stored<ClientRecord>, Error> {
        self.store.get(scope, id).await?.ok_or(Error::ClientNotFound)
    }

    pub(crate) async fn of_user(&self, scope: &Scope, user: UserId) -> Result<Stored<ClientRecord>, Error> {
        let query = Query::all().equals("user_id", user.0);
        self.store
            .find_first(scope, query)
            .await?
            .ok_or(Error::ClientNotFound)
    }

    pub(crate) async fn list(
        &self,
        scope: &Scope,
        filter: &ClientFilter,
        page: PageRequest,
    ) -> Result<Page<Stored<ClientRecord>>, Error> {
        let sort = filter.sort.map_or("client_name", |sort| sort.as_str());
        let mut query = Query::sorted(Sort::parse(sort)).page(page);
        if let Some(risk) = filter.risk_profile {
            query = query.equals("risk_profile", risk.as_str());
        }
        if let Some(search) = &filter.search {
            if !sort.ends_with("client_name") {
                return Err(CallError::invalid("search", "needs sort=client_name").into());
            }
            query = query.prefix(search);
        }
        if let Some(tag) = &filter.tag {
            query = query.equals("tags", tag.as_str());
        }
        if let Some(household) = filter.household_id {
            query = query.equals("household_id", household);
        }
        query = bounded(query, filter, sort)?;
        match &filter.email {
            Some(email) => self.with_email(scope, &query, &email.folded()).await,
            None => Ok(self.store.find(scope, query).await?),
        }
    }

    /// Those with this e-mail address, which stands in the store as a keyed hash: under an older key too, while keys are
    /// changed.
    async fn with_email(
        &self,
        scope: &Scope,
        query: &Query,
        email: &str,
    ) -> Result<Page<Stored<ClientRecord>>, Error> {
        let mut found = Err(CallError::internal("there is no encryption key").into());
        for hash in self.store.keyring().lookups(&CLIENTS, "email", email) {
            let query = query.clone().equals("email_lookup", hash);
            let page = self.store.find(scope, query).await?;
            if !page.items.is_empty() {
                return Ok(page);
            }
            found = Ok(page);
        }
        found
    }
}

/// The bounds of the field that orders the list.
fn bounded(query: Query, filter: &ClientFilter, sort: &str) -> Result<Query, Error> {
    let needs = |field: &str, sorted: &str| match sort.ends_with(sorted) {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("needs sort={sorted}"))),
    };
    if let Some(day) = filter.kyc_before {
        needs("kyc_before", "kyc_expiry_date")?;
        let midnight = day.date().and_time(NaiveTime::MIN).and_utc();
        return Ok(query.between(None, Some(midnight.into())));
    }
    if let Some(least) = filter.min_assets {
        needs("min_assets", "total_assets")?;
        return Ok(query.between(Some(Key::Decimal(least.0)), None));
    }
    Ok(query)
}

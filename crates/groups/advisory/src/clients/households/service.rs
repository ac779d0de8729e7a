use super::{
    models::HouseholdRecord,
    requests::{HouseholdAssets, HouseholdRequest, HouseholdResponse},
};
use crate::{
    access::{may_write, visible},
    clients::{
        ClientRecord,
        book::{Advisors, book_of},
    },
    error::Error,
    versions::{check_versions, commit},
};
use kernel::{Amount, AuditRecord, CallContext, Currency, IdempotencyKey, Page, PageRequest};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The rules of households.
pub(crate) struct Households {
    store: Store,
    advisors: Advisors,
}

impl Households {
    pub(crate) fn new(store: Store, advisors: Advisors) -> Self {
        Self { store, advisors }
    }

    /// One page of households, by name.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<HouseholdResponse>, Error> {
        let query = Query::sorted(Sort::ascending("name")).page(page);
        let found = self.store.find::<HouseholdRecord>(&cx.scope()?, query).await?;
        Ok(found.map(HouseholdResponse::from))
    }

    /// One household with what its members own.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<HouseholdResponse, Error> {
        let household = visible::<HouseholdRecord>(&self.store, cx, id, "household").await?;
        let members = self.members(cx, id).await?;
        let mut sums: BTreeMap<&str, (Currency, Decimal)> = BTreeMap::new();
        for member in &members {
            let currency = member.currency;
            let sum = sums.entry(currency.code()).or_insert((currency, Decimal::ZERO));
            sum.1 += member.total_assets;
        }
        let assets = sums.into_values().map(|(currency, sum)| HouseholdAssets {
            currency,
            total_assets: Amount(sum),
        });
        Ok(HouseholdResponse {
            members: u32::try_from(members.len()).ok(),
            assets: Some(assets.collect()),
            ..HouseholdResponse::from(household)
        })
    }

    /// Makes a household, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: HouseholdRequest,
    ) -> Result<HouseholdResponse, Error> {
        let advisor_id = book_of(cx, request.advisor_id)?;
        self.advisors.check(cx, advisor_id).await?;
        self.store
            .once(cx, "advisory.create_household", key, &request, |mut batch| {
                let record = HouseholdRecord {
                    user_id: None,
                    advisor_id,
                    name: request.name.to_string(),
                };
                async move {
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    audit(cx, &mut batch, "household.created", &stored);
                    Ok::<_, Error>((batch, HouseholdResponse::from(stored)))
                }
            })
            .await
    }

    /// Gives it another name.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: HouseholdRequest,
    ) -> Result<HouseholdResponse, Error> {
        let current = visible::<HouseholdRecord>(&self.store, cx, id, "household").await?;
        may_write(cx, "clients.write")?;
        check_versions(current.version, expected, None)?;
        if request
            .advisor_id
            .is_some_and(|advisor| advisor != current.advisor_id)
        {
            return Err(Error::invalid(
                "advisor_id",
                "a household stays in its book: reassign its members",
            ));
        }
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|household| household.name = request.name.into_string()));
        audit(cx, &mut batch, "household.updated", &stored);
        commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }

    /// Takes it away; its members stay, in none.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = visible::<HouseholdRecord>(&self.store, cx, id, "household").await?;
        may_write(cx, "clients.write")?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        for member in self.members(cx, id).await? {
            batch.replace(&member.changed(|member| {
                member.household_id = None;
                member.revise();
            }));
        }
        let stored = batch.delete(&current);
        audit(cx, &mut batch, "household.deleted", &stored);
        commit(&self.store, batch, expected).await
    }

    async fn members(&self, cx: &CallContext, id: Uuid) -> Result<Vec<Stored<ClientRecord>>, Error> {
        let query = Query::sorted(Sort::ascending("client_name")).equals("household_id", id);
        Ok(self.store.find_all(&cx.scope()?, query).await?)
    }
}

fn audit(cx: &CallContext, batch: &mut Batch, action: &str, stored: &Stored<HouseholdRecord>) {
    let record = AuditRecord::new(action, format!("household/{}", stored.id)).naming(["name"]);
    batch.event(record.into_event(cx).at_version(stored.version));
}

use super::models::SuppressionRecord;
use kernel::{Email, Scope, TenantId};
use store::{Document, Query, Store, StoreError, Stored};

/// Whether anybody of the firm said that this address is not to be written to.
pub(crate) async fn is_suppressed(
    store: &Store,
    tenant: TenantId,
    email: &Email,
) -> Result<bool, StoreError> {
    let found = entry(store, &Scope::Tenant { tenant }, email).await?;
    Ok(found.is_some())
}

/// The entry of an address that the scope covers. An address stands in the store as a keyed hash: under an older key too,
/// while keys are changed.
pub(super) async fn entry(
    store: &Store,
    scope: &Scope,
    email: &Email,
) -> Result<Option<Stored<SuppressionRecord>>, StoreError> {
    let folded = email.folded();
    let hashes = store
        .keyring()
        .lookups(SuppressionRecord::collection(), "email", &folded);
    for hash in hashes {
        let query = Query::all().equals("email_lookup", hash);
        if let Some(found) = store.find_first(scope, query).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

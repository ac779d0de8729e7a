use super::{
    checked::Checked,
    requests::{ImportResponse, ImportState, ImportTotals, PreviewRow},
};
use crate::{balances::plus, error::Error, formats::Reading};
use kernel::{Amount, CallError, Currency, Money, RequestId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{BlobId, Collection, Document, FieldKind, Scoping, Stored};
use uuid::Uuid;

/// An import as it is stored. It is read through its account: whoever sees the account sees its imports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ImportRecord {
    /// The owner of the account.
    pub(crate) user_id: UserId,
    pub(crate) account_id: Uuid,
    /// Who sent the file: `user/…` or `system/…`.
    pub(crate) requested_by: String,
    pub(crate) correlation: RequestId,
    pub(crate) state: ImportState,
    pub(crate) dry_run: bool,
    pub(crate) reading: Reading,
    /// Where the file lies while it is needed.
    pub(crate) blob: Option<BlobId>,
    pub(crate) bytes: u64,
    /// SHA-256 of the file, where it was spooled.
    pub(crate) sha256: Option<String>,
    pub(crate) checked: Checked,
    pub(crate) rows_read: u32,
    pub(crate) imported: u32,
    pub(crate) duplicates: u32,
    pub(crate) skipped: u32,
    pub(crate) failure: Option<String>,
}

impl Document for ImportRecord {
    fn collection() -> &'static Collection {
        static IMPORTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("imports", Scoping::Owner)
                .field("account_id", FieldKind::Uuid)
                .serves(&["account_id"], &["created_at"])
                .personal_blob("blob")
                .removed_with_user()
        });
        &IMPORTS
    }
}

impl ImportRecord {
    /// As it is answered.
    pub(crate) fn answer(
        &self,
        id: Uuid,
        stored: Option<&Stored<ImportRecord>>,
        preview: Vec<PreviewRow>,
    ) -> Result<ImportResponse, Error> {
        Ok(ImportResponse {
            import_id: id,
            state: self.state,
            dry_run: self.dry_run,
            account_id: self.account_id,
            format: self.reading.format,
            bytes: self.bytes,
            rows: self.checked.rows,
            rows_read: self.rows_read,
            imported: self.imported,
            duplicates: self.duplicates,
            skipped: self.skipped,
            errors: self.checked.errors.clone(),
            totals: totals(&self.checked, self.reading.currency)?,
            preview,
            failure: self.failure.clone(),
            created_at: stored.map(|stored| stored.created_at),
            updated_at: stored.map(|stored| stored.updated_at),
        })
    }
}

fn totals(checked: &Checked, currency: Currency) -> Result<ImportTotals, Error> {
    let exact = |amount| match Money::new(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string())),
    };
    Ok(ImportTotals {
        currency,
        income: exact(checked.income)?,
        expenses: exact(checked.expenses)?,
        net: exact(plus(checked.income, -checked.expenses)?)?,
    })
}

use super::{
    csv::{self, ItemFile, ItemRowError},
    gauges::InventoryMetrics,
    items::{ItemsService, announce},
    requests::ItemResponse,
    store::InventoryStore,
};
use crate::{access::Access, error::Error};
use ::csv::Writer;
use finance_contract::INVENTORY_ITEM_CREATED;
use kernel::{CallContext, CallError, FieldError, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many items one commit takes.
const COMMIT_ROWS: usize = 500;

/// Brings items in from files and gives them out.
pub(crate) struct ItemFiles {
    store: InventoryStore,
    items: ItemsService,
    access: Access,
    metrics: InventoryMetrics,
}

/// Whose items.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemImportParameters {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Whether to check only and write nothing.
    #[param(required = false)]
    pub(crate) dry_run: Option<bool>,
}

/// What came of a file of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemImportResponse {
    /// Whether nothing was written because that was asked for.
    pub(crate) dry_run: bool,
    /// How many rows the file has after the header.
    pub(crate) rows: u32,
    /// How many items were made; in a dry run, how many would be.
    pub(crate) imported: usize,
    /// How many were there already, by SKU; they are left as they are.
    pub(crate) duplicates: usize,
    /// What is wrong, at most 100. Only a dry run answers with them; otherwise a wrong row is 422.
    pub(crate) errors: Vec<ItemRowError>,
}

impl ItemFiles {
    pub(crate) fn new(
        store: InventoryStore,
        items: ItemsService,
        access: Access,
        metrics: InventoryMetrics,
    ) -> Self {
        Self {
            store,
            items,
            access,
            metrics,
        }
    }

    /// Makes an item of every row whose SKU is new. All rows are checked before the first is written.
    pub(crate) async fn import(
        &self,
        cx: &CallContext,
        parameters: &ItemImportParameters,
        bytes: &[u8],
    ) -> Result<ItemImportResponse, Error> {
        let dry_run = parameters.dry_run.unwrap_or(false);
        let user = Access::subject(cx, parameters.user_id)?;
        let owner = self.items.owner(cx, user).await?;
        let mut file = csv::read(bytes)?;
        let mut records = Vec::with_capacity(file.items.len());
        for (number, request) in std::mem::take(&mut file.items) {
            match self.items.record(owner, request) {
                Ok(record) => records.push(record),
                Err(error) => file.refuse(number, "row", csv::message(&error)),
            }
        }
        if !dry_run && !file.errors.is_empty() {
            return Err(refused(&file));
        }
        let known = self.store.items_of(cx.tenant(), user).await?;
        let known: HashSet<&str> = known.iter().map(|item| item.sku_key.as_str()).collect();
        let rows = records.len();
        records.retain(|record| !known.contains(record.sku_key.as_str()));
        let imported = records.len();
        if !dry_run {
            let documents = self.store.documents();
            for chunk in records.chunks(COMMIT_ROWS) {
                let mut batch = documents.batch(cx);
                for record in chunk {
                    let id = documents.sources().ids().next::<Uuid>();
                    let mut record = record.clone();
                    super::reorders::look(cx, documents, &mut batch, id, &mut record)?;
                    let stored = batch.insert(id, record);
                    announce(cx, &mut batch, INVENTORY_ITEM_CREATED, &stored);
                }
                documents
                    .commit(batch)
                    .await
                    .map_err(|error| super::items::sku_in_use(error.into()))?;
            }
            self.metrics.changed();
        }
        Ok(ItemImportResponse {
            dry_run,
            rows: file.rows,
            imported,
            duplicates: rows - imported,
            errors: file.errors,
        })
    }

    /// A user's items as CSV, by SKU.
    pub(crate) async fn export(&self, cx: &CallContext, user: Option<UserId>) -> Result<Vec<u8>, Error> {
        let user = Access::subject(cx, user)?;
        self.access.reading(cx, user).await?;
        let mut writer = Writer::from_writer(Vec::new());
        csv::header(&mut writer).map_err(CallError::internal)?;
        for item in self.store.items_of(cx.tenant(), user).await? {
            csv::write(&mut writer, &ItemResponse::from(item)).map_err(CallError::internal)?;
        }
        Ok(writer
            .into_inner()
            .map_err(|error| CallError::internal(error.to_string()))?)
    }
}

/// 422 that names the rows.
fn refused(file: &ItemFile) -> Error {
    let details = file.errors.iter().map(|error| {
        let message = match error.field.as_str() {
            "row" => error.message.clone(),
            column => format!("{column} {}", error.message),
        };
        FieldError::new(format!("row {}", error.row), message)
    });
    CallError::Invalid {
        details: details.collect(),
    }
    .into()
}

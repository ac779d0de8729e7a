//! Rows become transactions.

use super::{
    links::{MovementLink, RowLink, Version},
    requests::Side,
    row::problem,
    run::{Halt, Run, conflict_of},
    table::{PAGE, Read, Table},
};
use kernel::{MAX_PAGE, Page, Scope};
use std::collections::HashSet;
use store::{Batch, Query, Sort, Stored};
use tokio_postgres::Client;
use uuid::Uuid;

impl Run<'_> {
    /// Ends what an attempt that was killed had begun: the rows that were about to be posted.
    pub(super) async fn settle_pending(&mut self) -> Result<(), Halt> {
        loop {
            let query = Query::sorted(Sort::ascending("created_at"))
                .equals("sync_id", self.sync_id())
                .equals("is_pending", true)
                .limit(MAX_PAGE);
            let pending = self.store.find_everywhere::<RowLink>(query).await?.items;
            if pending.is_empty() {
                return Ok(());
            }
            self.settle(pending).await?;
        }
    }

    /// Reads the table to its end: posts rows that are new, and posts again those that were changed.
    pub(super) async fn take_in(&mut self, client: &Client, table: &Table) -> Result<(), Halt> {
        let mut after: Option<String> = None;
        loop {
            let rows = table.page(client, after.as_deref()).await?;
            let is_last = rows.len() < PAGE;
            after = rows.last().and_then(|row| row.id.clone());
            self.take_in_page(rows).await?;
            if is_last || after.is_none() {
                break;
            }
        }
        self.find_deleted(client, table).await
    }

    async fn take_in_page(&mut self, rows: Vec<Read>) -> Result<(), Halt> {
        let mut batch = self.job.batch();
        let mut pending = Vec::new();
        let mut seen = HashSet::new();
        for read in rows {
            self.record.data.counts.rows_read += 1;
            let Some(id) = read.id.clone() else {
                let wrong = ("id", "must not be null".to_owned());
                self.report(problem(Side::Row, "null", wrong));
                continue;
            };
            if !seen.insert(id.clone()) {
                let wrong = ("id", "stands twice in the table".to_owned());
                self.report(problem(Side::Row, id, wrong));
                continue;
            }
            let link = RowLink::id(self.sync_id(), &id);
            let known = self.store.get::<RowLink>(&self.scope(), link).await?;
            match known {
                Some(known) => pending.extend(self.look_again(&mut batch, known, read).await?),
                None if self.is_ours(&mut batch, &id, &read).await? => {}
                None => pending.extend(self.begin(&mut batch, id, read).await?),
            }
        }
        // First both sides are told apart for ever, then anything is posted.
        self.checkpoint(batch).await?;
        self.settle(pending).await
    }

    /// A row that is not known: the transaction that it is about to become.
    async fn begin(
        &mut self,
        batch: &mut Batch,
        id: String,
        read: Read,
    ) -> Result<Option<Stored<RowLink>>, Halt> {
        if let Err(wrong) = self.reading.transaction(&read.row) {
            self.report(problem(Side::Row, id, wrong));
            return Ok(None);
        }
        let sync_id = self.sync_id();
        let link = RowLink::id(sync_id, &id);
        let transaction_id = RowLink::transaction_id(sync_id, &id, 0);
        let version = Version {
            transaction_id,
            row: read.row,
            replaceable: true,
        };
        self.link_movement(batch, transaction_id, link).await?;
        let stored = batch.insert(
            link,
            RowLink {
                user_id: self.sync.user_id,
                sync_id,
                row_id: id,
                current: None,
                pending: Some(version),
                is_pending: true,
                versions: 1,
            },
        );
        Ok(Some(stored))
    }

    /// A row that is known: nothing, unless it was changed since.
    async fn look_again(
        &mut self,
        batch: &mut Batch,
        known: Stored<RowLink>,
        read: Read,
    ) -> Result<Option<Stored<RowLink>>, Halt> {
        let Some(current) = known.current.clone() else {
            return Ok(None);
        };
        if current.row == read.row {
            return Ok(None);
        }
        if let Err(wrong) = self.reading.transaction(&read.row) {
            self.report(problem(Side::Row, &known.row_id, wrong));
            return Ok(None);
        }
        let sync_id = self.sync_id();
        let next = Version {
            transaction_id: RowLink::transaction_id(sync_id, &known.row_id, known.versions),
            row: read.row,
            replaceable: true,
        };
        if !current.replaceable {
            let reason = "the row of a transfer or an entry was changed: change it here instead";
            self.conflict(conflict_of(
                &known,
                &current,
                "not_replaceable",
                reason,
                Some(&next),
            ));
            return Ok(None);
        }
        self.link_movement(batch, next.transaction_id, known.id).await?;
        Ok(Some(batch.replace(&known.changed(|link| {
            link.pending = Some(next);
            link.is_pending = true;
            link.versions += 1;
        }))))
    }

    /// Whether a row that is not known was written by us, by an attempt that could not say so any more.
    async fn is_ours(&mut self, batch: &mut Batch, id: &str, read: &Read) -> Result<bool, Halt> {
        let reference = read
            .reference
            .as_deref()
            .and_then(|text| text.parse::<Uuid>().ok());
        let Some(reference) = reference else {
            return Ok(false);
        };
        let link = MovementLink::id(self.sync_id(), reference);
        let Some(movement) = self.store.get::<MovementLink>(&self.scope(), link).await? else {
            return Ok(false);
        };
        if movement.row_link.is_some() {
            return Ok(false);
        }
        let row_link = RowLink::id(self.sync_id(), id);
        batch.replace(&movement.changed(|movement| movement.row_link = Some(row_link)));
        batch.insert(
            row_link,
            RowLink {
                user_id: self.sync.user_id,
                sync_id: self.sync_id(),
                row_id: id.to_owned(),
                current: Some(Version {
                    transaction_id: movement.transaction_id,
                    row: read.row.clone(),
                    replaceable: movement.replaceable,
                }),
                pending: None,
                is_pending: false,
                versions: 1,
            },
        );
        self.record.data.counts.written += 1;
        Ok(true)
    }

    /// So that what is about to be posted never goes out.
    async fn link_movement(
        &self,
        batch: &mut Batch,
        transaction_id: Uuid,
        row_link: Uuid,
    ) -> Result<(), Halt> {
        let id = MovementLink::id(self.sync_id(), transaction_id);
        if self.store.get::<MovementLink>(&self.scope(), id).await?.is_some() {
            return Ok(());
        }
        batch.insert(
            id,
            MovementLink {
                user_id: self.sync.user_id,
                sync_id: self.sync_id(),
                transaction_id,
                replaceable: true,
                row_link: Some(row_link),
            },
        );
        Ok(())
    }

    /// Reports the rows that were taken over and are gone.
    async fn find_deleted(&mut self, client: &Client, table: &Table) -> Result<(), Halt> {
        let mut query = Query::sorted(Sort::ascending("created_at"))
            .equals("sync_id", self.sync_id())
            .limit(MAX_PAGE);
        loop {
            let Page { items, next, .. } = self.store.find_everywhere::<RowLink>(query.clone()).await?;
            let ids: Vec<_> = items.iter().map(|link| link.row_id.as_str()).collect();
            let present = table.present(client, &ids).await?;
            for link in items.iter().filter(|link| !present.contains(&link.row_id)) {
                if let Some(current) = &link.current {
                    let reason = "the row is gone: take the transaction back here if it is wrong";
                    self.conflict(conflict_of(link, current, "row_deleted", reason, None));
                }
            }
            if next.is_none() {
                return self.checkpoint(self.job.batch()).await;
            }
            query = query.page(kernel::PageRequest {
                limit: MAX_PAGE,
                cursor: next,
                count: false,
            });
        }
    }

    pub(super) fn scope(&self) -> Scope {
        Scope::Own {
            tenant: self.sync.tenant_id,
            user: self.sync.user_id,
        }
    }
}

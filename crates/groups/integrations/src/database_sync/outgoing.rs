//! Transactions become rows.

use super::{
    links::{MovementLink, RowLink, Version},
    requests::Side,
    row::{RawRow, problem},
    run::{Halt, Run, is_about_the_row},
    table::{Read, Table},
};
use events::Failure;
use finance_contract::{Movement, MovementQuery, TransactionKind};
use store::Stored;
use tokio_postgres::Client;
use uuid::Uuid;

/// A movement that is about to become a row.
struct Leaving {
    link: Stored<MovementLink>,
    reference: Uuid,
    row: RawRow,
}

impl Run<'_> {
    /// Writes every movement of the accounts that the table does not have.
    pub(super) async fn send_out(&mut self, client: &mut Client, table: &Table) -> Result<(), Halt> {
        table.check_writable()?;
        for account in self.accounts() {
            let mut after = None;
            loop {
                let query = MovementQuery {
                    user_id: self.sync.user_id,
                    account_id: account,
                    after,
                };
                let page = self.exchange.movements(&self.cx(), query).await;
                let page = page.map_err(|error| match is_about_the_row(&error) {
                    true => Halt::Given(format!("{error}: {}", account.unwrap_or_default())),
                    false => Halt::Again(Failure::from_fault(error)),
                })?;
                self.send_out_page(client, table, page.movements).await?;
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The accounts whose movements go out; nothing stands for all of them.
    fn accounts(&self) -> Vec<Option<Uuid>> {
        let named = self.sync.accounts.iter().map(|account| account.account_id);
        let mut accounts: Vec<_> = named.chain(self.sync.account_id).map(Some).collect();
        accounts.sort_unstable();
        accounts.dedup();
        match accounts.is_empty() {
            true => vec![None],
            false => accounts,
        }
    }

    async fn send_out_page(
        &mut self,
        client: &mut Client,
        table: &Table,
        movements: Vec<Movement>,
    ) -> Result<(), Halt> {
        let leaving = self.about_to_leave(movements).await?;
        if leaving.is_empty() {
            return Ok(());
        }
        let mut transaction = client
            .transaction()
            .await
            .map_err(super::postgres::Trouble::from)?;
        let mut written = Vec::with_capacity(leaving.len());
        for leaving in leaving {
            match table
                .insert(&mut transaction, leaving.reference, &leaving.row)
                .await?
            {
                Ok(read) => written.push((leaving.link, read)),
                Err(wrong) => self.report(problem(Side::Transaction, leaving.link.transaction_id, wrong)),
            }
        }
        transaction
            .commit()
            .await
            .map_err(super::postgres::Trouble::from)?;
        self.remember(written).await
    }

    /// What of these is to be written. That it is about to be is committed before it is, so that whoever reads the table
    /// knows its rows as ours.
    async fn about_to_leave(&mut self, movements: Vec<Movement>) -> Result<Vec<Leaving>, Halt> {
        let mut batch = self.job.batch();
        let mut leaving = Vec::new();
        for movement in movements {
            let reference = match movement.is_main {
                true => movement.transaction_id,
                false => Uuid::new_v5(&movement.transaction_id, movement.account_id.as_bytes()),
            };
            let id = MovementLink::id(self.sync_id(), reference);
            let known = self.store.get::<MovementLink>(&self.scope(), id).await?;
            if known.as_ref().is_some_and(|known| known.row_link.is_some())
                || self.is_correction(&movement).await?
            {
                continue;
            }
            let row = match self.reading.row(&movement) {
                Ok(row) => row,
                Err(wrong) => {
                    self.report(problem(Side::Transaction, movement.transaction_id, wrong));
                    continue;
                }
            };
            let link = known.unwrap_or_else(|| {
                batch.insert(
                    id,
                    MovementLink {
                        user_id: self.sync.user_id,
                        sync_id: self.sync_id(),
                        transaction_id: movement.transaction_id,
                        replaceable: matches!(
                            movement.kind,
                            TransactionKind::Income | TransactionKind::Expense
                        ),
                        row_link: None,
                    },
                )
            });
            leaving.push(Leaving { link, reference, row });
        }
        self.checkpoint(batch).await?;
        Ok(leaving)
    }

    /// Whether it took a transaction back because its row was changed: then the row says the same already.
    async fn is_correction(&self, movement: &Movement) -> Result<bool, Halt> {
        let Some(reverses) = movement.reverses else {
            return Ok(false);
        };
        let id = MovementLink::id(self.sync_id(), reverses);
        let Some(link) = self.store.get::<MovementLink>(&self.scope(), id).await? else {
            return Ok(false);
        };
        let Some(row_link) = link.row_link else {
            return Ok(false);
        };
        let row = self.store.get::<RowLink>(&self.scope(), row_link).await?;
        let current = row.and_then(|row| row.current.clone());
        Ok(current.is_some_and(|current| current.transaction_id != reverses))
    }

    async fn remember(&mut self, written: Vec<(Stored<MovementLink>, Read)>) -> Result<(), Halt> {
        let mut batch = self.job.batch();
        for (link, read) in written {
            let Some(row_id) = read.id else { continue };
            let row_link = RowLink::id(self.sync_id(), &row_id);
            let known = self.store.get::<RowLink>(&self.scope(), row_link).await?;
            if known.is_none() {
                let version = Version {
                    transaction_id: link.transaction_id,
                    row: read.row,
                    replaceable: link.replaceable,
                };
                batch.insert(
                    row_link,
                    RowLink {
                        user_id: self.sync.user_id,
                        sync_id: self.sync_id(),
                        row_id,
                        current: Some(version),
                        pending: None,
                        is_pending: false,
                        versions: 1,
                    },
                );
            }
            batch.replace(&link.changed(|link| link.row_link = Some(row_link)));
            self.record.data.counts.written += 1;
        }
        self.checkpoint(batch).await
    }
}

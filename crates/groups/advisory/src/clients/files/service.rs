use super::{
    csv::{ClientFile, identity, identity_of, read, write},
    requests::{ImportParameters, ImportReport},
};
use crate::{
    clients::{
        ClientsService,
        book::{Advisors, book_of},
        requests::{ClientCreateRequest, ClientFilter},
    },
    error::Error,
};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::{CallContext, CallError, Fault, FieldError, IdempotencyKey};
use std::{collections::HashSet, sync::Arc};

/// How many rows are applied at once: their commits share one.
const AT_ONCE: usize = 16;

/// The rules of files of clients.
pub(crate) struct ClientFiles {
    clients: Arc<ClientsService>,
    advisors: Advisors,
}

impl ClientFiles {
    pub(crate) fn new(clients: Arc<ClientsService>, advisors: Advisors) -> Self {
        Self { clients, advisors }
    }

    /// Takes the clients of a file who are not in the book yet. One wrong row refuses the file before anything is written;
    /// asking again with the same key goes on where it ended.
    pub(crate) async fn import(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        parameters: &ImportParameters,
        bytes: &[u8],
    ) -> Result<ImportReport, Error> {
        let advisor = book_of(cx, parameters.advisor_id)?;
        self.advisors.check(cx, advisor).await?;
        let mut file = read(bytes, Some(advisor))?;
        self.check(cx, &mut file).await?;
        let known = self.known(cx, advisor.0).await?;
        let mut seen = HashSet::new();
        let mut fresh = Vec::new();
        let mut skipped = 0;
        for (row, client) in std::mem::take(&mut file.clients) {
            let identity = identity_of(&client);
            if !seen.insert(identity.clone()) {
                file.refuse(row, "row", "stands in the file twice, by e-mail address or name");
            } else if known.contains(&identity) {
                skipped += 1;
            } else {
                fresh.push((row, client));
            }
        }
        let dry_run = parameters.dry_run.unwrap_or(false);
        if !dry_run && !file.errors.is_empty() {
            let told = file.errors.iter();
            let details = told.map(|wrong| {
                FieldError::new(
                    format!("row {}", wrong.row),
                    format!("{}: {}", wrong.field, wrong.message),
                )
            });
            return Err(CallError::Invalid {
                details: details.collect(),
            }
            .into());
        }
        let created = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
        if !dry_run {
            self.apply(cx, key, fresh).await?;
        }
        Ok(ImportReport {
            dry_run,
            rows: file.rows,
            created,
            skipped,
            errors: file.errors,
        })
    }

    /// The clients that a filter leaves, as CSV.
    pub(crate) async fn export(&self, cx: &CallContext, filter: &ClientFilter) -> Result<Vec<u8>, Error> {
        write(&self.clients.all(cx, filter).await?)
    }

    /// What only the service knows of a row.
    async fn check(&self, cx: &CallContext, file: &mut ClientFile) -> Result<(), Error> {
        let mut right = Vec::new();
        for (row, client) in std::mem::take(&mut file.clients) {
            match self.clients.check_new(cx, &client).await {
                Ok(()) => right.push((row, client)),
                Err(error) if error.details().is_empty() => return Err(error),
                Err(error) => {
                    for detail in error.details() {
                        file.refuse(row, &detail.field, detail.message);
                    }
                }
            }
        }
        file.clients = right;
        Ok(())
    }

    async fn known(&self, cx: &CallContext, advisor: uuid::Uuid) -> Result<HashSet<String>, Error> {
        let all = self.clients.all(cx, &ClientFilter::default()).await?;
        let of_the_book = all.iter().filter(|client| client.advisor_id.0 == advisor);
        Ok(of_the_book
            .flat_map(|client| {
                let by_name = Some(identity(None, &client.client_name)).filter(|_| client.email.is_none());
                let by_email = client.email.as_deref().map(|email| identity(Some(email), ""));
                by_email.into_iter().chain(by_name)
            })
            .collect())
    }

    async fn apply(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        rows: Vec<(u32, ClientCreateRequest)>,
    ) -> Result<(), Error> {
        stream::iter(rows)
            .map(|(_, client)| async move {
                let step = key.step(&identity_of(&client));
                self.clients.create(cx, &step, client).await.map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

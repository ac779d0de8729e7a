use super::{
    models::TemplateRecord,
    pattern::Pattern,
    requests::{TemplateFilter, TemplateRequest, TemplateResponse},
};
use crate::{
    access::{may_read_papers, may_write, visible},
    error::Error,
    versions::{check_versions, commit},
};
use kernel::{CallContext, IdempotencyKey, Page, PageRequest};
use store::{Query, Sort, Store, StoreError};
use uuid::Uuid;

/// The rules of templates.
pub(crate) struct TemplatesService {
    store: Store,
}

impl TemplatesService {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The caller's own templates; all of the firm for those who oversee it.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &TemplateFilter,
        page: PageRequest,
    ) -> Result<Page<TemplateResponse>, Error> {
        may_read_papers(cx, "communications.read")?;
        let mut query = Query::sorted(Sort::ascending("name")).page(page);
        if let Some(search) = &filter.search {
            query = query.prefix(search);
        }
        let found = self.store.find::<TemplateRecord>(&cx.scope()?, query).await?;
        Ok(found.map(TemplateResponse::from))
    }

    /// One template.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<TemplateResponse, Error> {
        may_read_papers(cx, "communications.read")?;
        Ok(visible::<TemplateRecord>(&self.store, cx, id, "template")
            .await?
            .into())
    }

    /// Keeps a template, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: TemplateRequest,
    ) -> Result<TemplateResponse, Error> {
        let user_id = may_write(cx, "communications.write")?.user;
        if request.version.is_some() {
            return Err(Error::invalid(
                "version",
                "is for changes: leave it out of a new template",
            ));
        }
        check(&request)?;
        let record = TemplateRecord {
            user_id,
            name: request.name.to_string(),
            subject: request.subject.to_string(),
            body: request.body.to_string(),
        };
        self.store
            .once(cx, "advisory.create_template", key, &request, |mut batch| {
                let record = record.clone();
                async move {
                    let id: Uuid = self.store.sources().ids().next();
                    let stored = batch.insert(id, record);
                    Ok((batch, TemplateResponse::from(stored)))
                }
            })
            .await
            .map_err(name_taken)
    }

    /// Replaces a template. `expected` is the version of `If-Match`. What was drafted from it stays as it is.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: TemplateRequest,
    ) -> Result<TemplateResponse, Error> {
        may_write(cx, "communications.write")?;
        let current = visible::<TemplateRecord>(&self.store, cx, id, "template").await?;
        check_versions(current.version, expected, request.version)?;
        check(&request)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|template| {
            template.name = request.name.into_string();
            template.subject = request.subject.into_string();
            template.body = request.body.into_string();
        }));
        commit(&self.store, batch, expected).await.map_err(name_taken)?;
        Ok(stored.into())
    }

    /// Takes a template away.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        may_write(cx, "communications.write")?;
        let current = visible::<TemplateRecord>(&self.store, cx, id, "template").await?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        batch.delete(&current);
        commit(&self.store, batch, expected).await
    }
}

fn check(request: &TemplateRequest) -> Result<(), Error> {
    for (field, text) in [("subject", &*request.subject), ("body", &*request.body)] {
        Pattern::parse(text).map_err(|why| Error::invalid(field, why))?;
    }
    Ok(())
}

fn name_taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Duplicate { .. }) => Error::standing(
            "name_taken",
            "there is a template with this name already: choose another name",
        ),
        other => other,
    }
}

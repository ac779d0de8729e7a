use super::{
    export::{self, ExportFormat},
    models::AuditRow,
};
use crate::{AuthFailure, roles::Permission};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream};
use kernel::{AuditRecord, CallContext, MAX_PAGE, Page, PageRequest, RequestId, Scope};
use store::{Key, Query, Sort, Store, Stored};

/// The audit log of every firm: read by admins and compliance, verified by the operator.
#[derive(Clone)]
pub struct AuditLog {
    pub(super) store: Store,
}

/// What the log is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditSearch {
    pub(crate) actor: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) producer: Option<String>,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) oldest_first: bool,
}

impl AuditSearch {
    fn is_everything(&self) -> bool {
        let texts = [&self.actor, &self.action, &self.subject, &self.producer];
        let times = [self.from, self.until];
        texts.iter().all(|text| text.is_none())
            && times.iter().all(Option::is_none)
            && self.request_id.is_none()
    }

    fn query(&self) -> Query {
        // The whole log comes in the order of its chain, which can then be followed.
        let field = if self.is_everything() { "seq" } else { "at" };
        let sort = match self.oldest_first {
            true => Sort::ascending(field),
            false => Sort::descending(field),
        };
        let mut query = Query::sorted(sort);
        let texts = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("producer", &self.producer),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                query = query.equals(field, text.as_str());
            }
        }
        if let Some(id) = self.request_id {
            query = query.equals("request_id", Key::Uuid(id.0));
        }
        query.between(self.from.map(Key::from), self.until.map(Key::from))
    }
}

impl AuditLog {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// A page of what was done in the caller's firm.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        search: &AuditSearch,
        page: PageRequest,
    ) -> Result<Page<Stored<AuditRow>>, AuthFailure> {
        Permission::AuditRead.require(cx)?;
        Ok(self.store.find(&cx.scope()?, search.query().page(page)).await?)
    }

    /// Everything that matches, as a file: page after page, so that a log of any length needs no memory. The export
    /// stands in the log itself.
    pub(crate) async fn export(
        &self,
        cx: &CallContext,
        search: &AuditSearch,
        format: ExportFormat,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, AuthFailure>> + 'static, AuthFailure> {
        Permission::AuditRead.require(cx)?;
        let scope = cx.scope()?;
        // What is asked for in a way that is not served is refused before the file begins.
        let first = self
            .store
            .find::<AuditRow>(&scope, search.query().limit(MAX_PAGE))
            .await?;
        let mut batch = self.store.batch(cx);
        batch.event(AuditRecord::new("audit.exported", "audit").into_event(cx));
        self.store.commit(batch).await?;
        let head = export::head(format);
        let pages = self.pages(scope, search.query(), first);
        let rows = pages.map(move |rows| export::rows(format, rows?));
        Ok(stream::once(async move { Ok(head) }).chain(rows))
    }

    fn pages(
        &self,
        scope: Scope,
        query: Query,
        first: Page<Stored<AuditRow>>,
    ) -> impl Stream<Item = Result<Vec<Stored<AuditRow>>, AuthFailure>> + 'static {
        let store = self.store.clone();
        stream::try_unfold(Next::Read(first), move |next| {
            let (store, query) = (store.clone(), query.clone());
            async move {
                let page = match next {
                    Next::Nothing => return Ok(None),
                    Next::Read(page) => page,
                    Next::At(cursor) => {
                        let page = PageRequest {
                            limit: MAX_PAGE,
                            cursor: Some(cursor),
                            count: false,
                        };
                        store.find::<AuditRow>(&scope, query.page(page)).await?
                    }
                };
                let next = page.next.map_or(Next::Nothing, Next::At);
                Ok(Some((page.items, next)))
            }
        })
    }
}

/// What an export comes to next.
enum Next {
    /// A page that was read already.
    Read(Page<Stored<AuditRow>>),
    /// The page that begins here.
    At(String),
    /// Its end.
    Nothing,
}

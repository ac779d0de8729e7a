use super::{
    models::TransactionRecord,
    post::Poster,
    requests::{HistoryEntry, Posting, TransactionFilter, TransactionResponse},
    store::TransactionsStore,
};
use crate::{access::Access, error::Error, journal::reversal_id};
use finance_contract::{FinanceError, Ledger, NewTransaction, TransactionPosted};
use kernel::{CallContext, CallError, IdempotencyKey, Money, Page, PageRequest};
use store::Stored;
use uuid::Uuid;

/// The rules of transactions.
pub(crate) struct TransactionsService {
    transactions: TransactionsStore,
    poster: Poster,
    access: Access,
}

impl TransactionsService {
    pub(crate) fn new(transactions: TransactionsStore, poster: Poster, access: Access) -> Self {
        Self {
            transactions,
            poster,
            access,
        }
    }

    /// Posts an income, an expense or a transfer, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        posting: Posting,
    ) -> Result<TransactionResponse, Error> {
        self.poster.post(cx, key, posting).await
    }

    /// The transactions that the caller may see: an advisor's book, everybody else's own, the firm's for overseers.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<TransactionResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let page = self.transactions.list(&scope, filter, page).await?;
        let Some(account) = filter.account_id else {
            return Ok(page.map(TransactionResponse::from));
        };
        let items = page.items.into_iter();
        Ok(Page {
            items: items
                .map(|stored| TransactionResponse::on(account, stored))
                .collect::<Result<_, _>>()?,
            next: page.next,
            total: page.total,
        })
    }

    /// One transaction that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<TransactionResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    /// One transaction, if the caller may see it.
    pub(crate) async fn find(
        &self,
        cx: &CallContext,
        id: Uuid,
    ) -> Result<Option<TransactionResponse>, Error> {
        let found = self.access.visible::<TransactionRecord>(cx, id).await?;
        Ok(found.map(TransactionResponse::from))
    }

    /// What happened to a transaction, oldest first: its posting, and that it was taken back. A transaction is never
    /// changed, and the records hold all that their events hold.
    pub(crate) async fn history(&self, cx: &CallContext, id: Uuid) -> Result<Vec<HistoryEntry>, Error> {
        let transaction = self.visible(cx, id).await?;
        let mut history = vec![HistoryEntry::of_creation(&transaction)?];
        let reversal = self
            .transactions
            .of_tenant(transaction.tenant_id, reversal_id(transaction.id))
            .await?;
        if let Some(reversal) = reversal {
            history.push(HistoryEntry::of_reversal(&transaction, &reversal)?);
        }
        Ok(history)
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<TransactionRecord>, Error> {
        let found = self.access.visible(cx, id).await?;
        found.ok_or(Error::TransactionNotFound)
    }
}

#[rpc::async_trait]
impl Ledger for TransactionsService {
    async fn create_transaction(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        transaction: NewTransaction,
    ) -> Result<TransactionPosted, FinanceError> {
        let response = self
            .create(cx, &key, transaction.try_into()?)
            .await
            .map_err(FinanceError::from)?;
        Ok(posted(&response)?)
    }
}

/// A transaction as other groups are told of it.
pub(crate) fn posted(response: &TransactionResponse) -> Result<TransactionPosted, CallError> {
    let amount = Money::new(response.amount.0, response.currency);
    Ok(TransactionPosted {
        transaction_id: response.id,
        account_id: response.account_id,
        user_id: response.user_id,
        kind: response.kind,
        amount: amount.map_err(|error| CallError::internal(error.to_string()))?,
        date: response.date,
    })
}

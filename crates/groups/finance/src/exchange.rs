//! The ledger for another one that is kept equal with it: what moved, and what is brought from there under ids that follow
//! from where it comes from.

use crate::{
    access::Access,
    accounts::AccountRecord,
    error::Error,
    transactions::{Place, Poster, TransactionRecord, TransactionsStore, posted},
};
use finance_contract::{
    Brought, BroughtTransaction, Exchange, FinanceError, INFO, Movement, MovementPage, MovementQuery,
};
use kernel::{CallContext, CallError, IdempotencyKey, Money, Principal, Scope, UserId};
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;

/// Answers other groups that keep a ledger equal with another one.
pub(crate) struct LedgerExchange {
    transactions: TransactionsStore,
    poster: Poster,
    access: Access,
}

impl LedgerExchange {
    pub(crate) fn new(transactions: TransactionsStore, poster: Poster, access: Access) -> Self {
        Self {
            transactions,
            poster,
            access,
        }
    }

    async fn page(&self, cx: &CallContext, query: MovementQuery) -> Result<MovementPage, Error> {
        let account = query.account_id;
        let scope = self.access.reading(cx, query.user_id).await?;
        if let Some(account) = account {
            let found = self.transactions.documents();
            let found = found.get::<AccountRecord>(&scope, account).await?;
            found.ok_or(Error::AccountNotFound)?;
        }
        let page = self.transactions.in_order(&scope, account, query.after).await?;
        let mut movements = Vec::with_capacity(page.items.len());
        for transaction in &page.items {
            movements.extend(movements_of(transaction, account)?);
        }
        Ok(MovementPage {
            movements,
            next: page.next,
        })
    }

    async fn post(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        brought: BroughtTransaction,
    ) -> Result<Brought, FinanceError> {
        let BroughtTransaction {
            id,
            transaction,
            replaces,
        } = brought;
        if let Some(known) = self.known(cx, id, transaction.user_id).await? {
            return Ok(known);
        }
        let (user, posting) = (transaction.user_id, transaction.try_into()?);
        let place = Place {
            id: Some(id),
            replaces,
        };
        match self.poster.post_at(cx, key, posting, place).await {
            Ok(response) => Ok(Brought {
                posted: posted(&response)?,
            }),
            // The same one may have been brought at the same moment under another key.
            Err(error) => match self.known(cx, id, user).await? {
                Some(known) => Ok(known),
                None => Err(error.into()),
            },
        }
    }

    /// What was posted under the id before.
    async fn known(
        &self,
        cx: &CallContext,
        id: Uuid,
        user: Option<UserId>,
    ) -> Result<Option<Brought>, FinanceError> {
        let user = Access::subject(cx, user).map_err(FinanceError::from)?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.transactions.documents();
        let found = found
            .get::<TransactionRecord>(&scope, id)
            .await
            .map_err(Error::from)?;
        let Some(found) = found else { return Ok(None) };
        if found.user_id != user {
            return Err(FinanceError::UserNotFound);
        }
        Ok(Some(Brought {
            posted: posted(&found.into())?,
        }))
    }
}

/// A group that asks for itself is answered in the name of this one: who the user is this one asks on, and no group speaks for
/// another.
fn as_finance(cx: &CallContext) -> CallContext {
    let mut cx = cx.clone();
    if let Principal::System { group, .. } = &mut cx.principal {
        INFO.name.clone_into(group);
    }
    cx
}

/// What a transaction adds to each account with money, or to this one.
fn movements_of(
    transaction: &Stored<TransactionRecord>,
    account: Option<Uuid>,
) -> Result<Vec<Movement>, Error> {
    let mut sums: BTreeMap<Uuid, Money> = BTreeMap::new();
    let legs = transaction.legs()?;
    for leg in legs.as_slice() {
        let Some(id) = leg.account.money() else { continue };
        if account.is_some_and(|wanted| wanted != id) {
            continue;
        }
        let sum = match sums.get(&id) {
            Some(sum) => sum
                .plus(&leg.amount)
                .map_err(|error| CallError::internal(error.to_string()))?,
            None => leg.amount,
        };
        sums.insert(id, sum);
    }
    let moved = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
    let moved = moved.map(|(account_id, amount)| Movement {
        transaction_id: transaction.id,
        account_id,
        is_main: account_id == transaction.account_id,
        kind: transaction.kind,
        amount,
        date: transaction.date,
        description: transaction.description.clone(),
        category: transaction.category.clone(),
        reverses: transaction.reverses,
    });
    Ok(moved.collect())
}

#[rpc::async_trait]
impl Exchange for LedgerExchange {
    async fn movements(&self, cx: &CallContext, query: MovementQuery) -> Result<MovementPage, FinanceError> {
        Ok(self.page(&as_finance(cx), query).await?)
    }

    async fn bring(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        brought: BroughtTransaction,
    ) -> Result<Brought, FinanceError> {
        self.post(&as_finance(cx), &key, brought).await
    }
}

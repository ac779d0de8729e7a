use super::{
    models::{AccountKind, AccountRecord},
    requests::{AccountCreateRequest, AccountFilter, AccountResponse, AccountUpdateRequest},
    store::{AccountsStore, default_account_id},
};
use crate::{
    access::{Access, Owner},
    balances::{Balances, Book, Sums, on_account},
    error::Error,
    stamps::{stamp_all, stamp_what_was_missed},
    versions,
};
use finance_contract::{ACCOUNT_CREATED, ACCOUNT_DELETED, ACCOUNT_UPDATED, AccountChanged};
use kernel::{AuditRecord, CallContext, Currency, IdempotencyKey, NewEvent, Page, PageRequest, UserId};
use rust_decimal::Decimal;
use store::{Batch, Stored};
use uuid::Uuid;

/// The rules of accounts.
#[derive(Clone)]
pub(crate) struct AccountsService {
    accounts: AccountsStore,
    balances: Balances,
    access: Access,
    currency: Currency,
}

impl AccountsService {
    pub(crate) fn new(
        accounts: AccountsStore,
        balances: Balances,
        access: Access,
        currency: Currency,
    ) -> Self {
        Self {
            accounts,
            balances,
            access,
            currency,
        }
    }

    /// The currency of what comes without one.
    pub(crate) fn currency(&self) -> Currency {
        self.currency
    }

    /// A user's accounts with their balances.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        user: UserId,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountResponse>, Error> {
        let scope = self.access.reading(cx, user).await?;
        let Page { items, next, total } = self.accounts.list(&scope, filter, page).await?;
        let book = Book {
            tenant: cx.tenant(),
            user,
        };
        let sums = match items.is_empty() {
            true => Sums::default(),
            false => self.balances.now(book).await?,
        };
        let mut responses = Vec::with_capacity(items.len());
        for account in items {
            let balance = on_account(&sums, &account)?;
            responses.push(AccountResponse::new(account, balance));
        }
        Ok(Page {
            items: responses,
            next,
            total,
        })
    }

    /// One account of a user with its balance.
    pub(crate) async fn get(
        &self,
        cx: &CallContext,
        user: UserId,
        id: Uuid,
    ) -> Result<AccountResponse, Error> {
        let account = self.of_user(cx, user, id).await?;
        self.with_balance(account).await
    }

    /// Opens an account, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: AccountCreateRequest,
    ) -> Result<AccountResponse, Error> {
        let user = Access::subject(cx, request.user_id)?;
        let documents = self.accounts.documents();
        let created: AccountResponse = documents
            .once(cx, "finance.create_account", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let owner = self.access.owner(cx, user).await?;
                    let currency = request.currency.unwrap_or(self.currency);
                    let record = record(owner, request.name.into_string(), request.kind, currency);
                    let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                    announce(
                        cx,
                        &mut batch,
                        ACCOUNT_CREATED,
                        &stored,
                        &["name", "kind", "currency"],
                    );
                    Ok::<_, Error>((batch, AccountResponse::new(stored, zero(currency))))
                }
            })
            .await?;
        let stamped = (created.client_id, created.advisor_id);
        stamp_what_was_missed(&self.access, self.accounts.documents(), cx, user, stamped).await?;
        Ok(created)
    }

    /// Replaces an account's name and kind. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        user: UserId,
        id: Uuid,
        expected: Option<u64>,
        request: AccountUpdateRequest,
    ) -> Result<AccountResponse, Error> {
        let current = self.of_user(cx, user, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, request.version)?;
        let mut batch = self.accounts.documents().batch(cx);
        let changed = changed_fields(&current, &request);
        let stored = batch.replace(&current.changed(|account| {
            account.name = request.name.into_string();
            account.kind = request.kind;
        }));
        announce(cx, &mut batch, ACCOUNT_UPDATED, &stored, &changed);
        versions::commit(self.accounts.documents(), batch, expected).await?;
        self.with_balance(stored).await
    }

    /// Closes an account that was never used.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        user: UserId,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        // Who names no version means the account as it is: that somebody was faster is no reason to refuse.
        let overtaken = |error: &Error| expected.is_none() && matches!(error, Error::StaleVersion);
        let documents = self.accounts.documents();
        documents
            .anew(cx, overtaken, async || {
                self.delete_once(cx, user, id, expected).await
            })
            .await
    }

    async fn delete_once(
        &self,
        cx: &CallContext,
        user: UserId,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.of_user(cx, user, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, None)?;
        if self.balances.has_postings(&current).await? {
            return Err(Error::AccountInUse);
        }
        let mut batch = self.accounts.documents().batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, ACCOUNT_DELETED, &stored, &["deleted_at"]);
        versions::commit(self.accounts.documents(), batch, expected).await?;
        self.keep_if_used(cx, &current).await
    }

    /// An account that the caller may see and post to.
    pub(crate) async fn to_post_to(
        &self,
        cx: &CallContext,
        id: Uuid,
    ) -> Result<Stored<AccountRecord>, Error> {
        let account = self.access.visible::<AccountRecord>(cx, id).await?;
        let account = account.ok_or(Error::AccountNotFound)?;
        Access::writing(cx, account.user_id)?;
        Ok(account)
    }

    /// The account that takes what names none. Made when it is first needed; two callers who need it at the same
    /// moment get the same one.
    pub(crate) async fn default_of(
        &self,
        cx: &CallContext,
        user: UserId,
        currency: Currency,
    ) -> Result<Stored<AccountRecord>, Error> {
        let id = default_account_id(cx.tenant(), user, currency);
        if let Some(account) = self.access.visible::<AccountRecord>(cx, id).await? {
            Access::writing(cx, account.user_id)?;
            return Ok(account);
        }
        let owner = self.access.owner(cx, user).await?;
        let mut batch = self.accounts.documents().batch(cx);
        let stored = match self.accounts.deleted(cx.tenant(), id).await? {
            Some(deleted) => batch.replace(&opened_again(&deleted)),
            None => batch.insert(
                id,
                record(owner, default_name(currency), AccountKind::Checking, currency),
            ),
        };
        announce(
            cx,
            &mut batch,
            ACCOUNT_CREATED,
            &stored,
            &["name", "kind", "currency"],
        );
        match self.accounts.documents().commit(batch).await {
            Ok(_) => {
                let stamped = (stored.client_id, stored.advisor_id);
                stamp_what_was_missed(&self.access, self.accounts.documents(), cx, user, stamped).await?;
                Ok(stored)
            }
            Err(error) if error.is_lost_race() => {
                let made = self.accounts.of_tenant(cx.tenant(), id).await?;
                made.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens an account again that was deleted while something was posted to it. Whoever deletes looks for postings
    /// afterwards, whoever posts looks for a deletion afterwards: one of the two sees the other, and no writer has to
    /// wait for the account's document.
    async fn keep_if_used(&self, cx: &CallContext, account: &Stored<AccountRecord>) -> Result<(), Error> {
        let Some(deleted) = self.accounts.deleted(account.tenant_id, account.id).await? else {
            return Ok(());
        };
        if !self.balances.has_postings(&deleted).await? {
            return Ok(());
        }
        let mut batch = self.accounts.documents().batch(cx);
        let stored = batch.replace(&opened_again(&deleted));
        announce(cx, &mut batch, ACCOUNT_CREATED, &stored, &["deleted_at"]);
        match self.accounts.documents().commit(batch).await {
            Err(error) if !error.is_lost_race() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Looks at an account once more after something was posted to it: it may have been deleted, or its owner may have
    /// changed advisors, while the posting was on its way.
    pub(crate) async fn look_again(
        &self,
        cx: &CallContext,
        posted_to: &Stored<AccountRecord>,
    ) -> Result<(), Error> {
        let now = self.accounts.of_tenant(posted_to.tenant_id, posted_to.id).await?;
        match now {
            None => self.keep_if_used(cx, posted_to).await,
            Some(account) if account.owner() != posted_to.owner() => {
                stamp_all(self.accounts.documents(), cx, account.owner()).await
            }
            Some(_) => Ok(()),
        }
    }

    async fn of_user(
        &self,
        cx: &CallContext,
        user: UserId,
        id: Uuid,
    ) -> Result<Stored<AccountRecord>, Error> {
        let account = self.access.visible::<AccountRecord>(cx, id).await?;
        account
            .filter(|account| account.user_id == user)
            .ok_or(Error::AccountNotFound)
    }

    async fn with_balance(&self, account: Stored<AccountRecord>) -> Result<AccountResponse, Error> {
        let balance = self.balances.balance(&account).await?;
        Ok(AccountResponse::new(account, balance))
    }
}

fn record(owner: Owner, name: String, kind: AccountKind, currency: Currency) -> AccountRecord {
    AccountRecord {
        user_id: owner.user_id,
        client_id: owner.client_id,
        advisor_id: owner.advisor_id,
        name,
        kind,
        currency,
    }
}

fn opened_again(deleted: &Stored<AccountRecord>) -> Stored<AccountRecord> {
    let mut open = deleted.clone();
    open.deleted_at = None;
    open
}

fn default_name(currency: Currency) -> String {
    format!("Main account ({currency})")
}

fn zero(currency: Currency) -> Decimal {
    kernel::Money::zero(currency).amount()
}

fn changed_fields(current: &AccountRecord, request: &AccountUpdateRequest) -> Vec<&'static str> {
    let fields = [
        ("name", current.name != request.name.as_str()),
        ("kind", current.kind != request.kind),
    ];
    fields
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(name, _)| name)
        .collect()
}

/// Adds the event and the audit record of a change to its batch.
fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    event: &str,
    stored: &Stored<AccountRecord>,
    changed: &[&str],
) {
    let subject = format!("account/{}", stored.id);
    let facts = AccountChanged {
        account_id: stored.id,
        user_id: stored.user_id,
        currency: stored.currency,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject).naming(changed.iter().copied());
    batch.event(audit.into_event(cx).at_version(stored.version));
}

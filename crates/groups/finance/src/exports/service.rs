use super::{
    requests::ExportParameters,
    writer::{Line, Subject, Writer},
};
use crate::{
    access::Access,
    accounts::AccountRecord,
    balances::Balances,
    error::Error,
    formats::Format,
    tags::Tags,
    transactions::{TransactionRecord, TransactionsStore},
};
use bytes::Bytes;
use chrono::NaiveDate;
use chrono_tz::Tz;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use kernel::{CallContext, Scope};
use rust_decimal::Decimal;
use store::Stored;
use uuid::Uuid;

/// Exports accounts.
#[derive(Clone)]
pub(crate) struct Exports {
    transactions: TransactionsStore,
    balances: Balances,
    access: Access,
    tags: Tags,
    timezone: Tz,
}

/// An export that is about to be sent.
pub(crate) struct Export {
    pub(crate) format: Format,
    pub(crate) account: Uuid,
    pub(crate) pieces: BoxStream<'static, Result<Bytes, Error>>,
}

struct Under {
    exports: Exports,
    writer: Writer,
    account: Uuid,
    scope: Scope,
    days: (Option<NaiveDate>, Option<NaiveDate>),
    at: At,
}

enum At {
    Head,
    Page(Option<String>),
    Foot,
    End,
}

impl Exports {
    pub(crate) fn new(
        transactions: TransactionsStore,
        balances: Balances,
        access: Access,
        tags: Tags,
        timezone: Tz,
    ) -> Self {
        Self {
            transactions,
            balances,
            access,
            tags,
            timezone,
        }
    }

    /// An export of an account that the caller may see.
    pub(crate) async fn export(
        &self,
        cx: &CallContext,
        parameters: &ExportParameters,
    ) -> Result<Export, Error> {
        let account = self
            .access
            .visible::<AccountRecord>(cx, parameters.account_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let days = (
            parameters.from.map(|from| from.date()),
            parameters.to.map(|to| to.date()),
        );
        if let (Some(from), Some(to)) = days
            && from > to
        {
            return Err(Error::invalid("to", "must not be before 'from'"));
        }
        let format = parameters.format.unwrap_or(Format::Csv);
        let scope = Scope::Own {
            tenant: account.tenant_id,
            user: account.user_id,
        };
        let now = self.transactions.documents().sources().now();
        let under = Under {
            exports: self.clone(),
            account: account.id,
            scope,
            days,
            at: At::Head,
            writer: Writer::new(
                format,
                Subject {
                    balance: self.balances.balance(&account).await?,
                    today: now.with_timezone(&self.timezone).date_naive(),
                    account,
                    days,
                },
            ),
        };
        Ok(Export {
            format,
            account: under.account,
            pieces: stream::try_unfold(under, Under::next).boxed(),
        })
    }
}

impl Under {
    /// The next piece: the head, a page of rows, the foot.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        let piece = match std::mem::replace(&mut self.at, At::End) {
            At::Head => {
                self.at = At::Page(None);
                self.writer.head()?
            }
            At::Page(cursor) => self.page(cursor).await?,
            At::Foot => self.writer.foot(),
            At::End => return Ok(None),
        };
        Ok(Some((Bytes::from(piece), self)))
    }

    async fn page(&mut self, cursor: Option<String>) -> Result<Vec<u8>, Error> {
        let transactions = &self.exports.transactions;
        let page = transactions.of_account(&self.scope, self.account, self.days, cursor);
        let page = page.await?;
        let mut lines = Vec::with_capacity(page.items.len());
        for transaction in &page.items {
            if let Some(amount) = transaction.moved_on(self.account)? {
                let tags = self
                    .exports
                    .tags
                    .of(transaction.tenant_id, transaction.id)
                    .await?;
                lines.push(line(transaction, amount, tags));
            }
        }
        self.at = page.next.map_or(At::Foot, |next| At::Page(Some(next)));
        self.writer.lines(&lines)
    }
}

fn line(transaction: &Stored<TransactionRecord>, amount: Decimal, tags: Vec<String>) -> Line {
    Line {
        id: transaction.id,
        date: transaction.date,
        description: transaction.description.clone().unwrap_or_default(),
        category: transaction.category.clone(),
        tags,
        amount,
    }
}

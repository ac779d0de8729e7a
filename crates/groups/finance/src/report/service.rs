use super::{
    period::{Period, Place},
    requests::{CurrencySection, ReportFilter, ReportResponse},
    section::Section,
};
use crate::{
    access::Access,
    accounts::{AccountRecord, AccountsStore},
    balances::{Balances, Changes},
    error::Error,
    transactions::TransactionsStore,
};
use kernel::{CalendarDate, CallContext, Currency, UserId};
use std::collections::BTreeMap;
use store::Stored;

/// Makes financial reports.
pub(crate) struct ReportService {
    accounts: AccountsStore,
    transactions: TransactionsStore,
    balances: Balances,
    access: Access,
    currency: Currency,
}

impl ReportService {
    pub(crate) fn new(
        accounts: AccountsStore,
        transactions: TransactionsStore,
        balances: Balances,
        access: Access,
        currency: Currency,
    ) -> Self {
        Self {
            accounts,
            transactions,
            balances,
            access,
            currency,
        }
    }

    /// The report of a user's money, or of one account's.
    pub(crate) async fn report(
        &self,
        cx: &CallContext,
        filter: &ReportFilter,
    ) -> Result<ReportResponse, Error> {
        let period = Period::new(
            filter.from.map(CalendarDate::date),
            filter.to.map(CalendarDate::date),
        )?;
        let (user, accounts) = self.accounts(cx, filter).await?;
        let mut sections = BTreeMap::new();
        for account in accounts {
            if filter.currency.is_some_and(|wanted| wanted != account.currency) {
                continue;
            }
            let section = sections
                .entry(account.currency.code())
                .or_insert_with(|| Section::new(account.currency));
            self.add(section, period, &account).await?;
        }
        let mut others = sections
            .into_values()
            .map(Section::finish)
            .collect::<Result<Vec<_>, _>>()?;
        let main = match self.main_section(filter, &others) {
            Some(index) => others.remove(index),
            None => Section::new(filter.currency.unwrap_or(self.currency)).finish()?,
        };
        Ok(answer(user, filter, period, main, others))
    }

    async fn accounts(
        &self,
        cx: &CallContext,
        filter: &ReportFilter,
    ) -> Result<(UserId, Vec<Stored<AccountRecord>>), Error> {
        if let Some(id) = filter.account_id {
            let account = self.access.visible::<AccountRecord>(cx, id).await?;
            let account = account
                .filter(|account| filter.user_id.is_none_or(|user| user == account.user_id))
                .ok_or(Error::AccountNotFound)?;
            return Ok((account.user_id, vec![account]));
        }
        let user = Access::subject(cx, filter.user_id)?;
        let scope = self.access.reading(cx, user).await?;
        Ok((user, self.accounts.all(&scope).await?))
    }

    async fn add(
        &self,
        section: &mut Section,
        period: Period,
        account: &Stored<AccountRecord>,
    ) -> Result<(), Error> {
        for tally in self.balances.months(account, period.until_month()).await? {
            match period.month(tally.month) {
                Place::Before => section.before(&tally)?,
                Place::Inside => section.inside(&tally)?,
                // Cut months are read day by day, below.
                Place::After | Place::Cut => {}
            }
        }
        for days in period.cut_months() {
            let mut cursor = None;
            loop {
                let page = self
                    .transactions
                    .of_days(account.tenant_id, account.id, days, cursor)
                    .await?;
                for transaction in &page.items {
                    let mut one = Changes::default();
                    one.add(transaction)?;
                    for tally in one.into_tallies() {
                        match period.day(transaction.date) {
                            Place::Before => section.before(&tally)?,
                            Place::Inside => section.inside(&tally)?,
                            Place::After | Place::Cut => {}
                        }
                    }
                }
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Which section stands at the top: the only one, or that of the installation's currency, or the first.
    fn main_section(&self, filter: &ReportFilter, sections: &[CurrencySection]) -> Option<usize> {
        let wanted = filter.currency.unwrap_or(self.currency);
        sections
            .iter()
            .position(|section| section.currency == wanted)
            .or((!sections.is_empty()).then_some(0))
    }
}

fn answer(
    user_id: UserId,
    filter: &ReportFilter,
    period: Period,
    main: CurrencySection,
    other_currencies: Vec<CurrencySection>,
) -> ReportResponse {
    ReportResponse {
        user_id,
        account_id: filter.account_id,
        from: period.from,
        to: period.to,
        currency: main.currency,
        opening_balance: main.opening_balance,
        total_income: main.total_income,
        total_expenses: main.total_expenses,
        net: main.net,
        closing_balance: main.closing_balance,
        statement_opening_balance: main.statement_opening_balance,
        transactions: main.transactions,
        by_category: main.by_category,
        by_month: main.by_month,
        other_currencies,
    }
}

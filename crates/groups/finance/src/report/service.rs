use super::{
    period::Period,
    requests::{CurrencySection, ReportFilter, ReportResponse},
    section::{Holdings, Section},
};
use crate::{
    access::Access,
    accounts::{AccountRecord, AccountsStore},
    balances::{Balances, Book},
    error::Error,
    journal::LedgerAccount,
};
use kernel::{CalendarDate, CallContext, Currency, UserId};
use std::collections::BTreeMap;
use store::Stored;

/// Makes financial reports.
pub(crate) struct ReportService {
    accounts: AccountsStore,
    balances: Balances,
    access: Access,
    currency: Currency,
}

impl ReportService {
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
        let mut holdings = Holdings::default();
        for account in &accounts {
            if filter.currency.is_none_or(|wanted| wanted == account.currency) {
                holdings.insert(LedgerAccount::Money(account.id));
                sections
                    .entry(account.currency.code())
                    .or_insert_with(|| Section::new(account.currency));
            }
        }
        let book = Book {
            tenant: cx.tenant(),
            user,
        };
        if !sections.is_empty() {
            let flows = self.balances.flows(book, period.to, &period.cut_months()).await?;
            for flow in &flows {
                if let Some(section) = sections.get_mut(flow.currency.code()) {
                    section.add(period, &holdings, flow)?;
                }
            }
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
        transfers: main.transfers,
        closing_balance: main.closing_balance,
        statement_opening_balance: main.statement_opening_balance,
        transactions: main.transactions,
        by_category: main.by_category,
        by_month: main.by_month,
        other_currencies,
    }
}

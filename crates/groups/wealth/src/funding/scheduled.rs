//! What schedules will move: an SIP takes cash out of its account, an SWP brings it in.

use super::Funding;
use crate::{
    error::Error,
    market::Prices,
    portfolios::PortfolioRecord,
    schedules::{ScheduleRecord, ScheduleState, ScheduleType},
};
use chrono::NaiveDate;
use kernel::{Currency, Money, Scope};
use rust_decimal::Decimal;
use store::{Query, Stored};
use uuid::Uuid;

/// What a schedule moves on a day.
pub(super) struct Instalment {
    pub(super) on: NaiveDate,
    /// Above 0 in, below 0 out.
    pub(super) amount: Decimal,
}

impl Funding {
    /// The instalments of a scope's active schedules before a day, in this currency; what is overdue is due today.
    pub(super) async fn scheduled(
        &self,
        scope: &Scope,
        only: Option<Uuid>,
        portfolios: &[Stored<PortfolioRecord>],
        currency: Currency,
        before: NaiveDate,
    ) -> Result<Vec<Instalment>, Error> {
        let query = Query::all().equals("state", ScheduleState::Active.as_str());
        let mut schedules = self.store.find_all::<ScheduleRecord>(scope, query).await?;
        schedules.retain(|one| only.is_none_or(|portfolio| portfolio == one.portfolio_id));
        schedules.retain(|one| currency_of(one, portfolios) == Some(currency));
        let mut symbols: Vec<&str> = Vec::new();
        for one in schedules.iter().filter(|one| one.amount.is_none()) {
            symbols.push(&one.symbol);
        }
        let prices = Prices::today(&self.market, scope.tenant(), symbols, &[]).await?;
        let today = self.market.today();
        let mut found = Vec::new();
        for schedule in &schedules {
            let Some(amount) = amount_of(schedule, &prices, currency) else {
                continue;
            };
            let mut rest = schedule.data.clone();
            while let Some(due) = rest.next().filter(|due| due.on < before) {
                found.push(Instalment {
                    on: due.on.max(today),
                    amount,
                });
                rest.place += 1;
                rest.made += 1;
            }
        }
        Ok(found)
    }
}

fn currency_of(schedule: &ScheduleRecord, portfolios: &[Stored<PortfolioRecord>]) -> Option<Currency> {
    let portfolio = portfolios.iter().find(|one| one.id == schedule.portfolio_id)?;
    let account = portfolio
        .accounts
        .iter()
        .find(|account| account.id == schedule.account_id)?;
    Some(account.currency)
}

/// What an instalment moves: its amount, or its quantity at the newest price; nothing where there is none.
fn amount_of(schedule: &ScheduleRecord, prices: &Prices, currency: Currency) -> Option<Decimal> {
    let amount = match (schedule.amount, schedule.quantity) {
        (Some(amount), _) => amount,
        (None, Some(quantity)) => quantity.checked_mul(prices.price(&schedule.symbol)?.price)?,
        (None, None) => return None,
    };
    let amount = Money::rounded(amount, currency).ok()?.amount();
    Some(match schedule.kind {
        ScheduleType::Sip => -amount,
        ScheduleType::Swp => amount,
    })
}

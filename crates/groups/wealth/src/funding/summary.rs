use super::{
    Funding,
    models::FundingRecord,
    requests::{FundingSummaryResponse, SummaryParameters, SummaryPart},
};
use crate::error::Error;
use chrono::{Datelike, Months, NaiveDate};
use kernel::{Amount, CallContext, Currency, Scope, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Key, Query, Stored};
use uuid::Uuid;
use wealth_contract::{FundingKind, FundingState};

/// The longest time that is summed up, in months.
const LONGEST: u32 = 120;

type PartKey = (Option<String>, FundingKind, FundingState, &'static str);

impl Funding {
    /// What was asked for in some time, by kind, state and month.
    pub(crate) async fn summary(
        &self,
        cx: &CallContext,
        asked: &SummaryParameters,
    ) -> Result<FundingSummaryResponse, Error> {
        let today = self.market.today();
        let to = asked.to.map_or(today, |date| date.date());
        let from = match asked.from {
            Some(date) => date.date(),
            None => first_of_month(to)
                .checked_sub_months(Months::new(11))
                .unwrap_or(to),
        };
        if from > to {
            return Err(Error::invalid("to", "must not be before 'from'"));
        }
        if from
            .checked_add_months(Months::new(LONGEST))
            .is_none_or(|last| last < to)
        {
            return Err(Error::invalid("to", "must be at most ten years after 'from'"));
        }
        let query = Query::all().between(self.begin(from), self.begin(to.succ_opt().unwrap_or(to)));
        let found = self.of(cx, asked.user_id, asked.portfolio_id, query).await?;
        let mut sums: BTreeMap<PartKey, (Currency, u64, Decimal)> = BTreeMap::new();
        for one in &found {
            let day = self.market.day(one.created_at);
            for period in [None, Some(month(day))] {
                let key = (period, one.kind, one.state, one.currency.code());
                let (_, count, amount) = sums.entry(key).or_insert((one.currency, 0, Decimal::ZERO));
                *count += 1;
                *amount += one.amount;
            }
        }
        let parts =
            sums.into_iter().map(
                |((period, kind, state, _), (currency, count, amount))| SummaryPart {
                    period,
                    kind,
                    state,
                    currency,
                    count,
                    amount: Amount(amount),
                },
            );
        let (totals, periods) = parts.partition(|part| part.period.is_none());
        Ok(FundingSummaryResponse {
            from,
            to,
            count: found.len() as u64,
            totals,
            periods,
        })
    }

    /// The beginning of a day, as a key.
    fn begin(&self, day: NaiveDate) -> Option<Key> {
        Some(Key::from(self.market.begins(day)))
    }

    /// The fundings of a portfolio, of a user, or of everybody whom the caller may see.
    pub(super) async fn of(
        &self,
        cx: &CallContext,
        user: Option<UserId>,
        portfolio: Option<Uuid>,
        query: Query,
    ) -> Result<Vec<Stored<FundingRecord>>, Error> {
        let (scope, query) = match (user, portfolio) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("portfolio_id", "cannot stand beside 'user_id'"));
            }
            (None, Some(portfolio)) => {
                let portfolio = self.portfolios.visible(cx, portfolio).await?;
                let scope = Scope::Own {
                    tenant: portfolio.tenant_id,
                    user: portfolio.user_id,
                };
                (scope, query.equals("portfolio_id", portfolio.id))
            }
            (Some(user), None) => (self.access.reading(cx, user).await?, query),
            (None, None) => (cx.scope()?, query),
        };
        Ok(self.store.find_all(&scope, query).await?)
    }
}

/// The first day of a month.
pub(super) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// A month, as in `2026-02`.
pub(super) fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

//! Worth by day, from entries and quotes alone.

use crate::{
    entries::{Entry, EntryKind},
    market::{Quote, SplitFactor, price_on},
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) account: Option<Uuid>,
    pub(super) symbol: Option<String>,
}

/// The worth at the end of each day and the flow at its start.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) days: Vec<(NaiveDate, Decimal, Decimal)>,
    /// What was valued by the price of a trade.
    pub(super) by_trade: BTreeSet<String>,
}

/// A price, and whether it counts splits in already.
type Kept = (Decimal, bool);

/// The newest price on or before a day: of quotes, and where there is none yet, of the trades before. A price from before a split
/// is counted as one is counted on the day.
pub(super) struct DailyPrices {
    quotes: BTreeMap<String, BTreeMap<NaiveDate, Kept>>,
    trades: BTreeMap<String, BTreeMap<NaiveDate, Kept>>,
    splits: BTreeMap<String, Vec<SplitFactor>>,
}

impl DailyPrices {
    pub(super) fn new(histories: BTreeMap<String, Vec<Quote>>, entries: &[Entry]) -> Self {
        let mut trades: BTreeMap<String, BTreeMap<NaiveDate, Kept>> = BTreeMap::new();
        for entry in entries {
            if let (Some(price), Some(leg)) = (entry.price, entry.legs.first()) {
                trades
                    .entry(leg.symbol.clone())
                    .or_default()
                    .insert(entry.date, (price, false));
            }
        }
        let by_day = |quotes: Vec<Quote>| {
            quotes
                .into_iter()
                .map(|quote| (quote.date, (quote.price, quote.adjusted)))
                .collect()
        };
        Self {
            quotes: histories
                .into_iter()
                .map(|(symbol, quotes)| (symbol, by_day(quotes)))
                .collect(),
            trades,
            splits: BTreeMap::new(),
        }
    }

    /// The same, knowing the splits of what is priced.
    pub(super) fn across(mut self, splits: BTreeMap<String, Vec<SplitFactor>>) -> Self {
        self.splits = splits;
        self
    }

    /// The price, and whether it is of a quote.
    pub(super) fn on(&self, symbol: &str, day: NaiveDate) -> Option<(Decimal, bool)> {
        let splits = self.splits.get(symbol).map_or(&[][..], Vec::as_slice);
        let newest = |prices: Option<&BTreeMap<NaiveDate, Kept>>| {
            let (quoted, (price, adjusted)) = prices?.range(..=day).next_back()?;
            price_on(*price, (*quoted, *adjusted), day, splits)
        };
        let quote = newest(self.quotes.get(symbol)).map(|price| (price, true));
        quote.or_else(|| newest(self.trades.get(symbol)).map(|price| (price, false)))
    }
}

/// The worth at the end of every day from `from` to `to`; `rate` says what an account's currency is worth on a day.
pub(super) fn timeline(
    entries: &[Entry],
    part: &Part,
    (from, to): (NaiveDate, NaiveDate),
    prices: &DailyPrices,
    rate: impl Fn(Uuid, NaiveDate) -> Option<Decimal>,
) -> Result<Timeline, String> {
    let wanted = |entry: &&Entry| part.account.is_none_or(|account| account == entry.account_id);
    let mut ordered: Vec<&Entry> = entries.iter().filter(wanted).collect();
    ordered.sort_by_key(|entry| (entry.date, entry.seq));
    let mut next = ordered.into_iter().peekable();
    let (mut cash, mut held): (BTreeMap<Uuid, Decimal>, BTreeMap<(Uuid, String), Decimal>) =
        Default::default();
    let mut timeline = Timeline::default();
    let first = next.peek().map_or(from, |entry| entry.date.min(from));
    let mut day = first;
    while day <= to {
        let mut flow = Decimal::ZERO;
        while let Some(entry) = next.next_if(|entry| entry.date <= day) {
            let here = rate(entry.account_id, day).ok_or_else(|| no_rate(day))?;
            flow += flow_of(entry, part) * here;
            *cash.entry(entry.account_id).or_default() += entry.cash;
            for leg in &entry.legs {
                let moved: Decimal = leg.made.iter().map(|lot| lot.quantity).sum::<Decimal>()
                    - leg.taken.iter().map(|taken| taken.quantity).sum::<Decimal>();
                *held.entry((entry.account_id, leg.symbol.clone())).or_default() += moved;
            }
        }
        if day >= from {
            let mut worth = Decimal::ZERO;
            for ((account, symbol), quantity) in &held {
                if quantity.is_zero() || part.symbol.as_ref().is_some_and(|only| only != symbol) {
                    continue;
                }
                let here = rate(*account, day).ok_or_else(|| no_rate(day))?;
                let (price, quoted) = prices
                    .on(symbol, day)
                    .ok_or_else(|| format!("there is no price of {symbol} on {day}"))?;
                if !quoted {
                    timeline.by_trade.insert(symbol.clone());
                }
                let value = quantity
                    .checked_mul(price)
                    .and_then(|value| value.checked_mul(here));
                worth += value.ok_or_else(|| format!("{symbol} is worth too much to be kept exactly"))?;
            }
            if part.symbol.is_none() {
                for (account, cash) in &cash {
                    worth += *cash * rate(*account, day).ok_or_else(|| no_rate(day))?;
                }
            }
            timeline.days.push((day, worth, flow));
        }
        day = day
            .checked_add_days(Days::new(1))
            .ok_or("the last day is too late")?;
    }
    Ok(timeline)
}

fn no_rate(day: NaiveDate) -> String {
    format!("there is no rate of an account's currency on {day}")
}

/// What an entry pays into what is looked at: of a portfolio what crosses its border, of a holding what it costs and brings.
fn flow_of(entry: &Entry, part: &Part) -> Decimal {
    let Some(symbol) = &part.symbol else {
        return entry.flow;
    };
    let mine = entry.legs.iter().any(|leg| leg.symbol == *symbol);
    match entry.kind {
        EntryKind::Buy | EntryKind::Sell if mine => -entry.cash,
        EntryKind::TransferIn if mine => entry.flow,
        EntryKind::CorporateAction | EntryKind::CorporateActionUndone if mine => -entry.cash,
        EntryKind::Dividend if entry.cause.as_deref() == Some(&format!("instrument/{symbol}")) => -entry.cash,
        _ => Decimal::ZERO,
    }
}

//! What a sale means for taxes, line by line, each with the rules that decided it.

use super::{
    history::{History, Sold},
    requests::{ExemptionUse, GainLine, GainTotals, ReplacementLot, Term},
    wash::{Washed, washed},
};
use crate::{
    entries::EntryKind,
    error::Error,
    jurisdiction::{ClassRule, Jurisdiction, RateRule, Rules},
    market::{AssetClass, Instrument, price_on},
    portfolios::PortfolioRecord,
};
use calculator::ltcg_112a;
use chrono::NaiveDate;
use kernel::{Amount, Currency};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;

/// What is known of a person: sales and purchases in all of their portfolios.
pub(super) struct Person<'a> {
    pub(super) portfolios: &'a [Stored<PortfolioRecord>],
    pub(super) history: &'a History,
    pub(super) instruments: &'a BTreeMap<String, Instrument>,
}

/// A line, and of which portfolio it is.
pub(super) struct Line {
    pub(super) portfolio: Uuid,
    /// Whether the year's exemption of section 112A is about it.
    exempt: bool,
    pub(super) line: GainLine,
}

/// The rules for an instrument on a day.
pub(super) struct Ruled<'a> {
    pub(super) class: &'a ClassRule,
    pub(super) rates: &'a RateRule,
    pub(super) term: Term,
}

impl Ruled<'_> {
    pub(super) fn rate(&self) -> Decimal {
        match self.term {
            Term::Short => self.rates.short,
            Term::Long => self.rates.long,
        }
    }

    /// What decided the term and the rate.
    pub(super) fn told(&self, acquired: Option<NaiveDate>) -> Vec<String> {
        let months = self.class.long_term_months;
        let term = match (self.term, acquired) {
            (Term::Long, Some(day)) => format!("held since {day}, more than {months} months: long term"),
            (Term::Short, Some(day)) => {
                format!("held since {day}, not more than {months} months: short term")
            }
            (_, None) => "a corporate action without a lot of its own: short term".to_owned(),
        };
        vec![term, self.rates.rule.clone()]
    }
}

/// Which rules decide about what was acquired and sold on these days.
pub(super) fn ruled<'a>(
    rules: &'a Rules,
    instrument: Option<&Instrument>,
    acquired: Option<NaiveDate>,
    sold: NaiveDate,
) -> Result<Ruled<'a>, Error> {
    let class = rules.class(instrument.map_or(AssetClass::Other, |one| one.class))?;
    let long = acquired.is_some_and(|acquired| Rules::is_long_term(class, acquired, sold));
    Ok(Ruled {
        class,
        rates: rules.rates(class, sold)?,
        term: if long { Term::Long } else { Term::Short },
    })
}

/// The gain that counts: where section 112A lets the value of 31 January 2018 stand in for the cost, with that.
pub(super) fn counted(
    rules: &Rules,
    ruled: &Ruled<'_>,
    instrument: Option<&Instrument>,
    (acquired, day): (Option<NaiveDate>, NaiveDate),
    (quantity, cost, proceeds): (Decimal, Decimal, Decimal),
) -> Result<(Decimal, Option<&'static str>), Error> {
    let plain = (proceeds - cost, None);
    let before = rules.grandfathered_before.zip(acquired);
    let old = before.is_some_and(|(limit, acquired)| acquired < limit);
    if !old || !ruled.class.section_112a || ruled.term == Term::Short {
        return Ok(plain);
    }
    let limit = rules.grandfathered_before.and_then(|limit| limit.pred_opt());
    let value = instrument.and_then(|one| {
        let value = one.fair_value_2018?;
        // The price of one then, counted in shares of today.
        price_on(value, (limit?, false), day, &one.splits)?.checked_mul(quantity)
    });
    let Some(value) = value else {
        let rule = "bought before February 2018, but the instrument has no fair_value_2018: the cost counts";
        return Ok((plain.0, Some(rule)));
    };
    let gain = ltcg_112a(cost, value, proceeds)?;
    Ok((
        gain,
        Some(
            "section 55(2)(ac): the cost is the higher of the cost and the lower of the value of 31 January 2018 and the sale",
        ),
    ))
}

impl Person<'_> {
    /// All sales in a span of days, in order.
    pub(super) fn lines(
        &self,
        jurisdiction: Jurisdiction,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Line>, Error> {
        let rules = jurisdiction.rules()?;
        let washed = washed(self.history, rules.wash_sale_days)?;
        let all = self.history.sold.iter().zip(washed);
        let within = all.filter(|(sold, _)| (from..=to).contains(&sold.date));
        within
            .map(|(sold, washed)| self.line(rules, sold, washed))
            .collect()
    }

    fn line(&self, rules: &Rules, sold: &Sold, washed: Washed) -> Result<Line, Error> {
        let instrument = self.instruments.get(&sold.symbol);
        let acquired = sold.lot.map(|(_, acquired)| acquired);
        let ruled = ruled(rules, instrument, acquired, sold.date)?;
        let cost = sold.cost + washed.added;
        let days = (acquired, sold.date);
        let (counted, rule) = counted(
            rules,
            &ruled,
            instrument,
            days,
            (sold.quantity, cost, sold.proceeds),
        )?;
        let mut told = ruled.told(acquired);
        told.extend(rule.map(str::to_owned));
        if sold.kind == EntryKind::CorporateAction {
            told.push(
                "from a corporate action: cash in the place of shares, or a gain that it put right"
                    .to_owned(),
            );
        }
        if !washed.added.is_zero() {
            told.push("the cost has the loss of a wash sale in it".to_owned());
        }
        if !washed.disallowed.is_zero() {
            told.push(format!(
                "wash sale: {} of the loss goes to the cost of what was bought within {} days",
                washed.disallowed,
                rules.wash_sale_days.unwrap_or_default()
            ));
        }
        let replaced = washed.replacements.iter().map(|one| ReplacementLot {
            portfolio_id: one.bought.portfolio,
            lot_id: one.bought.lot,
            date: one.bought.date,
            quantity: Amount(one.quantity.normalize()),
            new_basis: Amount(one.new_basis),
        });
        Ok(Line {
            portfolio: sold.portfolio,
            exempt: ruled.term == Term::Long && ruled.class.section_112a,
            line: GainLine {
                entry_id: sold.entry,
                account_id: sold.account,
                symbol: sold.symbol.clone(),
                currency: self.currency(sold),
                acquired,
                sold: sold.date,
                quantity: Amount(sold.quantity.normalize()),
                cost: Amount(cost),
                proceeds: Amount(sold.proceeds),
                gain: Amount(sold.proceeds - cost),
                taxable_gain: Amount(counted + washed.disallowed),
                disallowed_loss: Amount(washed.disallowed),
                replacements: replaced.collect(),
                term: ruled.term,
                rate: Amount(ruled.rate()),
                rules: told,
            },
        })
    }

    fn currency(&self, sold: &Sold) -> Currency {
        let portfolio = self.portfolios.iter().find(|one| one.id == sold.portfolio);
        let account = portfolio.and_then(|one| one.accounts.iter().find(|one| one.id == sold.account));
        let own = portfolio.map_or(Currency::INR, |one| one.currency);
        account.map_or(own, |account| account.currency)
    }
}

/// The sums by currency.
pub(super) fn totals<'a>(lines: impl Iterator<Item = &'a GainLine>) -> Vec<GainTotals> {
    let mut totals: BTreeMap<&'static str, GainTotals> = BTreeMap::new();
    for line in lines {
        let nothing = || GainTotals {
            currency: line.currency,
            short_term_gains: Amount::default(),
            short_term_losses: Amount::default(),
            long_term_gains: Amount::default(),
            long_term_losses: Amount::default(),
            disallowed_losses: Amount::default(),
        };
        let sums = totals.entry(line.currency.code()).or_insert_with(nothing);
        let gain = line.taxable_gain.0;
        let sum = match (line.term, gain < Decimal::ZERO) {
            (Term::Short, false) => &mut sums.short_term_gains,
            (Term::Short, true) => &mut sums.short_term_losses,
            (Term::Long, false) => &mut sums.long_term_gains,
            (Term::Long, true) => &mut sums.long_term_losses,
        };
        sum.0 += gain;
        sums.disallowed_losses.0 += line.disallowed_loss.0;
    }
    totals.into_values().collect()
}

/// How much of the year's exemption the gains of a person use.
pub(super) fn exemption(rules: &Rules, begins: NaiveDate, lines: &[Line]) -> Option<ExemptionUse> {
    let exemption = rules.exemption(begins)?;
    let own = lines
        .iter()
        .filter(|line| line.exempt && rules.is_own(line.line.currency));
    let net: Decimal = own.map(|line| line.line.taxable_gain.0).sum();
    let used = net.clamp(Decimal::ZERO, exemption.amount);
    Some(ExemptionUse {
        amount: Amount(exemption.amount),
        used: Amount(used),
        left: Amount(exemption.amount - used),
        rule: exemption.rule.clone(),
    })
}

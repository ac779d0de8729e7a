use super::requests::{
    AiAnalysisResponse, AnalyzeRequest, AnalyzeResponse, Finding, PortfolioAnalysis, SeriesMetrics,
    SymbolAnalysis,
};
use crate::{
    error::Error,
    market::{Market, Prices, Quote, comparable, requests::QuoteResponse},
    planning::drift,
    portfolios::{PortfolioRecord, PortfoliosService, value_of, weight},
};
use calculator::risk;
use chrono::{Days, NaiveDate};
use kernel::{Amount, CallContext, Money, PageRequest};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;

/// How far back is looked.
const LOOK_BACK: Days = Days::new(366);

/// Returns are daily: so many of them make a year.
const PERIODS: i64 = 252;

/// A part above this is a concentration.
const CONCENTRATED: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// More cash than this is idle.
const IDLE: Decimal = Decimal::from_parts(10, 0, 0, false, 2);

/// Analyses instruments and portfolios.
#[derive(Clone)]
pub(crate) struct Analysis {
    market: Market,
    portfolios: PortfoliosService,
}

impl Analysis {
    pub(crate) fn new(market: Market, portfolios: PortfoliosService) -> Self {
        Self { market, portfolios }
    }

    /// Risk and return of some symbols in the last year, each and together.
    pub(crate) async fn analyze(
        &self,
        cx: &CallContext,
        request: &AnalyzeRequest,
    ) -> Result<AnalyzeResponse, Error> {
        let tenant = cx.scope()?.tenant();
        if request.symbols.is_empty() || request.symbols.len() > 100 {
            return Err(Error::invalid("symbols", "must be 1 to 100"));
        }
        let today = self.market.today();
        let names = request.symbols.iter().map(|symbol| symbol.as_str());
        let known = self.market.instruments(tenant, names).await?;
        let (mut symbols, mut all) = (Vec::new(), Vec::new());
        for symbol in &request.symbols {
            let instrument = known.get(symbol.as_str());
            let history = match instrument {
                Some(_) => {
                    let from = today.checked_sub_days(LOOK_BACK);
                    self.market.history(tenant, symbol.as_str(), from, today).await?
                }
                None => Vec::new(),
            };
            let splits = instrument.map_or(&[][..], |one| one.splits.as_slice());
            let series = series_of(&comparable(history.clone(), splits));
            let mut metrics = metrics(&series);
            if instrument.is_none() {
                metrics.reason = Some("there is no such instrument".to_owned());
            }
            symbols.push(SymbolAnalysis {
                symbol: symbol.to_string(),
                known: instrument.is_some(),
                name: instrument.map(|one| one.name.clone()),
                currency: instrument.map(|one| one.currency),
                quote: history.last().map(|quote| QuoteResponse::of(quote, today)),
                metrics,
            });
            if !series.is_empty() {
                all.push(series);
            }
        }
        Ok(AnalyzeResponse {
            symbols,
            total: metrics(&together(&all)),
        })
    }

    /// What can be said of one portfolio, or of those that the caller may see.
    pub(crate) async fn of_portfolios(
        &self,
        cx: &CallContext,
        portfolio: Option<Uuid>,
    ) -> Result<AiAnalysisResponse, Error> {
        let (portfolios, prices) = match portfolio {
            Some(id) => {
                let stored = self.portfolios.store().visible(cx, id).await?;
                let all = vec![stored];
                let prices = self.portfolios.prices(cx.tenant(), &all).await?;
                (all, prices)
            }
            None => {
                let (page, prices) = self.portfolios.page(&cx.scope()?, PageRequest::default()).await?;
                (page.items, prices)
            }
        };
        let portfolios: Vec<PortfolioAnalysis> =
            portfolios.iter().map(|one| analysis(one, &prices)).collect();
        let noted: usize = portfolios.iter().map(|one| one.findings.len()).sum();
        let narrative = match portfolios.len() {
            0 => "There is no portfolio to analyse.".to_owned(),
            1 => portfolios.iter().map(|one| one.narrative.clone()).collect(),
            many => format!("{many} portfolios were looked at; {noted} things stand out in them."),
        };
        Ok(AiAnalysisResponse {
            portfolios,
            narrative,
        })
    }
}

fn analysis(stored: &Stored<PortfolioRecord>, prices: &Prices) -> PortfolioAnalysis {
    let valued = value_of(stored, prices);
    let drift = drift(stored, prices);
    let mut findings = Vec::new();
    let mut find = |kind: &str, figure: Option<Decimal>, reason: String| {
        findings.push(Finding {
            kind: kind.to_owned(),
            figure: figure.map(Amount),
            reason,
        });
    };
    for part in drift.parts.iter().filter(|part| part.outside) {
        let reason = format!(
            "{} is {} of the portfolio and should be {}: more than {} away",
            part.key, part.actual, part.target, part.band
        );
        find("drift", Some(part.drift.0), reason);
    }
    let mut gain = Decimal::ZERO;
    for one in &valued.positions {
        if let Some(share) = one.worth_here.and_then(|worth| weight(worth, valued.total))
            && share > CONCENTRATED
        {
            find(
                "concentration",
                Some(share),
                format!("{} alone is {share} of the portfolio", one.symbol),
            );
        }
        let own = one.worth.map(|worth| worth - one.cost);
        gain += own.unwrap_or_default();
        if let Some(loss) = own.filter(|own| *own < Decimal::ZERO) {
            find(
                "loss",
                Some(loss),
                format!("{} is worth {} less than it cost", one.symbol, -loss),
            );
        }
        match (&one.reason, one.price) {
            (Some(reason), Some(_)) if one.worth_here.is_some() => find("stale_quote", None, reason.clone()),
            (Some(reason), _) => find("unvalued", None, reason.clone()),
            (None, _) => {}
        }
    }
    if let Some(share) = weight(valued.cash, valued.total).filter(|share| *share > IDLE) {
        find(
            "idle_cash",
            Some(share),
            format!("{share} of the portfolio is cash"),
        );
    }
    let cost: Decimal = valued.positions.iter().map(|one| one.cost).sum();
    let text = |amount: Decimal| {
        Money::rounded(amount, stored.currency).map_or_else(|_| amount.to_string(), |money| money.formatted())
    };
    let mut narrative = format!(
        "The portfolio is worth {}, of which {} is cash; its positions cost {} and have gained {}.",
        text(valued.total),
        text(valued.cash),
        text(cost),
        text(gain)
    );
    for finding in &findings {
        narrative.push_str(&format!(" Note: {}.", finding.reason));
    }
    PortfolioAnalysis {
        portfolio_id: stored.id,
        name: stored.name.clone(),
        currency: stored.currency,
        market_value: Amount(valued.total),
        cost: Amount(cost),
        unrealised_gain: Amount(gain),
        cash: Amount(valued.cash),
        drift: drift.parts,
        findings,
        narrative,
    }
}

type Series = BTreeMap<NaiveDate, Decimal>;

fn series_of(history: &[Quote]) -> Series {
    history.iter().map(|quote| (quote.date, quote.price)).collect()
}

/// The worth of equal parts of all series, on the days that all have.
fn together(all: &[Series]) -> Series {
    let Some((first, others)) = all.split_first() else {
        return Series::new();
    };
    let days: Vec<NaiveDate> = first
        .keys()
        .copied()
        .filter(|day| others.iter().all(|series| series.contains_key(day)))
        .collect();
    let mut worth = Series::new();
    let mut level = Decimal::ONE;
    for (place, day) in days.iter().enumerate() {
        if let Some(before) = place.checked_sub(1).and_then(|before| days.get(before)) {
            let growth = all
                .iter()
                .filter_map(|series| series.get(day)?.checked_div(*series.get(before)?));
            let (count, sum) =
                growth.fold((0_u32, Decimal::ZERO), |(count, sum), one| (count + 1, sum + one));
            let mean = sum.checked_div(Decimal::from(count)).unwrap_or(Decimal::ONE);
            level = level.checked_mul(mean).unwrap_or(level);
        }
        worth.insert(*day, level);
    }
    worth
}

/// The figures of a series, each to 8 decimals.
fn metrics(series: &Series) -> SeriesMetrics {
    let mut metrics = SeriesMetrics {
        from: series.keys().next().copied(),
        to: series.keys().next_back().copied(),
        observations: series.len(),
        cumulative_return: None,
        volatility: None,
        sharpe: None,
        max_drawdown: None,
        reason: None,
    };
    let values: Vec<Decimal> = series.values().copied().collect();
    let returns: Option<Vec<Decimal>> = values
        .windows(2)
        .map(|pair| Some(pair[1].checked_div(pair[0])? - Decimal::ONE))
        .collect();
    let returns = returns.unwrap_or_default();
    if returns.is_empty() {
        metrics.reason = Some("there are not two prices to compare".to_owned());
        return metrics;
    }
    let shown = |figure: Decimal| Amount(figure.round_dp(8).normalize());
    match risk(&returns, Decimal::from(PERIODS)) {
        Ok(found) => {
            metrics.cumulative_return = Some(shown(found.cumulative));
            metrics.volatility = found.volatility.map(shown);
            metrics.sharpe = found.sharpe.map(shown);
            metrics.max_drawdown = Some(shown(found.max_drawdown));
            if found.volatility.is_none() {
                metrics.reason = Some("volatility needs three prices".to_owned());
            } else if found.sharpe.is_none() {
                metrics.reason = Some("sharpe needs returns that vary".to_owned());
            }
        }
        Err(refusal) => metrics.reason = Some(refusal.to_string()),
    }
    metrics
}

use crate::error::Error;
use chrono::{Days, NaiveDate};
use finance_contract::{FX_RATE_CHANGED, FxRateChanged};
use kernel::{
    Amount, AuditRecord, CalendarDate, CallContext, CallError, Currency, Money, NewEvent, Page, PageRequest,
    Principal, Role, Scope, TenantId,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, FieldKind, Key, Query, Scoping, Sort, Store, StoreError, Stored};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Rates are below this.
const TOO_LARGE: i64 = 1_000_000_000;

/// How many decimals a rate has at most.
const FINEST: u32 = 12;

/// How often a commit is decided anew because somebody else put one of its rates.
const ATTEMPTS: usize = 16;

/// How many rates one commit takes.
const COMMIT_RATES: usize = 500;

static RATES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("fx_rates", Scoping::Tenant)
        .field("pair", FieldKind::Text)
        .field("date", FieldKind::Time)
        .serves(&[], &["date"])
        .serves(&["pair"], &["date"])
});

/// What one unit of `base` costs in `quote`, from a day on until there is a newer rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FxRate {
    pair: String,
    base: Currency,
    quote: Currency,
    date: NaiveDate,
    rate: Decimal,
}

impl FxRate {
    /// What there is only one rate of.
    pub(super) fn day(&self) -> (String, NaiveDate) {
        (self.pair.clone(), self.date)
    }
}

impl Document for FxRate {
    fn collection() -> &'static Collection {
        &RATES
    }
}

/// A rate to be kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct FxRateRequest {
    /// The currency of which one unit is bought.
    pub(crate) base: Currency,
    /// The currency that is paid.
    pub(crate) quote: Currency,
    /// From which day on.
    pub(crate) date: CalendarDate,
    /// How much of `quote` one unit of `base` costs: more than 0, less than 10^9, 12 decimals at most.
    pub(crate) rate: Amount,
}

/// Which rates.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FxRateFilter {
    /// Only of this currency; needs `quote`.
    pub(crate) base: Option<Currency>,
    /// Only in this currency; needs `base`.
    pub(crate) quote: Option<Currency>,
    /// Not before this date.
    pub(crate) from: Option<CalendarDate>,
    /// Not after this date.
    pub(crate) to: Option<CalendarDate>,
}

/// A rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FxRateResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// The currency of which one unit is bought.
    pub(crate) base: Currency,
    /// The currency that is paid.
    pub(crate) quote: Currency,
    /// From which day on.
    pub(crate) date: NaiveDate,
    /// How much of `quote` one unit of `base` costs.
    #[schema(value_type = f64)]
    pub(crate) rate: Amount,
    /// Counts changes from 1.
    pub(crate) version: u64,
}

/// Keeps the rates of firms.
#[derive(Clone)]
pub(crate) struct FxRates {
    store: Store,
}

impl FxRates {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Keeps a rate, or replaces the one of that day. Admins, advisors and the platform may.
    pub(crate) async fn put(
        &self,
        cx: &CallContext,
        request: &FxRateRequest,
    ) -> Result<FxRateResponse, Error> {
        may_write(cx)?;
        let record = checked(request)?;
        let id = rate_id(cx.tenant(), &record.pair, record.date);
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let mut batch = self.store.batch(cx);
            let known = self.store.get::<FxRate>(&scope, id).await?;
            let stored = keep(cx, &mut batch, (id, known), record.clone());
            match self.store.commit(batch).await {
                Ok(_) => return Ok(stored.into()),
                Err(error) if error.is_lost_race() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last
            .unwrap_or_else(|| StoreError::internal("no attempt was made"))
            .into())
    }

    /// Keeps many rates, each as if it were put; those that are kept already as they are change nothing. At most
    /// [`COMMIT_RATES`] go into one commit. Answers how many were new or changed.
    pub(super) async fn put_all(&self, cx: &CallContext, records: &[FxRate]) -> Result<usize, Error> {
        let mut changed = 0;
        for chunk in records.chunks(COMMIT_RATES) {
            changed += self.put_chunk(cx, chunk).await?;
        }
        Ok(changed)
    }

    async fn put_chunk(&self, cx: &CallContext, chunk: &[FxRate]) -> Result<usize, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let mut batch = self.store.batch(cx);
            let mut changed = 0;
            for record in chunk {
                let id = rate_id(cx.tenant(), &record.pair, record.date);
                let known = self.store.get::<FxRate>(&scope, id).await?;
                if known.as_ref().is_some_and(|known| known.data == *record) {
                    continue;
                }
                keep(cx, &mut batch, (id, known), record.clone());
                changed += 1;
            }
            if changed == 0 {
                return Ok(0);
            }
            match self.store.commit(batch).await {
                Ok(_) => return Ok(changed),
                Err(error) if error.is_lost_race() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last
            .unwrap_or_else(|| StoreError::internal("no attempt was made"))
            .into())
    }

    /// The rates of the caller's firm, newest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &FxRateFilter,
        page: PageRequest,
    ) -> Result<Page<FxRateResponse>, Error> {
        let from = filter.from.map(|day| Key::from(day.date()));
        let until = filter.to.and_then(|day| after(day.date()));
        let mut query = Query::sorted(Sort::descending("date")).page(page);
        match (filter.base, filter.quote) {
            (Some(base), Some(quote)) => query = query.equals("pair", pair(base, quote).as_str()),
            (None, None) => {}
            (Some(_), None) => return Err(Error::invalid("quote", "must be given with 'base'")),
            (None, Some(_)) => return Err(Error::invalid("base", "must be given with 'quote'")),
        }
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.find(&scope, query.between(from, until)).await?;
        Ok(found.map(FxRateResponse::from))
    }

    /// What one unit of `base` costs in `quote` on a day: the newest rate of that day or before it, or one over the
    /// newest rate the other way round. None when there is neither.
    pub(crate) async fn on(
        &self,
        tenant: TenantId,
        base: Currency,
        quote: Currency,
        day: NaiveDate,
    ) -> Result<Option<Decimal>, Error> {
        if base == quote {
            return Ok(Some(Decimal::ONE));
        }
        let direct = self.newest(tenant, &pair(base, quote), day).await?;
        let inverse = self.newest(tenant, &pair(quote, base), day).await?;
        Ok(match (direct, inverse) {
            (Some(direct), Some(inverse)) if inverse.date > direct.date => one_over(inverse.rate),
            (Some(direct), _) => Some(direct.rate),
            (None, Some(inverse)) => one_over(inverse.rate),
            (None, None) => None,
        })
    }

    /// An amount in another currency by the rate of a day, rounded half-up to its smallest unit.
    pub(crate) async fn convert(
        &self,
        tenant: TenantId,
        amount: Money,
        to: Currency,
        day: NaiveDate,
    ) -> Result<Option<Money>, Error> {
        let Some(rate) = self.on(tenant, amount.currency(), to, day).await? else {
            return Ok(None);
        };
        let converted = amount.amount().checked_mul(rate);
        let rounded = converted.and_then(|converted| Money::rounded(converted, to).ok());
        Ok(Some(rounded.ok_or_else(|| {
            Error::invalid("amount", "is too large to be converted exactly")
        })?))
    }

    async fn newest(
        &self,
        tenant: TenantId,
        pair: &str,
        day: NaiveDate,
    ) -> Result<Option<Stored<FxRate>>, Error> {
        let query = Query::sorted(Sort::descending("date"))
            .equals("pair", pair)
            .between(None, after(day));
        Ok(self.store.find_first(&Scope::Tenant { tenant }, query).await?)
    }
}

impl From<Stored<FxRate>> for FxRateResponse {
    fn from(stored: Stored<FxRate>) -> Self {
        Self {
            id: stored.id,
            base: stored.base,
            quote: stored.quote,
            date: stored.date,
            rate: Amount(stored.rate),
            version: stored.version,
        }
    }
}

/// Adds a rate to a commit, with its event and its audit record.
fn keep(
    cx: &CallContext,
    batch: &mut Batch,
    (id, known): (Uuid, Option<Stored<FxRate>>),
    record: FxRate,
) -> Stored<FxRate> {
    let facts = FxRateChanged {
        base: record.base,
        quote: record.quote,
        date: record.date,
        rate: record.rate.to_string(),
    };
    let subject = format!("fx_rate/{id}");
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, FX_RATE_CHANGED, subject.clone(), data));
    let before = known.as_ref().map(|known| known.rate.to_string());
    let audit = AuditRecord::new(FX_RATE_CHANGED, subject)
        .changing("rate", before, Some(record.rate.to_string()))
        .changing("date", None, Some(record.date));
    batch.event(audit.into_event(cx));
    match known {
        Some(known) => batch.replace(&known.with(record)),
        None => batch.insert(id, record),
    }
}

pub(super) fn checked(request: &FxRateRequest) -> Result<FxRate, Error> {
    if request.base == request.quote {
        return Err(Error::invalid("quote", "must be another currency than 'base'"));
    }
    let rate = request.rate.0.normalize();
    if rate <= Decimal::ZERO || rate >= Decimal::from(TOO_LARGE) {
        return Err(Error::invalid(
            "rate",
            "must be more than 0 and less than 1000000000",
        ));
    }
    if rate.scale() > FINEST {
        return Err(Error::invalid("rate", "must have 12 decimals at most"));
    }
    Ok(FxRate {
        pair: pair(request.base, request.quote),
        base: request.base,
        quote: request.quote,
        date: request.date.date(),
        rate,
    })
}

pub(super) fn may_write(cx: &CallContext) -> Result<(), Error> {
    match &cx.principal {
        Principal::User(caller) if matches!(caller.role, Role::Admin | Role::Advisor) => Ok(()),
        Principal::System { .. } => Ok(()),
        Principal::Anonymous => Err(CallError::Unauthenticated.into()),
        Principal::User(_) => Err(CallError::forbidden("fx_rates.write").into()),
    }
}

fn one_over(rate: Decimal) -> Option<Decimal> {
    Decimal::ONE.checked_div(rate)
}

fn after(day: NaiveDate) -> Option<Key> {
    day.checked_add_days(Days::new(1)).map(Key::from)
}

fn pair(base: Currency, quote: Currency) -> String {
    format!("{base}/{quote}")
}

fn rate_id(tenant: TenantId, pair: &str, date: NaiveDate) -> Uuid {
    let name = format!("fx-rate\u{0}{tenant}\u{0}{pair}\u{0}{date}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

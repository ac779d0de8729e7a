//! Dated rates of exchange of a firm: who may write them, which one holds on a day, and what an amount is in another
//! currency.

mod convert;
mod import;
mod rates;
pub(crate) mod routes;

pub(crate) use convert::{Converter, Pool};
pub(crate) use rates::{FxRate, FxRates};

//! Instruments and quotes from files and feeds.

use super::{
    Market,
    feed::QuoteFeed,
    requests::{InstrumentRequest, MarketImportResponse, QuoteRow},
    service::COMMIT_ROWS,
};
use crate::{access::Access, csv_file, error::Error};
use kernel::{CallContext, Text};
use std::collections::BTreeSet;

impl Market {
    /// Keeps the instruments of a file. Those that are known already are left as they are.
    pub(crate) async fn import_instruments(
        &self,
        cx: &CallContext,
        dry_run: bool,
        bytes: &[u8],
    ) -> Result<MarketImportResponse, Error> {
        Access::market(cx)?;
        let mut seen = BTreeSet::new();
        let rows = csv_file::read(bytes, &["symbol", "name", "class"], |row| {
            let name: String = row.required("name")?;
            let sector: Option<String> = row.optional("sector")?;
            let text = |text: String, field: &str| {
                Text::parse(&text).map_err(|message| format!("{field} {message}"))
            };
            let request = InstrumentRequest {
                symbol: row.required("symbol")?,
                name: Text::parse(&name).map_err(|message| format!("name {message}"))?,
                class: row.required("class")?,
                sector: sector.map(|sector| text(sector, "sector")).transpose()?,
                currency: row.optional("currency")?,
                product_risk: row.optional("product_risk")?.unwrap_or(3),
                fair_value_2018: row.optional("fair_value_2018")?,
                version: None,
            };
            request
                .check()
                .map_err(|(field, message)| format!("{field} {message}"))?;
            match seen.insert(request.symbol.clone()) {
                true => Ok(request),
                false => Err("names a symbol again".to_owned()),
            }
        })?;
        let (count, mut changed) = (rows.len(), 0);
        if !dry_run {
            for chunk in rows.chunks(COMMIT_ROWS) {
                let lost = |error: &Error| matches!(error, Error::Store(error) if error.is_lost_race());
                let new = self.store.anew(cx, lost, async || {
                    let mut batch = self.store.batch(cx);
                    let mut new = 0;
                    for request in chunk {
                        if self
                            .instrument(cx.tenant(), request.symbol.as_str())
                            .await?
                            .is_none()
                        {
                            self.insert(cx, &mut batch, request.clone());
                            new += 1;
                        }
                    }
                    self.store.commit(batch).await?;
                    Ok::<_, Error>(new)
                });
                changed += new.await?;
            }
        }
        Ok(MarketImportResponse {
            dry_run,
            rows: count,
            changed,
        })
    }

    /// Keeps the quotes of a feed. All are checked before the first is written; kept again, nothing changes.
    pub(crate) async fn import_quotes(
        &self,
        cx: &CallContext,
        dry_run: bool,
        feed: &impl QuoteFeed,
    ) -> Result<MarketImportResponse, Error> {
        Access::market(cx)?;
        let rows = feed.quotes()?;
        self.require_known(cx, &rows).await?;
        let mut changed = 0;
        if !dry_run {
            for chunk in rows.chunks(COMMIT_ROWS) {
                changed += self.keep(cx, chunk).await?;
            }
        }
        Ok(MarketImportResponse {
            dry_run,
            rows: rows.len(),
            changed,
        })
    }

    async fn require_known(&self, cx: &CallContext, rows: &[QuoteRow]) -> Result<(), Error> {
        let symbols = rows.iter().map(|row| row.symbol.as_str());
        let known = self.instruments(cx.tenant(), symbols).await?;
        let unknown = rows
            .iter()
            .enumerate()
            .find(|(_, row)| !known.contains_key(row.symbol.as_str()));
        match unknown {
            Some((at, row)) => {
                let message = format!("symbol {} is not known: make the instrument first", row.symbol);
                Err(Error::invalid(&format!("row {}", at + 1), message))
            }
            None => Ok(()),
        }
    }
}

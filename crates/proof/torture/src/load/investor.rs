use super::{Api, Progress, Sender, Step, What};
use crate::{dice::Dice, error::Error};
use kernel::{Amount, Sources};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::path::Path;

/// How long an investor rests between two orders, so that others get something done.
const REST: std::ops::Range<u64> = 10..80;
/// What everything costs.
const PRICE: u64 = 100;
/// What is traded.
pub(crate) const SYMBOLS: [&str; 2] = ["TORTA", "TORTB"];

/// The instruments that all investors trade in, with their quotes.
pub(crate) struct Market;

impl Market {
    /// Keeps them, as an advisor does. Nothing is broken yet.
    pub(crate) async fn open(api: &Api) -> Result<(), Error> {
        let failed = |error: String| Error::at("open the market", error);
        let keeper = api
            .register("market@example.com", "advisor")
            .await
            .map_err(failed)?;
        // Neither tomorrow nor stale, whatever the time zone and however a clock jumps.
        let yesterday = Sources::system().now().date_naive().pred_opt();
        for symbol in SYMBOLS {
            let instrument = json!({
                "symbol": symbol, "name": symbol, "class": "equity", "currency": "INR", "product_risk": 1,
            });
            api.post("/api/v1/instruments", &keeper.token, &instrument, 201)
                .await
                .map_err(failed)?;
            let quote = json!({ "symbol": symbol, "date": yesterday, "price": PRICE });
            api.put("/api/v1/quotes", &keeper.token, &quote, 200)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// Somebody who pays into a client's portfolio and trades in it: orders are checked, placed, filled, and taken back, sometimes
/// two of these at the same moment.
pub(crate) struct Investor {
    pub(crate) sender: Sender,
    /// Whose portfolio it is.
    pub(crate) owner: String,
    pub(crate) portfolio: String,
}

impl Investor {
    /// Registers as an advisor, and opens a portfolio for a client who may buy anything. Nothing is broken yet.
    pub(crate) async fn new(
        number: u64,
        api: Api,
        directory: &Path,
        dice: Dice,
        progress: Progress,
    ) -> Result<Self, Error> {
        let who = format!("investor{number}");
        let shared = (dice, progress);
        let mut sender = Sender::register(api, (&who, "advisor"), directory, shared, REST).await?;
        let failed = |error: String| Error::at(format!("set up {who}"), error);
        let (api, session) = sender.fresh().await.map_err(failed)?;
        let client = json!({
            "client_name": "Rich", "risk_profile": "aggressive", "kyc_expiry_date": "2030-12-31",
        });
        let client = api
            .post("/api/v1/clients", &session.token, &client, 201)
            .await
            .map_err(failed)?;
        let owner = client["user_id"].as_str().unwrap_or_default().to_owned();
        let portfolio = json!({ "name": "Portfolio", "currency": "INR", "user_id": owner });
        let portfolio = api
            .post("/api/v1/portfolios", &session.token, &portfolio, 201)
            .await
            .map_err(failed)?;
        Ok(Self {
            sender,
            owner,
            portfolio: id_of(&portfolio),
        })
    }

    /// Invests until told to stop.
    pub(crate) async fn work(mut self) -> Result<Self, Error> {
        self.pay_in().await?;
        while !self.sender.progress.is_over() {
            match self.sender.dice.within(0..100) {
                0..12 => self.pay_in().await?,
                12..40 => self.order("sell", 1).await?,
                // Beyond what it costs, so that it is filled at once; and below, so that it waits.
                40..85 => self.order("buy", 2 * PRICE).await?,
                _ => self.order("buy", PRICE / 2).await?,
            }
            self.sender.rest().await;
        }
        Ok(self)
    }

    async fn pay_in(&mut self) -> Result<(), Error> {
        let amount = Decimal::from(1_000_000) + self.mark(2);
        let funding = json!({ "portfolio_id": self.portfolio, "kind": "deposit", "amount": Amount(amount) });
        let Some(asked) = self.step("/api/v1/funding", &funding, Some(amount)).await? else {
            return Ok(());
        };
        let path = format!("/api/v1/funding/{}/settle", id_of(&asked));
        self.step(&path, &json!({}), None).await.map(drop)
    }

    /// An order from its draft to its end, or to where it waits. Its limit is what it is known by.
    async fn order(&mut self, side: &str, limit: u64) -> Result<(), Error> {
        let dice = &self.sender.dice;
        let symbol = dice.pick(&SYMBOLS).copied().unwrap_or(SYMBOLS[0]);
        let quantity = dice.within(1..20);
        let limit = Decimal::from(limit) + self.mark(8);
        let order = json!({
            "portfolio_id": self.portfolio, "side": side, "symbol": symbol, "quantity": quantity,
            "limit_price": Amount(limit),
        });
        let Some(draft) = self.step("/api/v1/orders", &order, Some(limit)).await? else {
            return Ok(());
        };
        let place = format!("/api/v1/orders/{}", id_of(&draft));
        let checked = self.step(&format!("{place}/check"), &json!({}), None).await?;
        if checked.is_none_or(|order| order["state"] != "checked") {
            return Ok(());
        }
        let placing = format!("{place}/place");
        let cancelling = format!("{place}/cancel");
        if self.sender.dice.chance(30) {
            let (one, other) = (step_of(placing, &json!({})), step_of(cancelling, &json!({})));
            return self.sender.race(one, other).await;
        }
        let placed = self.step(&placing, &json!({}), None).await?;
        let waits = placed.is_some_and(|order| order["state"] == "placed");
        if waits && self.sender.dice.chance(70) {
            self.step(&cancelling, &json!({}), None).await?;
        }
        Ok(())
    }

    async fn step(
        &mut self,
        path: &str,
        body: &Value,
        mark: Option<Decimal>,
    ) -> Result<Option<Value>, Error> {
        let what = What::Step(Step {
            path: path.to_owned(),
            body: body.to_string(),
            mark,
        });
        self.sender.persist(what).await
    }

    /// A small amount that no other request of this investor has.
    fn mark(&self, decimals: u32) -> Decimal {
        Decimal::new(i64::try_from(self.sender.made() + 1).unwrap_or(1), decimals)
    }
}

fn step_of(path: String, body: &Value) -> What {
    What::Step(Step {
        path,
        body: body.to_string(),
        mark: None,
    })
}

fn id_of(answer: &Value) -> String {
    answer["id"].as_str().unwrap_or_default().to_owned()
}

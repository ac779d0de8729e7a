use super::WealthReplay;
use crate::{
    entries::{AccountState, Deal, Desk, EntryKind, Holding, MethodName},
    market::Market,
    portfolios::{PortfolioRecord, TargetBy},
};
use kernel::{Currency, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use store::{Query, Store, Stored};
use testkit::Harness;
use uuid::Uuid;

const SCOPE: Scope = Scope::Tenant {
    tenant: TenantId::DEFAULT,
};
const ACCOUNT: Uuid = Uuid::from_u128(7);

/// A portfolio with some cash and some shares, without HTTP around it.
struct Book {
    harness: Harness,
    store: Store,
    market: Market,
    replay: WealthReplay,
    portfolio: Uuid,
}

impl Book {
    async fn new(harness: Harness) -> Self {
        let collections = [crate::collections(), events::collections()].concat();
        let store = harness.store("wealth", collections).await;
        let market = Market::new(store.clone(), Currency::INR, chrono_tz::Asia::Kolkata);
        let mut batch = store.batch(&harness.system("wealth"));
        let portfolio = harness.sources.ids().next();
        batch.insert::<PortfolioRecord>(portfolio, record());
        store.commit(batch).await.unwrap();
        let book = Self {
            replay: WealthReplay::new(store.clone(), market.clone()),
            harness,
            store,
            market,
            portfolio,
        };
        book.trade().await;
        book
    }

    async fn read(&self) -> Stored<PortfolioRecord> {
        self.store.get(&SCOPE, self.portfolio).await.unwrap().unwrap()
    }

    async fn holding(&self) -> Stored<Holding> {
        let query = Query::sorted(store::Sort::ascending("symbol")).equals("portfolio_id", self.portfolio);
        self.store.find_first(&SCOPE, query).await.unwrap().unwrap()
    }

    async fn trade(&self) {
        let mut desk = Desk::new(&self.store, &self.market, self.read().await);
        let date = self.market.today();
        desk.cash(ACCOUNT, date, EntryKind::Deposit, Decimal::from(1000), None)
            .await
            .unwrap();
        let deal = |quantity: i64| Deal {
            account: ACCOUNT,
            symbol: "AAA",
            date,
            quantity: Decimal::from(quantity),
            price: Decimal::from(10),
            fees: Decimal::ONE,
            cause: None,
        };
        desk.buy(&deal(30)).await.unwrap();
        desk.sell(&deal(12), None).await.unwrap();
        let cx = self.harness.system("wealth");
        let mut batch = self.store.batch(&cx);
        desk.finish(&cx, &mut batch).await.unwrap();
        self.store.commit(batch).await.unwrap();
    }

    async fn differences(&self, repair: bool) -> Vec<String> {
        let (portfolios, found) = self.replay.run(repair).await.unwrap();
        assert_eq!(portfolios, 1);
        let text = |of: super::WealthDifference| format!("{}: {}, {}", of.figure, of.stored, of.replayed);
        found.into_iter().map(text).collect()
    }
}

fn record() -> PortfolioRecord {
    let zero = kernel::Money::zero(Currency::INR).amount();
    PortfolioRecord {
        user_id: UserId(Uuid::from_u128(42)),
        client_id: None,
        advisor_id: None,
        name: "Core".to_owned(),
        currency: Currency::INR,
        accounts: vec![AccountState {
            id: ACCOUNT,
            name: "Main".to_owned(),
            currency: Currency::INR,
            method: MethodName::Fifo,
            margin: false,
            cash: zero,
            reserved: zero,
        }],
        positions: Vec::new(),
        targets_by: TargetBy::Symbol,
        targets: Vec::new(),
        entries: 0,
        value: Decimal::ZERO,
        valued_completely: true,
    }
}

#[tokio::test]
async fn a_damaged_holding_is_named_and_put_right() {
    let book = Book::new(Harness::new()).await;
    assert!(book.differences(false).await.is_empty());
    let (right, holding) = (book.read().await, book.holding().await);
    let mut batch = book.store.batch(&book.harness.system("wealth"));
    batch.replace(&holding.changed(|held| held.lots[0].quantity = Decimal::from(99)));
    batch.replace(&right.changed(|portfolio| {
        portfolio.accounts[0].cash += Decimal::ONE;
        portfolio.positions[0].cost = Decimal::ZERO;
    }));
    book.store.commit(batch).await.unwrap();
    let named = book.differences(false).await;
    assert_eq!(named.len(), 3, "{named:?}");
    let text = named.join("; ");
    assert!(
        text.contains(&format!("the cash of account {ACCOUNT}: 819, 818")),
        "{text}"
    );
    assert!(text.contains("the cost of AAA"), "{text}");
    assert!(text.contains("99 of"), "{text}");
    assert_eq!(book.differences(true).await, named);
    assert!(book.differences(false).await.is_empty());
    let mended = book.read().await;
    assert_eq!(
        (&mended.accounts, &mended.positions),
        (&right.accounts, &right.positions)
    );
    assert_eq!(book.holding().await.data, holding.data);
}

#[tokio::test]
async fn what_is_lost_is_made_anew() {
    let book = Book::new(Harness::new()).await;
    let holding = book.holding().await;
    let mut batch = book.store.batch(&book.harness.system("wealth"));
    batch.remove(&holding);
    book.store.commit(batch).await.unwrap();
    assert!(!book.differences(true).await.is_empty());
    assert!(book.differences(false).await.is_empty());
    assert_eq!(book.holding().await.data, holding.data);
    book.trade().await;
    assert!(book.differences(false).await.is_empty());
}

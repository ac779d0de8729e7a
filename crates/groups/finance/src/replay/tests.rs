use super::LedgerReplay;
use crate::{
    access::Owner,
    balances::{Balances, Book, BookBalances, DayTotal, Folding},
    chain::{ChainProjection, EntryChains},
    journal::{AccountType, Entry, Journal, LedgerAccount, Leg, Legs},
    transactions::TransactionRecord,
};
use events::Projection;
use kernel::{Money, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Query, Sort, Store, Stored};
use testkit::Harness;
use uuid::Uuid;

pub(super) const USER: UserId = UserId(Uuid::from_u128(42));
pub(super) const BOOK: Book = Book {
    tenant: TenantId::DEFAULT,
    user: USER,
};
pub(super) const SCOPE: Scope = Scope::Tenant {
    tenant: TenantId::DEFAULT,
};

/// A book without HTTP around it.
pub(super) struct Ledger {
    pub(super) harness: Harness,
    pub(super) store: Store,
    pub(super) journal: Journal,
    pub(super) folding: Folding,
    pub(super) balances: Balances,
    pub(super) replay: LedgerReplay,
}

impl Ledger {
    pub(super) async fn new() -> Self {
        let harness = Harness::new();
        let collections = [crate::collections(), events::collections()].concat();
        let store = harness.store("finance", collections).await;
        let folding = Folding::new(store.clone(), harness.sources.clone(), harness.tasks.clone());
        Self {
            journal: Journal::new(store.clone()),
            balances: Balances::new(folding.clone()),
            replay: LedgerReplay::new(store.clone()),
            folding,
            store,
            harness,
        }
    }

    /// Posts an entry of so many units from one account to another.
    pub(super) async fn post(
        &self,
        units: i64,
        currency: &str,
        category: &str,
        date: &str,
    ) -> Stored<TransactionRecord> {
        let amount = Money::new(Decimal::from(units), currency.parse().unwrap()).unwrap();
        let legs = vec![
            Leg::new(
                LedgerAccount::Named(AccountType::Expense, category.to_owned()),
                amount,
            ),
            Leg::new(LedgerAccount::Money(Uuid::from_u128(7)), amount.negated()),
        ];
        let owner = Owner::of_nobodys_client(USER);
        let entry = Entry::of_legs(owner, Legs::new(legs).unwrap(), category, date.parse().unwrap());
        self.commit(self.harness.sources.ids().next(), entry).await
    }

    pub(super) async fn reverse(&self, of: &Stored<TransactionRecord>) -> Stored<TransactionRecord> {
        let entry = Entry::reversal(of, of.date, "wrong".to_owned()).unwrap();
        self.commit(crate::journal::reversal_id(of.id), entry).await
    }

    pub(super) async fn commit(&self, id: Uuid, entry: Entry) -> Stored<TransactionRecord> {
        let cx = self.harness.system("finance");
        let mut batch = self.store.batch(&cx);
        let mut page = self.journal.page(TenantId::DEFAULT, USER).await.unwrap();
        let stored = page.post(&cx, &mut batch, id, entry).unwrap();
        page.finish(&cx, &mut batch);
        self.store.commit(batch).await.unwrap();
        stored
    }

    pub(super) async fn fold(&self) {
        self.folding.fold(TenantId::DEFAULT, USER.0).await.unwrap();
    }

    /// Everything that is on the accounts, and whether it adds up to nothing in each currency.
    pub(super) async fn balances(&self) -> BTreeMap<String, Decimal> {
        let sums = self.balances.now(BOOK).await.unwrap();
        let mut totals: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut balances = BTreeMap::new();
        for (account, currency, sum) in sums.iter() {
            *totals.entry(currency.to_string()).or_default() += sum;
            if !sum.is_zero() {
                balances.insert(format!("{account} {currency}"), sum);
            }
        }
        assert!(totals.values().all(Decimal::is_zero), "{totals:?}");
        balances
    }

    pub(super) async fn differences(&self, repair: bool) -> Vec<String> {
        let (_, found) = self.replay.run(repair).await.unwrap();
        let text = |of: super::LedgerDifference| format!("{}: {}, {}", of.figure, of.stored, of.replayed);
        found.into_iter().map(text).collect()
    }

    /// Tells the chain of everything that was posted.
    async fn chain(&self) {
        let projection = ChainProjection::new(self.store.clone());
        let events = self.store.feed(0, 500).await.unwrap();
        let wanted: Vec<_> = events
            .iter()
            .filter(|event| projection.wants(&event.event_type))
            .collect();
        for run in wanted.chunks(3) {
            let cx = self.harness.system("finance");
            let batch = projection.apply_run(&cx, run).await.unwrap();
            self.store.commit(batch).await.unwrap();
        }
    }

    async fn broken(&self) -> Option<(u64, Option<Uuid>, &'static str)> {
        let verdicts = EntryChains::new(self.store.clone()).verify().await.unwrap();
        let broken = verdicts.into_iter().find_map(|verdict| verdict.broken);
        broken.map(|entry| (entry.place, entry.id, entry.reason))
    }
}

#[tokio::test]
async fn a_planted_wrong_balance_is_named_and_put_right() {
    let ledger = Ledger::new().await;
    for day in 1..=9 {
        ledger.post(day, "INR", "food", &format!("2026-01-0{day}")).await;
    }
    ledger.fold().await;
    ledger.post(5, "USD", "rent", "2026-02-01").await;
    let right = ledger.balances().await;
    assert!(ledger.differences(false).await.is_empty());

    let position: Stored<BookBalances> = ledger.store.get(&SCOPE, USER.0).await.unwrap().unwrap();
    let days = Query::sorted(Sort::ascending("date")).equals("book", USER.0);
    let day: Stored<DayTotal> = ledger.store.find_first(&SCOPE, days).await.unwrap().unwrap();
    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    batch.replace(&position.changed(|of| of.balances[0].balance += Decimal::ONE));
    batch.remove(&day);
    ledger.store.commit(batch).await.unwrap();
    let named = [
        "the balance of money:00000000-0000-0000-0000-000000000007 in INR: -44, -45",
        "money:00000000-0000-0000-0000-000000000007 to expense:food in INR for the day 2026-01-01: nothing, 1 of 1",
    ];
    assert_eq!(ledger.differences(false).await, named);
    assert_eq!(ledger.differences(true).await, named);
    assert!(ledger.differences(false).await.is_empty());
    assert_eq!(ledger.balances().await, right);
}

#[tokio::test]
async fn balances_that_are_lost_are_made_anew() {
    let ledger = Ledger::new().await;
    for _ in 0..3 {
        ledger.post(2, "INR", "food", "2026-01-05").await;
    }
    ledger.fold().await;
    ledger.post(1, "INR", "food", "2026-01-06").await;
    let right = ledger.balances().await;
    let position: Stored<BookBalances> = ledger.store.get(&SCOPE, USER.0).await.unwrap().unwrap();
    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    batch.remove(&position);
    ledger.store.commit(batch).await.unwrap();
    assert!(!ledger.differences(true).await.is_empty());
    assert!(ledger.differences(false).await.is_empty());
    assert_eq!(ledger.balances().await, right);
}

#[tokio::test]
async fn the_chain_names_the_first_entry_that_was_changed_or_taken_away() {
    let ledger = Ledger::new().await;
    let mut entries = Vec::new();
    for units in 1..=7 {
        entries.push(ledger.post(units, "INR", "food", "2026-01-05").await);
    }
    ledger.chain().await;
    // Told once more, as after a rewind.
    ledger.chain().await;
    assert_eq!(ledger.broken().await, None);
    let verdicts = EntryChains::new(ledger.store.clone()).verify().await.unwrap();
    assert_eq!(verdicts[0].entries, 7);

    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    let changed = batch.replace(&entries[4].changed(|of| of.date = "2026-01-06".parse().unwrap()));
    ledger.store.commit(batch).await.unwrap();
    let (place, id, reason) = ledger.broken().await.unwrap();
    assert_eq!((place, id), (5, Some(entries[4].id)), "{reason}");

    let mut batch = ledger.store.batch(&ledger.harness.system("finance"));
    batch.replace(&changed.changed(|of| of.date = entries[4].date));
    batch.remove(&entries[1]);
    ledger.store.commit(batch).await.unwrap();
    assert_eq!(
        ledger.broken().await,
        Some((2, Some(entries[1].id), "the entry is missing"))
    );
}

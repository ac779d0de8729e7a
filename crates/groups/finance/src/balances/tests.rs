use super::{Balances, Changes, Flow, Folding, read::Book};
use crate::{
    accounts::{AccountKind, AccountRecord},
    journal::{AccountType, LedgerAccount},
};
use finance_contract::TransactionKind;
use kernel::{Currency, TenantId, UserId};
use rust_decimal::Decimal;
use store::{Store, Stored};
use testkit::Harness;
use uuid::Uuid;

struct Setting {
    harness: Harness,
    store: Store,
    folding: Folding,
    balances: Balances,
    account: Stored<AccountRecord>,
}

impl Setting {
    async fn new() -> Self {
        let harness = Harness::new();
        let store = harness.store("finance", crate::collections()).await;
        let folding = Folding::new(store.clone(), harness.sources.clone(), harness.tasks.clone());
        let mut batch = store.batch(&harness.system("finance"));
        let record = AccountRecord {
            user_id: UserId(Uuid::nil()),
            client_id: None,
            advisor_id: None,
            name: "Test".to_owned(),
            kind: AccountKind::Cash,
            currency: Currency::INR,
        };
        let account = batch.insert(Uuid::from_u128(7), record);
        store.commit(batch).await.unwrap();
        Self {
            balances: Balances::new(folding.clone()),
            folding,
            store,
            account,
            harness,
        }
    }

    /// One commit with one change.
    async fn post(&self, amount: &str, month: &str, kind: TransactionKind) {
        let mut changes = Changes::default();
        let (money, food) = (
            LedgerAccount::Money(self.account.id),
            LedgerAccount::Named(AccountType::Expense, "food".to_owned()),
        );
        let (debit, credit) = match kind {
            TransactionKind::Income => (money, food),
            _ => (food, money),
        };
        changes
            .merge(Flow {
                debit,
                credit,
                currency: Currency::INR,
                date: month.parse().unwrap(),
                amount: amount.parse().unwrap(),
                count: 1,
            })
            .unwrap();
        let mut batch = self.store.batch(&self.harness.system("finance"));
        changes.post(&self.store, self.account.user_id, Uuid::nil(), &mut batch);
        self.store.commit(batch).await.unwrap();
    }

    async fn fold(&self) {
        self.folding
            .fold(TenantId::DEFAULT, self.account.user_id.0)
            .await
            .unwrap();
    }

    async fn balance(&self) -> String {
        self.balances.balance(&self.account).await.unwrap().to_string()
    }

    async fn months(&self, to: Option<chrono::NaiveDate>) -> Vec<Flow> {
        let flows = self.balances.flows(Book::of(&self.account), to, &[]);
        flows.await.unwrap()
    }

    async fn unfolded(&self) -> usize {
        let page = self
            .folding
            .store()
            .changes(TenantId::DEFAULT, self.account.user_id.0, None);
        page.await.unwrap().items.len()
    }
}

#[tokio::test]
async fn folding_removes_the_tail_and_changes_no_figure() {
    let setting = Setting::new().await;
    for _ in 0..205 {
        setting.post("1.10", "2026-01-01", TransactionKind::Income).await;
        setting.post("0.40", "2026-02-01", TransactionKind::Expense).await;
    }
    let (before, months) = (setting.balance().await, setting.months(None).await);
    setting
        .harness
        .tasks
        .stop(std::time::Duration::from_secs(5))
        .await;
    setting.fold().await;
    assert_eq!((setting.unfolded().await, before.as_str()), (0, "143.50"));
    assert_eq!(setting.balance().await, before);
    assert_eq!(setting.months(None).await, months);
    assert_eq!(months.iter().map(|month| month.count).sum::<i64>(), 410);
    setting.post("1", "2026-01-01", TransactionKind::Income).await;
    let january = setting.months("2026-01-31".parse().ok()).await;
    assert_eq!(january.len(), 1);
    assert_eq!(january[0].amount, Decimal::new(22650, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_and_readers_at_once_count_every_change_once() {
    let setting = Setting::new().await;
    for _ in 0..300 {
        setting.post("0.01", "2026-01-01", TransactionKind::Income).await;
    }
    let read = async {
        for _ in 0..50 {
            assert_eq!(setting.balance().await, "3.00");
        }
    };
    tokio::join!(setting.fold(), setting.fold(), setting.fold(), read);
    while setting.unfolded().await > 0 {
        setting.fold().await;
    }
    assert_eq!(setting.balance().await, "3.00");
}

use finance_contract::TransactionKind;
use kernel::Currency;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// From pocket money to a house.
const BUCKETS: [f64; 9] = [1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AmountLabels {
    r#type: &'static str,
    currency: &'static str,
}

/// How many transactions were posted and how much they moved.
#[derive(Debug, Clone)]
pub struct LedgerMetrics {
    transactions: Counter,
    amounts: Family<AmountLabels, Histogram, fn() -> Histogram>,
}

impl LedgerMetrics {
    /// Registers `financial_transactions_total` and `financial_transaction_amount` (by type and currency: amounts in
    /// different currencies are never added).
    pub fn register(registry: &mut Registry) -> Self {
        let transactions = Counter::default();
        let amounts: Family<AmountLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register(
            "financial_transactions",
            "Transactions posted",
            transactions.clone(),
        );
        registry.register(
            "financial_transaction_amount",
            "Amounts of posted transactions, in their currency",
            amounts.clone(),
        );
        Self {
            transactions,
            amounts,
        }
    }

    /// Counts one transaction. A metric may round; the ledger does not.
    pub(crate) fn posted(&self, kind: TransactionKind, currency: Currency, amount: Decimal) {
        self.transactions.inc();
        let labels = AmountLabels {
            r#type: kind.as_str(),
            currency: currency.code(),
        };
        self.amounts
            .get_or_create(&labels)
            .observe(amount.to_f64().unwrap_or_default());
    }
}

//! What the finance group promises to the other groups: a ledger that takes transactions.

mod commands;
mod contract;
mod error;
mod events;
mod exchange;
mod info;
mod ledger;

pub use commands::{Commands, CommandsClient, CommandsStub};
pub use contract::{VERSION, contract};
pub use error::FinanceError;
pub use events::{
    ACCOUNT_CREATED, ACCOUNT_DELETED, ACCOUNT_UPDATED, AccountChanged, BALANCE_CHANGED, BUDGET_CREATED,
    BUDGET_DELETED, BUDGET_EXCEEDED, BUDGET_UPDATED, BalanceChanged, BudgetChanged, BudgetExceeded,
    CHART_CHANGED, ChartChanged, EntryLeg, FX_RATE_CHANGED, FxRateChanged, INVENTORY_ADJUSTED,
    INVENTORY_ITEM_CREATED, INVENTORY_ITEM_DELETED, INVENTORY_ITEM_UPDATED, INVENTORY_LOW_STOCK,
    INVENTORY_REORDER_CLOSED, INVENTORY_REORDER_OPENED, InventoryAdjusted, InventoryItemChanged,
    InventoryLowStock, InventoryReorderChanged, PERIOD_CLOSED, PERIOD_REOPENED, PeriodChanged,
    STATEMENT_IMPORTED, StatementImported, TRANSACTION_CREATED, TRANSACTION_REVERSED, TransactionCreated,
    TransactionReversed,
};
pub use exchange::{
    Brought, BroughtTransaction, Exchange, ExchangeClient, ExchangeStub, Movement, MovementPage,
    MovementQuery,
};
pub use info::INFO;
pub use ledger::{Ledger, LedgerClient, LedgerStub, NewTransaction, TransactionKind, TransactionPosted};

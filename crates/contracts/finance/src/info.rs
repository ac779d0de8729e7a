use kernel::{GroupInfo, ModuleInfo, RateClass};

/// What the finance group is.
pub const INFO: GroupInfo = GroupInfo {
    name: "finance",
    summary: "accounts, ledger, report, budget, mortgage, inventory",
    default_port: 8011,
    prefixes: &[
        "/api/v1/accounts",
        "/api/v1/transactions",
        "/api/v1/financial-report",
        "/api/v1/budget",
        "/api/v1/mortgage",
        "/api/v1/inventory",
        "/api/v1/events",
        "/api/accounting",
        "/api/inventory",
        "/api/mortgage",
        "/api/finance",
    ],
    modules: &[
        ModuleInfo {
            name: "accounts",
            prefixes: &["/api/v1/accounts"],
        },
        ModuleInfo {
            name: "transactions",
            prefixes: &["/api/v1/transactions"],
        },
        ModuleInfo {
            name: "financial_report",
            prefixes: &["/api/v1/financial-report"],
        },
        ModuleInfo {
            name: "inventory",
            prefixes: &["/api/v1/inventory"],
        },
        ModuleInfo {
            name: "budget",
            prefixes: &["/api/v1/budget"],
        },
        ModuleInfo {
            name: "mortgage",
            prefixes: &["/api/v1/mortgage"],
        },
    ],
    calls: &["auth", "advisory"],
    asks: &[],
    hears: &["advisory"],
    rates: &[("finance_create_transaction", RateClass::Transaction)],
    openapi: include_str!("../openapi.json"),
};

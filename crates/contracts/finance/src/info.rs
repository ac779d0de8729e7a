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
        "/api/v1/ledger",
        "/api/v1/fx-rates",
        "/api/v1/budget",
        "/api/v1/mortgage",
        "/api/v1/inventory",
        "/api/v1/events",
        "/api/accounting",
        "/api/inventory",
        "/api/mortgage",
        "/api/finance",
        "/create_transaction",
        "/financial_report",
        "/ws/transactions",
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
            name: "ledger",
            prefixes: &["/api/v1/ledger", "/api/v1/fx-rates"],
        },
        ModuleInfo {
            name: "financial_report",
            prefixes: &["/api/v1/financial-report"],
        },
        ModuleInfo {
            name: "budget",
            prefixes: &["/api/v1/budget"],
        },
        // The four services of source 004: what stands below /api/<service>/ is the service's own path.
        ModuleInfo {
            name: "accounting",
            prefixes: &[
                "/api/accounting",
                "/api/v1/accounts",
                "/api/v1/transactions",
                "/api/v1/ledger",
                "/api/v1/fx-rates",
                "/create_transaction",
                "/ws/transactions",
            ],
        },
        ModuleInfo {
            name: "inventory",
            prefixes: &["/api/inventory", "/api/v1/inventory"],
        },
        ModuleInfo {
            name: "mortgage",
            prefixes: &["/api/mortgage", "/api/v1/mortgage"],
        },
        ModuleInfo {
            name: "finance",
            prefixes: &[
                "/api/finance",
                "/api/v1/financial-report",
                "/api/v1/budget",
                "/api/v1/events",
                "/create_transaction",
                "/financial_report",
                "/ws/transactions",
            ],
        },
    ],
    calls: &["auth", "advisory"],
    asks: &[],
    hears: &["advisory", "wealth"],
    rates: &[
        ("finance_create_transaction", RateClass::Transaction),
        ("finance_create_transaction_at_root", RateClass::Transaction),
        ("finance_run_command", RateClass::Transaction),
    ],
    openapi: include_str!("../openapi.json"),
};

use kernel::{GroupInfo, ModuleInfo};

/// What the wealth group is.
pub const INFO: GroupInfo = GroupInfo {
    name: "wealth",
    summary: "portfolios, performance, orders, tax, corporate actions, funding, market data",
    default_port: 8010,
    prefixes: &[
        "/api/v1/portfolios",
        "/api/v1/portfolio",
        "/api/v1/orders",
        "/api/v1/schedules",
        "/api/v1/funding",
        "/api/v1/corporate-actions",
        "/api/v1/tax",
        "/api/v1/instruments",
        "/api/v1/quotes",
    ],
    modules: &[
        ModuleInfo {
            name: "portfolios",
            prefixes: &["/api/v1/portfolios"],
        },
        ModuleInfo {
            name: "portfolio_analysis",
            prefixes: &["/api/v1/portfolio"],
        },
        ModuleInfo {
            name: "orders",
            prefixes: &["/api/v1/orders"],
        },
        ModuleInfo {
            name: "schedules",
            prefixes: &["/api/v1/schedules"],
        },
        ModuleInfo {
            name: "funding",
            prefixes: &["/api/v1/funding"],
        },
        ModuleInfo {
            name: "tax",
            prefixes: &["/api/v1/tax"],
        },
        ModuleInfo {
            name: "corporate_actions",
            prefixes: &["/api/v1/corporate-actions"],
        },
        ModuleInfo {
            name: "market_data",
            prefixes: &["/api/v1/instruments", "/api/v1/quotes"],
        },
    ],
    calls: &["auth", "advisory"],
    asks: &[],
    hears: &["advisory"],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

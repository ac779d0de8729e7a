use kernel::{GroupInfo, ModuleInfo};

/// What the integrations group is.
pub const INFO: GroupInfo = GroupInfo {
    name: "integrations",
    summary: "outside platforms, bank aggregation, market data, database sync, webhooks in",
    default_port: 8002,
    prefixes: &["/api/integrations", "/api/webhooks", "/api/v1/market"],
    modules: &[
        ModuleInfo {
            name: "catalogue",
            prefixes: &["/api/integrations"],
        },
        ModuleInfo {
            name: "triplewhale",
            prefixes: &["/api/integrations/triplewhale"],
        },
        ModuleInfo {
            name: "database_sync",
            prefixes: &["/api/integrations/database-syncs"],
        },
    ],
    calls: &["auth"],
    asks: &["finance"],
    hears: &[],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

use kernel::{GroupInfo, ModuleInfo};

/// What the advisory group is.
pub const INFO: GroupInfo = GroupInfo {
    name: "advisory",
    summary: "clients, leads, goals, compliance, communications, meetings",
    default_port: 8009,
    prefixes: &[
        "/api/v1/clients",
        "/api/v1/leads",
        "/api/v1/goals",
        "/api/v1/compliance",
        "/api/v1/communications",
        "/api/v1/meetings",
    ],
    modules: &[ModuleInfo {
        name: "clients",
        prefixes: &["/api/v1/clients"],
    }],
    calls: &["auth"],
    asks: &[],
    hears: &[],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

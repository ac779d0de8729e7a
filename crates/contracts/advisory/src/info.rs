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
    modules: &[
        ModuleInfo {
            name: "clients",
            prefixes: &["/api/v1/clients"],
        },
        ModuleInfo {
            name: "leads",
            prefixes: &["/api/v1/leads"],
        },
        ModuleInfo {
            name: "goals",
            prefixes: &["/api/v1/goals"],
        },
        ModuleInfo {
            name: "compliance",
            prefixes: &["/api/v1/compliance"],
        },
    ],
    calls: &["auth"],
    asks: &[],
    hears: &["finance", "wealth"],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

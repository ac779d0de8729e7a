use kernel::{GroupInfo, ModuleInfo};

/// What the infrastructure group is. It hears every group's feed in order to list and replay it; it copies nothing.
pub const INFO: GroupInfo = GroupInfo {
    name: "infrastructure",
    summary: "Kong, Temporal, Airbyte, Kafka, Metabase, registry, events, database admin, system status",
    default_port: 8007,
    prefixes: &["/api/infrastructure", "/api/v1/system"],
    modules: &[
        ModuleInfo {
            name: "registry",
            prefixes: &["/api/infrastructure/registry"],
        },
        ModuleInfo {
            name: "events",
            prefixes: &["/api/infrastructure/events"],
        },
        ModuleInfo {
            name: "system_status",
            prefixes: &["/api/v1/system"],
        },
    ],
    calls: &[],
    asks: &[],
    hears: &["*"],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

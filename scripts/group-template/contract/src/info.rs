use kernel::{GroupInfo, ModuleInfo};

/// What the thegroup group is.
pub const INFO: GroupInfo = GroupInfo {
    name: "thegroup",
    summary: "thegroup",
    default_port: 65535,
    prefixes: &["/api/v1/thegroup"],
    modules: &[ModuleInfo {
        name: "thegroup",
        prefixes: &["/api/v1/thegroup"],
    }],
    calls: &[],
    asks: &[],
    hears: &[],
    rates: &[],
    openapi: include_str!("../openapi.json"),
};

use kernel::{GroupInfo, ModuleInfo, RateClass};

/// What the auth group is. It hears the audit records of every group, and calls none.
pub const INFO: GroupInfo = GroupInfo {
    name: "auth",
    summary: "identity, access, legal, admin",
    default_port: 8001,
    prefixes: &[
        "/api/auth",
        "/api/v1/auth",
        "/api/legal",
        "/api/v1/users",
        "/api/v1/admin",
    ],
    modules: &[
        ModuleInfo {
            name: "auth",
            prefixes: &["/api/auth", "/api/v1/auth"],
        },
        ModuleInfo {
            name: "rbac",
            prefixes: &["/api/auth/rbac", "/api/v1/auth/rbac"],
        },
        ModuleInfo {
            name: "sessions",
            prefixes: &["/api/auth/sessions", "/api/v1/auth/sessions"],
        },
        ModuleInfo {
            name: "users",
            prefixes: &["/api/v1/users"],
        },
        ModuleInfo {
            name: "admin",
            prefixes: &["/api/v1/admin"],
        },
    ],
    calls: &[],
    asks: &[],
    hears: &["*"],
    rates: &[
        ("auth_register", RateClass::Credential),
        ("auth_login", RateClass::Credential),
        ("auth_refresh", RateClass::Credential),
        ("auth_register_v1", RateClass::Credential),
        ("auth_login_v1", RateClass::Credential),
        ("auth_refresh_v1", RateClass::Credential),
    ],
    openapi: include_str!("../openapi.json"),
};

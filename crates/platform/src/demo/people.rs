use kernel::Role;
use serde::Serialize;

/// A log-in of the demo firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DemoLogin {
    /// In which role.
    pub role: Role,
    /// The name.
    pub name: &'static str,
    /// The log-in e-mail.
    pub email: &'static str,
    /// The password: known to everybody, for demonstrations only.
    pub password: &'static str,
}

/// A client of the demo firm.
pub(super) struct DemoClient {
    pub(super) key: &'static str,
    pub(super) login: DemoLogin,
    pub(super) phone: &'static str,
    pub(super) risk_profile: &'static str,
    pub(super) kyc_expiry_date: &'static str,
    pub(super) total_assets: &'static str,
    pub(super) accounts: &'static [DemoAccount],
}

/// An account with its statement.
pub(super) struct DemoAccount {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) statement: &'static str,
}

const PASSWORD: &str = "wealthos-demo";

const fn login(role: Role, name: &'static str, email: &'static str) -> DemoLogin {
    DemoLogin {
        role,
        name,
        email,
        password: PASSWORD,
    }
}

pub(super) const ADMIN: DemoLogin = login(Role::Admin, "Meera Iyer", "admin@demo.example");
pub(super) const ADVISOR: DemoLogin = login(Role::Advisor, "Anil Mehta", "advisor@demo.example");
const RAJESH: DemoLogin = login(Role::Client, "Rajesh Kumar", "rajesh@demo.example");
const PRIYA: DemoLogin = login(Role::Client, "Priya Sharma", "priya@demo.example");

/// Everybody who can log in.
pub(super) const LOGINS: &[DemoLogin] = &[ADMIN, ADVISOR, RAJESH, PRIYA];

/// The advisor's book.
pub(super) const CLIENTS: &[DemoClient] = &[
    DemoClient {
        key: "rajesh",
        login: RAJESH,
        phone: "+91 98200 12345",
        risk_profile: "moderate",
        kyc_expiry_date: "2027-03-31",
        total_assets: "5000000.00",
        accounts: &[
            DemoAccount {
                key: "savings",
                name: "HDFC Bank savings",
                kind: "savings",
                statement: include_str!("rajesh-hdfc-savings.csv"),
            },
            DemoAccount {
                key: "broking",
                name: "RELIANCE dividends",
                kind: "investment",
                statement: include_str!("rajesh-reliance-dividends.csv"),
            },
        ],
    },
    DemoClient {
        key: "priya",
        login: PRIYA,
        phone: "+91 99300 54321",
        risk_profile: "aggressive",
        kyc_expiry_date: "2026-12-15",
        total_assets: "10000000.00",
        accounts: &[DemoAccount {
            key: "shop",
            name: "Priya's pottery shop",
            kind: "checking",
            statement: include_str!("priya-shop.csv"),
        }],
    },
];

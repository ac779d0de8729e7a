use kernel::{CallContext, CallError, Principal, Role, UserPrincipal};

/// In the scopes of a log-in that has to enrol a second factor before it may do anything else.
const ENROL: &str = "mfa.enroll";

/// What a log-in reaches that has to enrol a second factor first: the user's own account.
pub(crate) fn scopes_until_enrolled() -> Vec<String> {
    ["auth.read", "auth.write", ENROL].map(str::to_owned).to_vec()
}

/// Whether the user has to enrol a second factor before their role counts.
pub(crate) fn must_enrol(user: &UserPrincipal) -> bool {
    user.scopes.is_some() && user.reaches(ENROL)
}

/// What a role may allow beyond a user's own affairs. The one table of them: this group asks it, the other groups
/// refuse by the same names, and the API shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    FirmRead,
    UsersRead,
    UsersInvite,
    RolesRead,
    RolesAssign,
    ClientsWrite,
    ClientsAssign,
    AccountsWrite,
    IntegrationsConnect,
    EventsRead,
    EventsReplay,
    AuditRead,
    UsersSuspend,
    UsersImpersonate,
    SessionsRevoke,
    ApiKeysManage,
    FirmsManage,
    LegalPublish,
    UsersErase,
    MfaReset,
}

use Permission::{
    AccountsWrite, ApiKeysManage, AuditRead, ClientsAssign, ClientsWrite, EventsRead, EventsReplay, FirmRead,
    FirmsManage, IntegrationsConnect, LegalPublish, MfaReset, RolesAssign, RolesRead, SessionsRevoke,
    UsersErase, UsersImpersonate, UsersInvite, UsersRead, UsersSuspend,
};

impl Permission {
    pub(crate) const ALL: [Permission; 20] = [
        FirmRead,
        UsersRead,
        UsersInvite,
        RolesRead,
        RolesAssign,
        ClientsWrite,
        ClientsAssign,
        AccountsWrite,
        IntegrationsConnect,
        EventsRead,
        EventsReplay,
        AuditRead,
        UsersSuspend,
        UsersImpersonate,
        SessionsRevoke,
        ApiKeysManage,
        FirmsManage,
        LegalPublish,
        UsersErase,
        MfaReset,
    ];

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What it allows, for people.
    pub(crate) fn summary(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            FirmRead => (
                "firm.read",
                "See the clients, accounts and transactions of the whole firm",
            ),
            UsersRead => ("users.read", "See every user of the firm"),
            UsersInvite => ("users.invite", "Make users who cannot log in yet"),
            RolesRead => ("roles.read", "See who has which role"),
            RolesAssign => ("roles.assign", "Give users another role"),
            ClientsWrite => ("clients.write", "Create and change clients of one's own book"),
            ClientsAssign => ("clients.assign", "Put clients into anybody's book"),
            AccountsWrite => (
                "accounts.write",
                "Keep accounts and transactions of others: an advisor those of the book",
            ),
            IntegrationsConnect => (
                "integrations.connect",
                "Connect one's own accounts on outside platforms",
            ),
            EventsRead => ("events.read", "Read the events of the whole firm"),
            EventsReplay => ("events.replay", "Let a consumer read events again"),
            AuditRead => ("audit.read", "Read the audit log of the firm"),
            UsersSuspend => ("users.suspend", "Keep users out, and let them in again"),
            UsersImpersonate => ("users.impersonate", "Act as a user, marked"),
            SessionsRevoke => ("sessions.revoke", "Log users out everywhere"),
            ApiKeysManage => (
                "api_keys.manage",
                "Make service accounts, and see and revoke everybody's API keys",
            ),
            FirmsManage => (
                "firms.manage",
                "Make firms: administrators of the installation's own firm only",
            ),
            LegalPublish => ("legal.publish", "Publish terms and privacy documents"),
            UsersErase => ("users.erase", "Erase what is known about a user"),
            MfaReset => (
                "mfa.reset",
                "Take the second factor of a user away who has lost it",
            ),
        }
    }

    /// Whether the role has it.
    pub(crate) fn is_granted(self, role: Role) -> bool {
        granted(role).contains(&self)
    }

    /// Whether the caller has it. Groups that act for themselves have all.
    pub(crate) fn is_granted_to(self, principal: &Principal) -> bool {
        match principal {
            Principal::Anonymous => false,
            Principal::User(user) => self.is_granted(user.role) && !must_enrol(user),
            Principal::System { .. } => true,
        }
    }

    /// Refuses a caller who does not have it.
    pub(crate) fn require(self, cx: &CallContext) -> Result<(), CallError> {
        match &cx.principal {
            Principal::Anonymous => Err(CallError::Unauthenticated),
            known if self.is_granted_to(known) => Ok(()),
            _ => Err(CallError::forbidden(self.as_str())),
        }
    }
}

/// Every role, in the order in which the API shows them.
pub(crate) const ROLES: [Role; 5] = [
    Role::Admin,
    Role::Advisor,
    Role::Compliance,
    Role::Client,
    Role::Service,
];

/// What a role is, for people.
pub(crate) fn summary(role: Role) -> &'static str {
    match role {
        Role::Admin => "Runs the installation of a firm; sees the whole firm",
        Role::Advisor => "Has a book of clients and sees only those",
        Role::Compliance => "Watches over the rules; sees the whole firm and changes nothing",
        Role::Client => "Sees their own data",
        Role::Service => "A service account; sees its own data",
    }
}

/// What a role allows beyond a user's own profile and sessions.
pub(crate) fn granted(role: Role) -> &'static [Permission] {
    match role {
        Role::Admin => &Permission::ALL,
        Role::Advisor => &[UsersInvite, ClientsWrite, AccountsWrite, IntegrationsConnect],
        Role::Compliance => &[FirmRead, UsersRead, RolesRead, EventsRead, AuditRead],
        Role::Client => &[IntegrationsConnect],
        Role::Service => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_stand_once_and_every_permission_is_given_to_somebody() {
        let names: HashSet<_> = Permission::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(names.len(), Permission::ALL.len());
        for one in Permission::ALL {
            assert!(ROLES.iter().any(|role| one.is_granted(*role)), "{one:?}");
        }
    }

    #[test]
    fn only_an_admin_gives_roles() {
        let givers: Vec<_> = ROLES
            .iter()
            .filter(|role| RolesAssign.is_granted(**role))
            .collect();
        assert_eq!(givers, [&Role::Admin]);
    }
}

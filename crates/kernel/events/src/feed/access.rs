use kernel::{CallContext, CallError, Principal, Role, TenantId};

/// Whose events a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Every firm's: groups acting for themselves.
    Installation,
    /// Their own firm's.
    Firm(TenantId),
}

impl Reach {
    pub(crate) fn covers(self, tenant: TenantId) -> bool {
        match self {
            Reach::Installation => true,
            Reach::Firm(own) => own == tenant,
        }
    }
}

/// Groups, and the overseers of a firm.
pub(crate) fn to_read(cx: &CallContext) -> Result<Reach, CallError> {
    match &cx.principal {
        Principal::Anonymous => Err(CallError::Unauthenticated),
        Principal::System { .. } => Ok(Reach::Installation),
        Principal::User(user) => match user.role {
            Role::Admin | Role::Compliance => Ok(Reach::Firm(user.tenant)),
            _ => Err(CallError::forbidden("events.read")),
        },
    }
}

/// Groups, and those who run the installation.
pub(crate) fn to_replay(cx: &CallContext) -> Result<Reach, CallError> {
    match &cx.principal {
        Principal::User(user) if user.role != Role::Admin => Err(CallError::forbidden("events.replay")),
        _ => to_read(cx),
    }
}

//! One room for each group: what it needs is drawn from the kit, what it gives is bound to the handles.

// new-group: modules
#[cfg(feature = "advisory")]
mod advisory;
#[cfg(feature = "auth")]
mod auth;
#[cfg(feature = "finance")]
mod finance;
#[cfg(feature = "infrastructure")]
mod infrastructure;
#[cfg(feature = "integrations")]
mod integrations;

use crate::{PlatformError, assembly::EnsuredUser, kit::Kit};
use events::{Projection, Projector};
use kernel::{GroupInfo, Role};
use std::sync::Arc;
use store::Store;

/// A group that was built.
pub(crate) struct Wired {
    pub(crate) info: &'static GroupInfo,
    pub(crate) mount: web::Mount,
    pub(crate) store: Store,
    /// Runs the group's consumers.
    pub(crate) projector: Projector,
    /// What the group consumes, and from which groups.
    pub(crate) projections: Vec<(Arc<dyn Projection>, &'static [&'static str])>,
    /// Makes users who can log in, where the group knows how to.
    pub(crate) accounts: Option<Arc<dyn Accounts>>,
}

/// Makes users who can log in: what the first admin and the demo data need of the auth group.
#[rpc::async_trait]
pub(crate) trait Accounts: Send + Sync + 'static {
    /// Makes the user unless the e-mail is taken; then nothing is changed.
    async fn ensure(
        &self,
        email: &str,
        password: &str,
        name: &str,
        role: Role,
    ) -> Result<EnsuredUser, PlatformError>;
}

/// Builds one group and binds its handles.
pub(crate) async fn wire(kit: &Kit, info: &'static GroupInfo) -> Result<Wired, PlatformError> {
    match info.name {
        // new-group: wire
        #[cfg(feature = "advisory")]
        "advisory" => advisory::wire(kit).await,
        #[cfg(feature = "auth")]
        "auth" => auth::wire(kit).await,
        #[cfg(feature = "finance")]
        "finance" => finance::wire(kit).await,
        #[cfg(feature = "infrastructure")]
        "infrastructure" => infrastructure::wire(kit).await,
        #[cfg(feature = "integrations")]
        "integrations" => integrations::wire(kit).await,
        other => Err(PlatformError::UnknownGroup {
            name: other.to_owned(),
            known: String::new(),
        }),
    }
}

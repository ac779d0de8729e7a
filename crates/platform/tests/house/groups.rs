//! What every contract crate says about its group. `scripts/new-group` adds to this list.

use kernel::GroupInfo;

/// All groups of the workspace, by their contracts.
pub(crate) const GROUPS: &[GroupInfo] = &[
    advisory_contract::INFO,
    auth_contract::INFO,
    finance_contract::INFO,
    infrastructure_contract::INFO,
    integrations_contract::INFO,
    // new-group: info
    wealth_contract::INFO,
];

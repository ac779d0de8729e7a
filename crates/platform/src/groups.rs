use crate::PlatformError;
use kernel::GroupInfo;

/// Every group that there is, linked in or not, in the order of ports.
pub fn known_groups() -> Vec<&'static GroupInfo> {
    // new-group: known
    let mut groups = vec![
        &advisory_contract::INFO,
        &auth_contract::INFO,
        &finance_contract::INFO,
        &infrastructure_contract::INFO,
        &integrations_contract::INFO,
    ];
    groups.sort_by_key(|info| info.default_port);
    groups
}

/// The groups that this program was built with, in the order of ports.
pub fn linked_groups() -> Vec<&'static GroupInfo> {
    known_groups()
        .into_iter()
        .filter(|info| is_linked(info.name))
        .collect()
}

fn is_linked(name: &str) -> bool {
    match name {
        // new-group: linked
        "advisory" => cfg!(feature = "advisory"),
        "auth" => cfg!(feature = "auth"),
        "finance" => cfg!(feature = "finance"),
        "infrastructure" => cfg!(feature = "infrastructure"),
        "integrations" => cfg!(feature = "integrations"),
        _ => false,
    }
}

/// The linked groups that a process is to run: all, or those that are named.
pub(crate) fn chosen_groups(names: &[String]) -> Result<Vec<&'static GroupInfo>, PlatformError> {
    let linked = linked_groups();
    for name in names {
        if !linked.iter().any(|info| info.name == name) {
            let known: Vec<&str> = linked.iter().map(|info| info.name).collect();
            return Err(PlatformError::UnknownGroup {
                name: name.clone(),
                known: known.join(", "),
            });
        }
    }
    Ok(linked
        .into_iter()
        .filter(|info| names.is_empty() || names.iter().any(|name| name == info.name))
        .collect())
}

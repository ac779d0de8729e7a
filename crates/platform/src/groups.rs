use crate::PlatformError;
use kernel::GroupInfo;

/// Every group that there is, linked in or not, in the order of ports.
pub fn known_groups() -> Vec<&'static GroupInfo> {
    // new-group: known
    let mut groups = vec![
        &wealth_contract::INFO,
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
        "wealth" => cfg!(feature = "wealth"),
        "advisory" => cfg!(feature = "advisory"),
        "auth" => cfg!(feature = "auth"),
        "finance" => cfg!(feature = "finance"),
        "infrastructure" => cfg!(feature = "infrastructure"),
        "integrations" => cfg!(feature = "integrations"),
        _ => false,
    }
}

/// Refuses the name of a group that this program was built without.
pub(crate) fn groups_are_linked(names: &[String]) -> Result<(), PlatformError> {
    let linked = linked_groups();
    match names
        .iter()
        .find(|name| !linked.iter().any(|info| info.name == **name))
    {
        None => Ok(()),
        Some(name) => {
            let known: Vec<&str> = linked.iter().map(|info| info.name).collect();
            Err(PlatformError::UnknownGroup {
                name: name.clone(),
                known: known.join(", "),
            })
        }
    }
}

/// Refuses the name of a route module that no group has.
pub(crate) fn modules_are_known(names: &[String]) -> Result<(), PlatformError> {
    let groups = known_groups();
    let known: Vec<&str> = groups
        .iter()
        .flat_map(|info| info.modules)
        .map(|module| module.name)
        .collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(PlatformError::UnknownModule {
            name: name.clone(),
            known: known.join(", "),
        }),
    }
}

//! Modules that are served in processes of their own: at the addresses of the file, or of `<MODULE>_SERVICE_URL` and `--remote`.

use super::{
    PlacedModule,
    file::GroupEntry,
    names_in_settings,
    problem::Problems,
    resolve::{Resolve, remote_place},
};
use kernel::{GroupInfo, ModuleInfo};

/// The modules of a group that have addresses. A process that builds the group beside the one on 8000 answers for all that
/// it serves itself, and is asked for nothing else.
pub(super) fn placed(
    resolve: &Resolve<'_>,
    info: &'static GroupInfo,
    entry: &GroupEntry,
    problems: &mut Problems,
) -> Vec<PlacedModule> {
    for name in entry.modules.keys() {
        if !info.modules.iter().any(|module| module.name == name.get_ref()) {
            let known: Vec<_> = info.modules.iter().map(|module| module.name).collect();
            let place = format!("{}: groups.{}.modules", resolve.file.place_of(name), info.name);
            let message = format!(
                "'{}' is no module of it: choose from {}",
                name.get_ref(),
                known.join(", ")
            );
            problems.add(place, message);
        }
    }
    let modules = info.modules.iter();
    modules
        .filter_map(|module| {
            let addresses = addresses(resolve, info, module, entry, problems);
            (!addresses.is_empty()).then_some(PlacedModule {
                name: module.name,
                addresses,
            })
        })
        .collect()
}

/// What the settings say wins at start, what the file says when it is pushed.
fn addresses(
    resolve: &Resolve<'_>,
    info: &GroupInfo,
    module: &ModuleInfo,
    entry: &GroupEntry,
    problems: &mut Problems,
) -> Vec<String> {
    let table = format!("groups.{}.modules.{}", info.name, module.name);
    let filed = entry
        .modules
        .iter()
        .find(|(name, _)| name.get_ref() == module.name);
    let filed = filed.map(|(_, given)| resolve.addresses(&table, given, problems));
    let remotes = &resolve.settings.topology.remotes;
    let names = names_in_settings(info.name, module.name);
    let mut named = names.iter().filter(|name| !resolve.is_group(name));
    let named = named.find_map(|name| Some((name, remotes.get(name)?)));
    let named = named.map(|(name, given)| resolve.named_addresses(name, given, problems));
    let (first, second) = if resolve.pushed {
        (filed, named)
    } else {
        (named, filed)
    };
    first.or(second).unwrap_or_default()
}

/// Refuses an address of what is no module, or a module of several groups.
pub(super) fn check_name(known: &[&'static GroupInfo], name: &str, groups: &str, problems: &mut Problems) {
    let owners: Vec<_> = known
        .iter()
        .filter(|info| {
            let mut modules = info.modules.iter();
            modules.any(|module| {
                names_in_settings(info.name, module.name)
                    .iter()
                    .any(|known| known == name)
            })
        })
        .map(|info| info.name)
        .collect();
    match owners.as_slice() {
        [] => problems.add(
            remote_place(name),
            format!("there is no such group, and no such module: choose from {groups}"),
        ),
        [_] => {}
        several => problems.add(
            remote_place(name),
            format!(
                "is a module of {}: put the group before it, as in {}_{name}",
                several.join(" and "),
                several[0]
            ),
        ),
    }
}

use super::output::{self, Format};
use crate::{PlatformError, linked_groups};

/// Lists the groups of this program.
pub(super) fn print(format: Format) -> Result<(), PlatformError> {
    let header = ["GROUP", "PORT", "DEPENDS ON", "HEARS", "MODULES", "WHAT IT IS"];
    output::print(format, &linked_groups(), &header, |info| {
        let modules: Vec<&str> = info.modules.iter().map(|module| module.name).collect();
        vec![
            info.name.to_owned(),
            info.default_port.to_string(),
            or_none(info.calls),
            or_none(info.hears),
            modules.join(", "),
            info.summary.to_owned(),
        ]
    })
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() {
        "-".to_owned()
    } else {
        names.join(", ")
    }
}

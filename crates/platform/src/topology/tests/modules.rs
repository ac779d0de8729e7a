//! Route modules in processes of their own.

use super::{BANK, EMPTY, with_remote};
use crate::topology::{PlacedModule, Program, Topology, TopologyError, TopologyFile, resolve::Resolve};
use kernel::{GroupInfo, ModuleInfo};
use runtime::Settings;

static LIBRARY: GroupInfo = GroupInfo {
    name: "library",
    default_port: 9012,
    prefixes: &["/api/shelves", "/api/library"],
    modules: &[
        ModuleInfo {
            name: "shelves",
            prefixes: &["/api/shelves"],
        },
        ModuleInfo {
            name: "library",
            prefixes: &["/api/library"],
        },
        ModuleInfo {
            name: "notes",
            prefixes: &["/api/library/notes"],
        },
    ],
    ..EMPTY
};

static SCHOOL: GroupInfo = GroupInfo {
    name: "school",
    default_port: 9013,
    prefixes: &["/api/notes"],
    modules: &[ModuleInfo {
        name: "notes",
        prefixes: &["/api/notes"],
    }],
    ..EMPTY
};

const ALL: [&GroupInfo; 3] = [&BANK, &LIBRARY, &SCHOOL];

fn placed(text: &str, settings: &Settings) -> Result<Topology, TopologyError> {
    let file = TopologyFile::parse("placed.toml", text)?;
    Resolve::new(&file, settings, &ALL, &ALL, Program::Monolith).topology()
}

fn modules_of(topology: &Topology, group: &str) -> Vec<PlacedModule> {
    topology.group(group).unwrap().modules.clone()
}

fn at(name: &'static str, address: &str) -> PlacedModule {
    PlacedModule {
        name,
        addresses: vec![address.to_owned()],
    }
}

#[test]
fn a_module_is_where_the_file_or_a_setting_says() {
    let file = "[groups.library.modules]\nshelves = [\"http://a:1\"]\n";
    let topology = placed(file, &Settings::default()).unwrap();
    assert_eq!(modules_of(&topology, "library"), [at("shelves", "http://a:1")]);
    let label = "library.shelves".to_owned();
    assert!(
        topology
            .picture()
            .processes
            .iter()
            .any(|process| process.groups.contains(&label))
    );

    let topology = placed(file, &with_remote("shelves", "http://b:2")).unwrap();
    assert_eq!(
        modules_of(&topology, "library"),
        [at("shelves", "http://b:2")],
        "settings win at start"
    );

    // A module that is named like its group, or like another one's module, needs the group before it.
    let topology = placed("", &with_remote("library", "http://c:3")).unwrap();
    assert_eq!(modules_of(&topology, "library"), []);
    let topology = placed("", &with_remote("library_library", "http://c:3")).unwrap();
    assert_eq!(modules_of(&topology, "library"), [at("library", "http://c:3")]);
    let topology = placed("", &with_remote("school_notes", "http://d:4")).unwrap();
    assert_eq!(modules_of(&topology, "school"), [at("notes", "http://d:4")]);
    assert_eq!(modules_of(&topology, "library"), []);
}

#[test]
fn what_is_no_module_or_no_address_is_refused_with_its_place() {
    for (text, settings, wanted) in [
        (
            "[groups.library.modules]\ncellar = [\"http://a:1\"]\n",
            Settings::default(),
            "placed.toml:2: groups.library.modules: 'cellar' is no module",
        ),
        (
            "[groups.library.modules]\nshelves = [\"nowhere\"]\n",
            Settings::default(),
            "placed.toml:2: groups.library.modules.shelves.addresses",
        ),
        (
            "",
            with_remote("notes", "http://a:1"),
            "is a module of library and school",
        ),
        ("", with_remote("cellar", "http://a:1"), "no such module"),
        (
            "",
            with_remote("shelves", "http://u:pw@a:1"),
            "SHELVES_SERVICE_URL",
        ),
    ] {
        let message = placed(text, &settings).unwrap_err().to_string();
        assert!(message.contains(wanted) && !message.contains("pw@"), "{message}");
    }
}

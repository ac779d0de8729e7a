//! The topology as an operator writes it, over groups that are made up: a bank, books that call it, and a choir that
//! asks the books.

mod fuzz;
mod graph;
mod modules;
mod render;

use super::{Placement, Program, Topology, TopologyError, TopologyFile, resolve::Resolve};
use kernel::GroupInfo;
use runtime::{DeploymentMode, Settings};

const EMPTY: GroupInfo = GroupInfo {
    name: "",
    summary: "",
    default_port: 0,
    prefixes: &[],
    modules: &[],
    calls: &[],
    asks: &[],
    hears: &[],
    rates: &[],
    openapi: "",
};

static BANK: GroupInfo = GroupInfo {
    name: "bank",
    default_port: 9001,
    prefixes: &["/api/bank"],
    hears: &["*"],
    ..EMPTY
};

static BOOKS: GroupInfo = GroupInfo {
    name: "books",
    default_port: 9002,
    prefixes: &["/api/books"],
    calls: &["bank"],
    ..EMPTY
};

static CHOIR: GroupInfo = GroupInfo {
    name: "choir",
    default_port: 9003,
    prefixes: &["/api/choir"],
    calls: &["bank"],
    asks: &["books"],
    ..EMPTY
};

const ALL: [&GroupInfo; 3] = [&BANK, &BOOKS, &CHOIR];

fn resolve(text: &str, settings: &Settings, program: Program) -> Result<Topology, TopologyError> {
    let file = TopologyFile::parse("placed.toml", text)?;
    Resolve::new(&file, settings, &ALL, &ALL, program).topology()
}

fn of(text: &str) -> Topology {
    resolve(text, &Settings::default(), Program::Monolith).unwrap()
}

fn refused(text: &str) -> String {
    let error = resolve(text, &Settings::default(), Program::Monolith).unwrap_err();
    let message = error.to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

fn remote(addresses: &[&str]) -> Option<Placement> {
    Some(Placement::Remote {
        addresses: addresses.iter().map(|&address| address.to_owned()).collect(),
    })
}

fn with_remote(group: &str, address: &str) -> Settings {
    let mut settings = Settings::default();
    let remotes = &mut settings.topology.remotes;
    remotes.insert(group.to_owned(), vec![address.to_owned()]);
    settings
}

fn started_for(groups: &[&str], port: u16) -> Settings {
    let mut settings = Settings::default();
    settings.server.groups = groups.iter().map(|&name| name.to_owned()).collect();
    settings.server.port = port;
    settings
}

const BOOKS_OUT: &str = "[groups.books]\nplace = \"remote\"\naddresses = [\"http://a:1\", \"http://b:2/\"]\n";
const BOOKS_SPLIT: &str =
    "version = 7\n[groups.books]\nplace = \"split\"\naddresses = [\"http://a:1\"]\npercent = 10\n";

#[test]
fn with_nothing_said_every_group_is_local() {
    let topology = of("");
    assert_eq!(topology.version(), 1);
    for group in topology.groups() {
        assert_eq!(group.placement, Some(Placement::Local), "{}", group.info.name);
        assert!(group.built);
    }
    let built: Vec<&str> = topology.built().iter().map(|info| info.name).collect();
    assert_eq!(built, ["bank", "books", "choir"]);
    assert_eq!(topology.gateway().port, 8000);
}

#[test]
fn the_shipped_file_says_the_defaults() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/topology.toml");
    let with_shipped = |text: &str| {
        let topology = of(text);
        (topology.groups().to_vec(), topology.gateway().clone())
    };
    let text = std::fs::read_to_string(shipped).unwrap();
    assert_eq!(with_shipped(&text), with_shipped(""));
    let example: String = text
        .lines()
        .skip_while(|line| *line != "# [groups.finance]")
        .take_while(|line| !line.starts_with("# [groups.finance.modules]"))
        .map(|line| line.replacen("# ", "", 1).replace("finance", "books") + "\n")
        .collect();
    assert!(matches!(
        of(&example).placement("books"),
        Some(Placement::Split { percent: 10, .. })
    ));
}

#[test]
fn a_remote_or_split_group_stays_built() {
    let topology = of(BOOKS_OUT);
    assert_eq!(
        topology.placement("books"),
        remote(&["http://a:1", "http://b:2"]).as_ref()
    );
    assert!(topology.group("books").unwrap().built);
    let topology = of(BOOKS_SPLIT);
    assert_eq!(topology.version(), 7);
    let split = Placement::Split {
        addresses: vec!["http://a:1".to_owned()],
        percent: 10,
    };
    assert_eq!(topology.placement("books"), Some(&split));
    assert_eq!(topology.placement("garden"), None);
}

#[test]
fn an_address_of_the_environment_or_a_flag_makes_a_group_remote() {
    let settings = with_remote("books", "http://c:3");
    for text in ["", BOOKS_OUT, BOOKS_SPLIT] {
        let topology = resolve(text, &settings, Program::Monolith).unwrap();
        assert_eq!(
            topology.placement("books"),
            remote(&["http://c:3"]).as_ref(),
            "{text}"
        );
    }
}

#[test]
fn a_pushed_text_wins_over_the_environment() {
    let settings = with_remote("books", "http://c:3");
    let pushed = |text| {
        let file = TopologyFile::parse("pushed", text).unwrap();
        let resolve = Resolve::new(&file, &settings, &ALL, &ALL, Program::Monolith);
        resolve.pushed().topology().unwrap().placement("books").cloned()
    };
    assert_eq!(
        pushed("[groups.books]\nplace = \"local\""),
        Some(Placement::Local)
    );
    assert_eq!(
        pushed("[groups.books]\nplace = \"remote\""),
        remote(&["http://c:3"])
    );
    assert_eq!(pushed(BOOKS_OUT), remote(&["http://a:1", "http://b:2"]));
    assert_eq!(pushed("version = 2"), remote(&["http://c:3"]));
}

#[test]
fn a_process_beside_the_one_on_8000_runs_what_it_was_started_for() {
    let settings = started_for(&["books"], 9002);
    let alone = resolve(BOOKS_OUT, &settings, Program::Monolith).unwrap();
    assert_eq!(alone.placement("books"), Some(&Placement::Local));
    assert_eq!(alone.placement("bank"), None, "nobody said where it is");
    assert_eq!(alone.built(), [&BOOKS]);

    let reachable = format!("[gateway]\naddresses = [\"http://front:8000\"]\n{BOOKS_OUT}");
    let beside = resolve(&reachable, &settings, Program::Monolith).unwrap();
    assert_eq!(beside.placement("bank"), remote(&["http://front:8000"]).as_ref());
    let other = resolve(&reachable, &started_for(&["choir"], 9003), Program::Monolith).unwrap();
    assert_eq!(
        other.placement("books"),
        remote(&["http://a:1", "http://b:2"]).as_ref()
    );

    let front = resolve(&reachable, &started_for(&["books"], 8000), Program::Monolith).unwrap();
    assert_eq!(
        front.placement("books"),
        remote(&["http://a:1", "http://b:2"]).as_ref()
    );
    assert_eq!(
        front.placement("bank"),
        None,
        "the process on 8000 is not sent to itself"
    );
}

#[test]
fn a_split_group_is_found_where_its_other_part_cannot_take_it_away() {
    let choir = started_for(&["choir"], 9003);
    let reachable = format!("{BOOKS_SPLIT}[gateway]\naddresses = [\"http://front:8000\"]\n");
    let beside = resolve(&reachable, &choir, Program::Monolith).unwrap();
    assert_eq!(beside.placement("books"), remote(&["http://front:8000"]).as_ref());
    let beside = resolve(BOOKS_SPLIT, &choir, Program::Monolith).unwrap();
    assert_eq!(beside.placement("books"), remote(&["http://a:1"]).as_ref());
}

#[test]
fn a_service_and_the_gateway_find_the_others_on_their_ports() {
    let settings = Settings::default();
    let moved = "[groups.bank]\nport = 9101\n";
    let service = resolve(moved, &settings, Program::Service("books")).unwrap();
    assert_eq!(service.built(), [&BOOKS]);
    assert_eq!(service.placement("books"), Some(&Placement::Local));
    assert_eq!(
        service.placement("bank"),
        remote(&["http://127.0.0.1:9101"]).as_ref()
    );
    let gateway = resolve(moved, &settings, Program::Gateway).unwrap();
    assert!(gateway.built().is_empty());
    assert_eq!(
        gateway.placement("bank"),
        remote(&["http://127.0.0.1:9101"]).as_ref()
    );
    assert_eq!(
        gateway.placement("books"),
        remote(&["http://127.0.0.1:9002"]).as_ref()
    );
    let refused = resolve("", &started_for(&["bank"], 8000), Program::Gateway).unwrap_err();
    assert!(
        refused.to_string().contains("a gateway runs no groups"),
        "{refused}"
    );
}

#[test]
fn deployment_mode_is_an_assertion() {
    let with_mode = |mode, mut settings: Settings| {
        settings.deployment_mode = Some(mode);
        settings
    };
    let monolith = with_mode(DeploymentMode::Monolith, Settings::default());
    assert!(resolve("", &monolith, Program::Monolith).is_ok());
    for text in [BOOKS_OUT, BOOKS_SPLIT] {
        let refused = resolve(text, &monolith, Program::Monolith).unwrap_err();
        let message = refused.to_string();
        assert!(
            message.contains("DEPLOYMENT_MODE=monolith") && message.contains("books"),
            "{message}"
        );
    }
    let services = with_mode(DeploymentMode::Microservices, Settings::default());
    let message = resolve(BOOKS_OUT, &services, Program::Monolith)
        .unwrap_err()
        .to_string();
    assert!(message.contains("8000 runs bank, choir"), "{message}");
    assert!(resolve("", &services, Program::Gateway).is_ok());
    assert!(resolve("", &services, Program::Service("books")).is_ok());
    let books = with_mode(DeploymentMode::Microservices, started_for(&["books"], 9002));
    assert!(resolve("", &books, Program::Monolith).is_ok());
    let hybrid = with_mode(DeploymentMode::Hybrid, Settings::default());
    assert!(resolve("", &hybrid, Program::Monolith).is_ok());
    assert!(resolve(BOOKS_OUT, &hybrid, Program::Monolith).is_ok());
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let books = |lines: &str| format!("\n[groups.books]\n{lines}\n");
    for (text, words) in [
        (
            "version = 1\n[groups.garden]\n",
            ["placed.toml:2: groups.garden", "bank, books, choir"],
        ),
        (
            &books("plaec = \"local\""),
            ["placed.toml:3: unknown field `plaec`", "`place`"],
        ),
        (
            &books("place = \"cloud\""),
            ["placed.toml:3: ", "`local`, `remote`, `split`"],
        ),
        (
            &books("place = \"remote\""),
            ["placed.toml:2: groups.books", "has no address"],
        ),
        (
            &books("place = \"split\"\naddresses = [\"http://a:1\"]"),
            ["placed.toml:2: groups.books", "percent = 10"],
        ),
        (
            &books("place = \"split\"\naddresses = [\"http://a:1\"]\npercent = 101"),
            ["placed.toml:5: groups.books.percent", "0 to 100"],
        ),
        (
            &books("percent = 5"),
            ["placed.toml:3: groups.books.percent", "split"],
        ),
        (
            &books("place = \"remote\"\naddresses = [\n\"http://a:1\",\n\"http://u:pw@b:2\"]"),
            [
                "placed.toml:6: groups.books.addresses",
                "carries a user name or a password",
            ],
        ),
        (
            &books("place = \"remote\"\naddresses = [\"http://a:1/api\"]"),
            [
                "placed.toml:4: groups.books.addresses",
                "has something after the port",
            ],
        ),
        (
            &books("port = 9001"),
            ["placed.toml:3: groups.books.port", "the port of bank already"],
        ),
        (
            &books("port = 8000"),
            ["groups.books.port", "the port of the gateway already"],
        ),
        (
            &books("port = 0"),
            ["placed.toml:3: groups.books.port", "1 to 65535"],
        ),
        (&books("port = 70000"), ["placed.toml:3: ", "u16"]),
        (
            &books("replicas = 0"),
            ["placed.toml:3: groups.books.replicas", "1 to 1000"],
        ),
        (
            "[gateway]\naddresses = [\"front\"]",
            ["placed.toml:2: gateway.addresses", "http://host:port"],
        ),
        ("version = -1", ["placed.toml:1: ", "u64"]),
        ("version = ", ["placed.toml:1: ", ""]),
    ] {
        let message = refused(text);
        for word in words {
            assert!(message.contains(word), "{text}\ngives {message}");
        }
        assert!(!message.contains("pw@"), "{message}");
    }
    let all = refused("[groups.garden]\n[groups.books]\nplace = \"remote\"\nreplicas = 0\n");
    assert_eq!(
        all.matches("placed.toml:").count(),
        3,
        "all is told at once: {all}"
    );
}

#[test]
fn a_wrong_address_of_the_environment_is_named_without_its_password() {
    for (group, address, words) in [
        (
            "books",
            "http://u:pw@b:2",
            "BOOKS_SERVICE_URL or --remote): '…' carries a user name",
        ),
        (
            "garden",
            "http://b:2",
            "GARDEN_SERVICE_URL or --remote): there is no such group",
        ),
    ] {
        let refused = resolve("", &with_remote(group, address), Program::Monolith).unwrap_err();
        let message = refused.to_string();
        assert!(message.contains(words) && !message.contains("pw"), "{message}");
    }
}

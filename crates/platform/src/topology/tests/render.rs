//! What is rendered for groups that only later become part of the program, and for replicas and splits.

use super::{BANK, BOOKS, BOOKS_SPLIT, EMPTY, of};
use crate::topology::{Program, Target, TopologyFile, render, resolve::Resolve};
use kernel::GroupInfo;
use runtime::Settings;

static PLUTUS: GroupInfo = GroupInfo {
    name: "plutus",
    default_port: 8008,
    prefixes: &["/api/v1/plutus"],
    ..EMPTY
};

#[test]
fn production_runs_plutus_beside_the_api_once_there_is_one() {
    let file = TopologyFile::parse("placed.toml", "[groups.plutus]\nreplicas = 2\n").unwrap();
    let (groups, settings) = ([&BANK, &BOOKS, &PLUTUS], Settings::default());
    let resolved = Resolve::new(&file, &settings, &groups, &groups, Program::Monolith);
    let files = render(&resolved.topology().unwrap(), Target::Compose);
    let production = files.iter().find(|file| file.path.contains("prod")).unwrap();
    let (api, plutus) = production.text.split_once("\n  plutus-service:\n").unwrap();
    assert!(
        api.contains("PLUTUS_SERVICE_URL: http://plutus-service:8008"),
        "{api}"
    );
    for line in [
        "image: plutus/service:latest",
        "ports: [\"8008:8008\"]",
        "BANK_SERVICE_URL: http://wealthify-api:8000",
        "deploy: { replicas: 2 }",
    ] {
        assert!(plutus.contains(line), "{line} is missing in {plutus}");
    }
    assert!(
        !files.iter().any(|file| file.path.contains("override")),
        "there is no finance group"
    );
}

#[test]
fn proxies_leave_a_split_group_to_the_gateway() {
    let files = render(&of(BOOKS_SPLIT), Target::All);
    let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
    let (_, location) = text("nginx.conf")
        .split_once("location ^~ /api/books/ {")
        .unwrap();
    assert!(
        location
            .lines()
            .take(4)
            .any(|line| line.trim() == "proxy_pass http://gateway;")
    );
    assert!(!text("nginx.conf").contains("upstream books"));
    assert!(text("kong.yml").contains("- name: books\n    host: gateway-upstream"));
    assert!(text("prometheus.yml").contains("targets: [\"a:1\"], labels: { service: books }"));
}

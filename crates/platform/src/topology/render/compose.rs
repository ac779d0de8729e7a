use super::{PROVIDERS, RenderedFile, SECRETS, Target, binary, service_name, service_url, url_variable};
use crate::topology::{PlacedGroup, Topology};
use std::fmt::Write;

/// The four agents of source 004, with its names and the last digit of its ports. Each serves one module of the finance
/// group, whose name it has.
const FINANCE_SERVICES: [(&str, u16); 4] = [
    ("accounting", 8021),
    ("inventory", 8022),
    ("mortgage", 8023),
    ("finance", 8024),
];

/// How secrets are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// What is not set is made and kept in the volume.
    Development,
    /// Nothing starts without them.
    Production,
}

pub(super) fn files(topology: &Topology) -> Vec<RenderedFile> {
    let mut files = vec![file("docker-compose.yml", &monolith(topology))];
    if topology.group("finance").is_some() {
        files.push(file("docker-compose.override.yml", &finance(topology)));
    }
    files.push(file("docker-compose.split.yml", &split(topology)));
    files.push(file("docker-compose.prod.yml", &production(topology)));
    files
}

fn file(path: &str, text: &str) -> RenderedFile {
    RenderedFile::new(Target::Compose, path, text)
}

fn monolith(topology: &Topology) -> String {
    let port = topology.gateway().port;
    let mut text = String::from(
        "# One process with every group. In this folder, `docker compose up -d` also takes docker-compose.override.yml, which runs\n\
         # finance in four processes beside it; `docker compose -f docker-compose.yml up -d` runs the one alone.\n\
         name: financial-system\n\nservices:\n  financial-api:\n",
    );
    text += &build("monolith", None, "financial-system:latest");
    text += &format!("    ports: [\"{port}:{port}\", \"8080:8080\"]\n");
    text += &environment(Strictness::Development, &[]);
    text += &running(topology.gateway().replicas);
    text += &format!("    command: [\"--port\", \"{port}\"]\n");
    text += VOLUMES;
    text
}

fn finance(topology: &Topology) -> String {
    let mut text = String::from(
        "# Over docker-compose.yml: finance in four processes under the names of the finance guide, each of which serves its module\n\
         # and nothing else; the process on 8000 sends them what belongs to them.\n\
         # `docker compose up -d --scale accounting-service=3` runs more; they announce themselves and share the load.\n\
         services:\n  financial-api:\n    environment:\n",
    );
    for (module, port) in FINANCE_SERVICES {
        // What is named like its group needs the group's name before its own.
        let name = if module == "finance" {
            "finance_finance"
        } else {
            module
        };
        let _ = writeln!(
            text,
            "      {}: http://{module}-service:{port}",
            url_variable(name)
        );
    }
    let front = format!("http://financial-api:{}", topology.gateway().port);
    let others: Vec<(String, String)> = topology
        .groups()
        .iter()
        .filter(|group| group.info.name != "finance")
        .map(|group| (url_variable(group.info.name), front.clone()))
        .collect();
    for (module, port) in FINANCE_SERVICES {
        text += &format!("\n  {module}-service:\n");
        text += &build(
            &binary("finance"),
            Some("finance"),
            "wealthos/finance-service:latest",
        );
        text += &format!("    expose: [\"{port}\"]\n");
        text += &environment(Strictness::Development, &others);
        text += &running(1);
        text += &format!(
            "    command: [\"--modules\", \"{module}\", \"--port\", \"{port}\"]\n    depends_on: [financial-api]\n"
        );
    }
    text
}

fn split(topology: &Topology) -> String {
    let port = topology.gateway().port;
    let mut text = String::from(
        "# Every group in a process of its own, and the gateway before them:\n\
         # docker compose -f deploy/docker-compose.split.yml up -d\n\
         name: wealthos-split\n\nservices:\n  gateway:\n",
    );
    text += &build("gateway", None, "wealthos/gateway:latest");
    text += &format!("    ports: [\"{port}:{port}\", \"8080:8080\"]\n");
    let mode = ("DEPLOYMENT_MODE".to_owned(), "microservices".to_owned());
    let urls_without = |name: &str| {
        let groups = topology.groups().iter();
        let others = groups.filter(|group| group.info.name != name);
        let urls = others.map(|group| (url_variable(group.info.name), service_url(group)));
        std::iter::once(mode.clone()).chain(urls).collect::<Vec<_>>()
    };
    text += &environment(Strictness::Development, &urls_without(""));
    text += &running(topology.gateway().replicas);
    text += &format!("    command: [\"--port\", \"{port}\"]\n");
    for group in topology.groups() {
        let name = group.info.name;
        text += &format!("\n  {}:\n", service_name(name));
        text += &build(&binary(name), Some(name), &image(group));
        text += &format!("    expose: [\"{}\"]\n", group.port);
        text += &environment(Strictness::Development, &urls_without(name));
        text += &running(group.replicas);
        text += &format!("    command: [\"--port\", \"{}\"]\n", group.port);
    }
    text += VOLUMES;
    text
}

fn production(topology: &Topology) -> String {
    let port = topology.gateway().port;
    let plutus = topology.group("plutus");
    let mut text = String::from(
        "# Production: one service, and the assistant beside it once there is one. Build the image first, from the top:\n\
         # docker build -f deploy/Dockerfile --build-arg BINARY=monolith -t wealthify/api:latest .\n\
         name: wealthify\n\nservices:\n  wealthify-api:\n    image: wealthify/api:latest\n",
    );
    text += &format!("    ports: [\"{port}:{port}\"]\n");
    let beside: Vec<(String, String)> = plutus
        .map(|group| (url_variable("plutus"), service_url(group)))
        .into_iter()
        .collect();
    text += &environment(Strictness::Production, &beside);
    text += &running(topology.gateway().replicas);
    text += &format!("    command: [\"--port\", \"{port}\"]\n");
    if let Some(group) = plutus {
        let front = format!("http://wealthify-api:{port}");
        let others: Vec<(String, String)> = topology
            .groups()
            .iter()
            .filter(|other| other.info.name != "plutus")
            .map(|other| (url_variable(other.info.name), front.clone()))
            .collect();
        text += "\n  plutus-service:\n    image: plutus/service:latest\n";
        text += &format!("    ports: [\"{0}:{0}\"]\n", group.port);
        text += &environment(Strictness::Production, &others);
        text += &running(group.replicas);
        text += &format!("    command: [\"--port\", \"{}\"]\n", group.port);
    }
    text += VOLUMES;
    text
}

const VOLUMES: &str = "\nvolumes:\n  data: {}\n";

fn image(group: &PlacedGroup) -> String {
    format!("wealthos/{}:latest", service_name(group.info.name))
}

fn build(binary: &str, features: Option<&str>, image: &str) -> String {
    let features = features.map_or_else(String::new, |name| format!(", FEATURES: {name}"));
    format!(
        "    image: {image}\n    build:\n      context: ..\n      dockerfile: deploy/Dockerfile\n      \
         args: {{ BINARY: {binary}{features} }}\n"
    )
}

fn environment(strictness: Strictness, further: &[(String, String)]) -> String {
    let mut text = String::from("    environment:\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "      {name}: {value}");
    };
    let production = strictness == Strictness::Production;
    if production {
        line("WEALTHOS__SECURITY__ENVIRONMENT", "production");
    }
    for name in std::iter::once("DATABASE_URL").chain(SECRETS) {
        match production {
            true => line(name, &format!("${{{name}:?set {name}, see .env.example}}")),
            false => line(name, &format!("${{{name}:-}}")),
        }
    }
    for name in PROVIDERS {
        line(name, &format!("${{{name}:-}}"));
    }
    for (name, value) in further {
        line(name, value);
    }
    text
}

fn running(replicas: u16) -> String {
    let mut text = String::from(
        "    volumes: [\"data:/data\", \"../config/topology.toml:/app/config/topology.toml:ro\"]\n    \
         restart: unless-stopped\n    stop_grace_period: 40s\n",
    );
    if replicas > 1 {
        text += &format!("    deploy: {{ replicas: {replicas} }}\n");
    }
    text
}

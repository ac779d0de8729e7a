//! What stands in `deploy/` is what the topology renders, can be parsed, and says what the sources ask for.

use kernel::GroupInfo;
use platform::topology::{RenderedFile, Target, Topology, render};
use platform::{Program, known_groups};
use runtime::Settings;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn deploy() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn shipped() -> Topology {
    let mut settings = Settings::default();
    settings.topology.file = Some(deploy().join("../config/topology.toml"));
    Topology::load(&settings, Program::Monolith).unwrap()
}

fn with_finance_out() -> Topology {
    let mut settings = Settings::default();
    let addresses = ["http://10.0.0.7:8011", "https://finance.example"].map(str::to_owned);
    let remotes = &mut settings.topology.remotes;
    remotes.insert("finance".to_owned(), addresses.to_vec());
    Topology::load(&settings, Program::Monolith).unwrap()
}

fn text(topology: &Topology, path: &str) -> String {
    let mut files = render(topology, Target::All).into_iter();
    let file = files.find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("no {path} is rendered")).text
}

/// The documents of a YAML file.
fn documents(file: &RenderedFile) -> Vec<Value> {
    file.text
        .split("\n---\n")
        .map(serde_saphyr::from_str::<Value>)
        .map(|parsed| parsed.unwrap_or_else(|error| panic!("{}: {error}", file.path)))
        .filter(|document| !document.is_null())
        .collect()
}

fn yaml(path: &str) -> Vec<Value> {
    let mut files = render(&shipped(), Target::All).into_iter();
    documents(&files.find(|file| file.path == path).unwrap())
}

fn service_names() -> BTreeSet<String> {
    let groups = known_groups().into_iter();
    groups
        .map(|info: &GroupInfo| format!("{}-service", info.name))
        .collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn deploy_holds_what_the_topology_renders() {
    for file in render(&shipped(), Target::All) {
        let committed = fs::read_to_string(deploy().join(&file.path)).unwrap_or_default();
        assert!(
            committed == file.text,
            "deploy/{} is not what config/topology.toml renders: run `cargo run --bin wealthctl -- topology render all`",
            file.path
        );
    }
}

#[test]
fn no_file_is_left_over_from_an_older_topology() {
    let rendered: BTreeSet<PathBuf> = render(&shipped(), Target::All)
        .into_iter()
        .map(|file| deploy().join(file.path))
        .collect();
    let mut folders = vec![deploy()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read_to_string(&path).unwrap().starts_with("# Rendered by ") {
                assert!(rendered.contains(&path), "remove {}", path.display());
            }
        }
    }
}

#[test]
fn every_yaml_file_can_be_parsed() {
    for topology in [shipped(), with_finance_out()] {
        for file in render(&topology, Target::All) {
            if file.path != "nginx.conf" {
                assert!(!documents(&file).is_empty(), "{}", file.path);
            }
        }
    }
}

#[test]
fn compose_runs_one_process_with_finance_in_four_beside_it() {
    let main = &yaml("docker-compose.yml")[0];
    let api = &main["services"]["financial-api"];
    assert_eq!(api["ports"], json!(["8000:8000", "8080:8080"]));
    for variable in ["DATABASE_URL", "ANTHROPIC_API_KEY", "JWT_SECRET"] {
        assert_eq!(api["environment"][variable], format!("${{{variable}:-}}"));
    }
    assert_eq!(api["build"]["args"]["BINARY"], "monolith");

    let services = &yaml("docker-compose.override.yml")[0]["services"];
    let expected = ["accounting", "inventory", "mortgage", "finance"];
    for (name, port) in expected.iter().zip(8021..) {
        let variable = match *name {
            "finance" => "FINANCE_FINANCE_SERVICE_URL".to_owned(),
            other => format!("{}_SERVICE_URL", other.to_uppercase()),
        };
        let url = format!("http://{name}-service:{port}");
        assert_eq!(services["financial-api"]["environment"][variable], url);
    }
    for (name, port) in expected.iter().zip(8021..) {
        let service = &services[format!("{name}-service")];
        assert_eq!(service["expose"], json!([port.to_string()]));
        assert_eq!(
            service["command"],
            json!(["--modules", name, "--port", port.to_string()])
        );
        assert_eq!(service["ports"], Value::Null, "several must fit on one host");
        assert_eq!(
            service["container_name"],
            Value::Null,
            "several must fit on one host"
        );
        assert_eq!(
            service["environment"]["AUTH_SERVICE_URL"],
            "http://financial-api:8000"
        );
    }
}

#[test]
fn compose_runs_every_group_apart_behind_the_gateway() {
    let services = &yaml("docker-compose.split.yml")[0]["services"];
    let mut expected = service_names();
    expected.insert("gateway".to_owned());
    assert_eq!(keys(services), expected);
    for info in known_groups() {
        let service = &services[format!("{}-service", info.name)];
        assert_eq!(
            service["build"]["args"]["BINARY"],
            format!("{}_service", info.name)
        );
        assert_eq!(service["build"]["args"]["FEATURES"], info.name);
        let own = format!("{}_SERVICE_URL", info.name.to_uppercase());
        let url = format!("http://{}-service:{}", info.name, info.default_port);
        assert_eq!(services["gateway"]["environment"][&own], url);
        assert_eq!(service["environment"][&own], Value::Null, "it is here");
    }
}

#[test]
fn production_has_the_names_of_the_sources_and_demands_secrets() {
    let services = &yaml("docker-compose.prod.yml")[0]["services"];
    let api = &services["wealthify-api"];
    assert_eq!(
        (&api["image"], &api["ports"]),
        (&json!("wealthify/api:latest"), &json!(["8000:8000"]))
    );
    for variable in ["DATABASE_URL", "JWT_SECRET", "ENCRYPTION_KEY", "SERVICE_SECRET"] {
        let value = api["environment"][variable].as_str().unwrap();
        assert!(value.starts_with(&format!("${{{variable}:?")), "{value}");
    }
    let plutus = known_groups().iter().any(|info| info.name == "plutus");
    assert_eq!(services.get("plutus-service").is_some(), plutus);
}

#[test]
fn kubernetes_runs_the_deployment_of_the_sources() {
    let documents = yaml("kubernetes/financial-system.yaml");
    let kinds: Vec<&Value> = documents.iter().map(|document| &document["kind"]).collect();
    assert_eq!(kinds, ["Namespace", "Deployment", "Service"]);
    let deployment = &documents[1];
    assert_eq!(deployment["metadata"]["name"], "financial-system");
    assert_eq!(deployment["metadata"]["namespace"], "financial-system");
    let spec = &deployment["spec"];
    assert_eq!(spec["replicas"], 3);
    assert_eq!(spec["selector"]["matchLabels"]["app"], "financial-system");
    assert_eq!(spec["template"]["metadata"]["labels"]["app"], "financial-system");
    let container = &spec["template"]["spec"]["containers"][0];
    assert_eq!(container["name"], "financial-api");
    assert_eq!(container["image"], "financial-system:latest");
    assert_eq!(container["ports"], json!([{ "containerPort": 8000 }]));
    assert_eq!(
        container["env"][0],
        json!({ "name": "DATABASE_URL", "valueFrom": { "secretKeyRef": { "name": "db-secret", "key": "url" } } })
    );
}

#[test]
fn every_pod_is_probed_and_has_no_rights() {
    let mut deployments = 0;
    for file in render(&shipped(), Target::Kubernetes) {
        for document in documents(&file) {
            if document["kind"] != "Deployment" {
                continue;
            }
            deployments += 1;
            let pod = &document["spec"]["template"]["spec"];
            let container = &pod["containers"][0];
            let port = &container["ports"][0]["containerPort"];
            assert_eq!(
                container["readinessProbe"]["httpGet"],
                json!({ "path": "/ready", "port": port })
            );
            assert_eq!(container["livenessProbe"]["tcpSocket"], json!({ "port": port }));
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
            assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        }
    }
    assert_eq!(deployments, known_groups().len() + 2, "{}", file!());
    let services = yaml("kubernetes/split/services.yaml");
    assert_eq!(
        services[1]["data"]["AUTH_SERVICE_URL"],
        "http://auth-service:8001"
    );
}

#[test]
fn nginx_and_kong_send_each_prefix_to_its_group_and_nothing_to_rpc() {
    let (nginx, kong) = (text(&shipped(), "nginx.conf"), &yaml("kong.yml")[0]);
    let routes = |service: &str| {
        let services = kong["services"].as_array().unwrap().iter();
        let found = services.clone().find(|one| one["name"] == service);
        found.unwrap()["routes"].as_array().unwrap().clone()
    };
    for info in known_groups() {
        for prefix in info.prefixes {
            for location in [
                format!("location = {prefix} {{"),
                format!("location ^~ {prefix}/ {{"),
            ] {
                let (_, after) = nginx
                    .split_once(&location)
                    .unwrap_or_else(|| panic!("no {location}"));
                let target = format!("proxy_pass http://{};", info.name);
                assert!(
                    after.lines().take(4).any(|line| line.trim() == target),
                    "{location}"
                );
            }
            let path = json!([format!("~{prefix}(/|$)")]);
            let found = routes(info.name).into_iter().find(|route| route["paths"] == path);
            let route = found.unwrap_or_else(|| panic!("no {path}"));
            assert_eq!(route["regex_priority"], prefix.len());
            assert_eq!(route["strip_path"], false);
        }
    }
    for closed in [
        "location = /rpc {",
        "location ^~ /rpc/ {",
        "location = /metrics {",
    ] {
        let (_, after) = nginx.split_once(closed).unwrap();
        assert!(
            after.lines().nth(1).unwrap().trim().starts_with("return 404"),
            "{closed}"
        );
    }
    let closed: Vec<Value> = routes("closed")
        .iter()
        .map(|route| route["paths"][0].clone())
        .collect();
    assert_eq!(closed, ["~/rpc(/|$)", "~/metrics(/|$)"]);
}

#[test]
fn a_remote_group_is_at_its_addresses_in_every_proxy() {
    let topology = with_finance_out();
    let nginx = text(&topology, "nginx.conf");
    assert!(
        nginx.contains("server 10.0.0.7:8011;\n        server finance.example:443;"),
        "{nginx}"
    );
    assert!(nginx.contains("server auth-service:8001;"));
    let kong = text(&topology, "kong.yml");
    assert!(kong.contains("target: 10.0.0.7:8011") && kong.contains("target: finance.example:443"));
    let prometheus = text(&topology, "prometheus.yml");
    assert!(
        prometheus
            .contains("targets: [\"10.0.0.7:8011\", \"finance.example:443\"], labels: { service: finance }")
    );
    assert!(prometheus.contains("\"localhost:8001\""));
}

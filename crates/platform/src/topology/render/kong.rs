use super::{RenderedFile, Target, hosts, prefixes};
use crate::topology::{Placement, Topology};

pub(super) fn file(topology: &Topology) -> RenderedFile {
    let mut text = String::from(
        "# Kong in place of the gateway, with the same routes, declarative: KONG_DECLARATIVE_CONFIG=deploy/kong.yml\n\
         # A route is a regular expression, so that a prefix ends at a whole segment; the longest is looked at first.\n\
         _format_version: \"3.0\"\n_transform: true\n\nupstreams:\n",
    );
    let front = vec![format!("gateway:{}", topology.gateway().port)];
    text += &upstream("gateway", &front);
    for group in topology.groups() {
        if !is_split(group.placement.as_ref()) {
            text += &upstream(group.info.name, &hosts(group));
        }
    }
    text += "\nservices:\n";
    // Only processes of the platform speak over /rpc and read /metrics, and not through here.
    text += &service("closed", "gateway");
    text += &route("closed", "rpc", "/rpc", 1000);
    text += &route("closed", "metrics", "/metrics", 1000);
    text += "    plugins:\n      - name: request-termination\n        config:\n          status_code: 404\n          \
             content_type: application/json\n          \
             body: '{\"error\":\"not_found\",\"message\":\"there is nothing here, or nothing that you may see\",\"details\":null}'\n";
    text += &service("gateway", "gateway");
    text += "      - name: gateway-rest\n        paths: [\"/\"]\n        strip_path: false\n        preserve_host: true\n        \
             request_buffering: false\n        response_buffering: false\n";
    for group in topology.groups() {
        let name = group.info.name;
        let upstream = if is_split(group.placement.as_ref()) {
            "gateway"
        } else {
            name
        };
        text += &service(name, upstream);
        let own = prefixes(topology)
            .into_iter()
            .filter(|(_, owner)| owner.info.name == name);
        for (prefix, _) in own {
            let route_name = prefix.trim_start_matches('/').replace('/', "-");
            text += &route(name, &route_name, prefix, prefix.len());
        }
    }
    RenderedFile::new(Target::Kong, "kong.yml", &text)
}

/// Which user goes where is known to the gateway only.
fn is_split(placement: Option<&Placement>) -> bool {
    matches!(placement, Some(Placement::Split { .. }))
}

fn upstream(name: &str, hosts: &[String]) -> String {
    let targets: String = hosts
        .iter()
        .map(|host| format!("      - target: {host}\n"))
        .collect();
    format!(
        "  - name: {name}-upstream\n    healthchecks:\n      active:\n        http_path: /ready\n        \
         healthy: {{ interval: 5, successes: 1 }}\n        unhealthy: {{ interval: 5, http_failures: 2, tcp_failures: 1, timeouts: 2 }}\n    \
         targets:\n{targets}"
    )
}

fn service(name: &str, upstream: &str) -> String {
    format!(
        "  - name: {name}\n    host: {upstream}-upstream\n    protocol: http\n    connect_timeout: 2000\n    \
         read_timeout: 130000\n    write_timeout: 130000\n    retries: 0\n    routes:\n"
    )
}

fn route(service: &str, name: &str, prefix: &str, priority: usize) -> String {
    format!(
        "      - name: {service}-{name}\n        paths: [\"~{prefix}(/|$)\"]\n        regex_priority: {priority}\n        \
         strip_path: false\n        preserve_host: true\n        request_buffering: false\n        response_buffering: false\n"
    )
}

use super::{RenderedFile, Target, hosts, prefixes};
use crate::topology::{Placement, Topology};

/// What stands before the first upstream.
const HEAD: &str = r#"# nginx in place of the gateway, with the same routes: each prefix by its longest whole segments to the group that owns it.
# What no group owns (documentation, health, unknown paths) is answered by the gateway behind it. /rpc and /metrics are for
# processes only. List the address of this nginx in http.trusted_proxies of the processes, so that they believe what it
# says of the caller's address.
worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {
    worker_connections 4096;
}

http {
    server_tokens off;
    access_log /dev/stdout;
    default_type application/json;
    client_body_temp_path /tmp/nginx-body;
    proxy_temp_path /tmp/nginx-proxy;
    fastcgi_temp_path /tmp/nginx-fastcgi;
    uwsgi_temp_path /tmp/nginx-uwsgi;
    scgi_temp_path /tmp/nginx-scgi;

    # A WebSocket is upgraded; anything else keeps its connection to the service.
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ""      "";
    }

"#;

/// What stands before the first location.
const SERVER: &str = r#"        client_max_body_size 32m;
        merge_slashes on;

        # Streams (WebSocket, server-sent events, imports) pass as they come.
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_connect_timeout 2s;
        proxy_read_timeout 130s;
        proxy_send_timeout 130s;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;

        # Only processes of the platform speak over /rpc, and not through here.
        if ($request_uri ~* "^/+rpc(/|\?|$)") {
            return 404 '{"error":"not_found","message":"there is nothing here, or nothing that you may see","details":null}';
        }
        location = /rpc {
            return 404 '{"error":"not_found","message":"there is nothing here, or nothing that you may see","details":null}';
        }
        location ^~ /rpc/ {
            return 404 '{"error":"not_found","message":"there is nothing here, or nothing that you may see","details":null}';
        }
        location = /metrics {
            return 404 '{"error":"not_found","message":"there is nothing here, or nothing that you may see","details":null}';
        }

        location @too_large {
            internal;
            return 413 '{"error":"too_large","message":"the body is too large: send at most 32 MiB","details":null}';
        }
"#;

pub(super) fn file(topology: &Topology) -> RenderedFile {
    let front = format!("gateway:{}", topology.gateway().port);
    let mut text = HEAD.to_owned();
    text += &upstream("gateway", &[front]);
    for group in topology.groups() {
        let is_split = matches!(group.placement, Some(Placement::Split { .. }));
        // Which user goes where is known to the gateway only.
        if !is_split {
            text += &upstream(group.info.name, &hosts(group));
        }
    }
    let port = topology.gateway().port;
    text += &format!("    server {{\n        listen {port} default_server;\n        server_name _;\n");
    text += SERVER;
    text += &location("/", "gateway", true);
    for (prefix, group) in prefixes(topology) {
        let target = match &group.placement {
            Some(Placement::Split { .. }) => "gateway",
            _ => group.info.name,
        };
        text += &location(prefix, target, false);
    }
    text += &away("gateway");
    for group in topology.groups() {
        text += &away(group.info.name);
    }
    text += "    }\n}\n";
    RenderedFile::new(Target::Nginx, "nginx.conf", &text)
}

fn upstream(name: &str, hosts: &[String]) -> String {
    let servers: String = hosts
        .iter()
        .map(|host| format!("        server {host};\n"))
        .collect();
    format!("    upstream {name} {{\n{servers}        keepalive 32;\n    }}\n\n")
}

/// The prefix itself, and what is below it: never what only begins with the same letters.
fn location(prefix: &str, target: &str, is_rest: bool) -> String {
    let body = format!(
        "{{\n            error_page 413 @too_large;\n            error_page 502 504 = @{target}_away;\n            proxy_pass http://{target};\n        }}\n"
    );
    if is_rest {
        return format!("\n        location / {body}");
    }
    format!("\n        location = {prefix} {body}        location ^~ {prefix}/ {body}")
}

/// The answer while a group cannot be reached: what the gateway would say.
fn away(group: &str) -> String {
    format!(
        "\n        location @{group}_away {{\n            internal;\n            add_header Retry-After 1 always;\n            \
         return 503 '{{\"error\":\"dependency_unavailable\",\"message\":\"\\'{group}\\' cannot be reached at the moment: try again soon\",\"details\":null}}';\n        }}\n"
    )
}

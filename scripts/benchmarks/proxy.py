"""The set-up of B4: nginx, our gateway and our hybrid in front of the same bare upstream."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import seed
from .build import GROUPS
from .context import Context
from .servers import Server, free_port

# A group that nobody calls: its public routes can lead to the bare upstream, and everything else stays ours.
GROUP = "integrations"
PATH = "/api/integrations/triplewhale/connect"
_OTHERS = tuple(group for group in GROUPS if group != GROUP)
_WORKERS = 2

_NGINX = """
daemon off;
worker_processes {workers};
pid {room}/nginx.pid;
error_log {room}/error.log crit;
events {{ worker_connections 4096; }}
http {{
    log_format json escape=json '{{"timestamp":"$time_iso8601","level":"INFO","logger":"nginx","message":"request",'
        '"method":"$request_method","route":"$uri","path":"$uri","status":$status,"duration_ms":$request_time,'
        '"bytes":$body_bytes_sent,"request_id":"$request_id"}}';
    access_log {access_log};
    client_body_temp_path {room}/body;
    proxy_temp_path {room}/proxy;
    fastcgi_temp_path {room}/fastcgi;
    uwsgi_temp_path {room}/uwsgi;
    scgi_temp_path {room}/scgi;
    keepalive_requests 1000000000;
    tcp_nodelay on;
    proxy_buffers 32 8k;
    proxy_max_temp_file_size 0;
    upstream bare {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000000; }}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location / {{
            proxy_pass http://bare;
            proxy_http_version 1.1;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Request-Id $request_id;
            {buffering}
        }}
    }}
}}
"""


def upstream(context: Context) -> Server:
    """What all of them forward to, not started yet."""
    return context.reference("upstream", context.room("upstream"), "--workers", 1, name="upstream")


def bare(context: Context, upstream: Server) -> Server:
    """A bare forwarder on the libraries that ours stands on, not started yet."""
    to = f"127.0.0.1:{upstream.port}"
    return context.reference("forward", context.room("bare"), "--to", to, "--workers", _WORKERS, name="bare-forwarder")


def nginx(context: Context, upstream: Server, *, log: bool = False, streaming: bool = False) -> Server:
    """nginx with keep-alive to the upstream. Streams need its buffering off; answers are faster with it."""
    room, port = context.room("nginx"), free_port()
    text = _NGINX.format(
        workers=_WORKERS,
        room=room,
        port=port,
        upstream=upstream.port,
        access_log=f"{room}/access.log json" if log else "off",
        buffering="proxy_buffering off;" if streaming else "",
    )
    configuration = room / "nginx.conf"
    configuration.write_text(text)
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-e", f"{room}/error.log", "-p", room, "-c", configuration]
    return Server("nginx", command, port=port, folder=room, ready="/ready")


def hybrid(context: Context, upstream: Server, *, log: str) -> Server:
    """The monolith with one group elsewhere, not started yet."""
    return context.ours(
        "monolith", context.room("hybrid"), "--remote", f"{GROUP}={upstream.url}",
        name="hybrid", workers=_WORKERS, log=log, environment=seed.environment(),
    )


def gateway(context: Context, upstream: Server, everything: Server, *, log: str) -> Server:
    """A process without groups: one leads to the bare upstream, the others to a monolith. Not started yet."""
    flags = ["--remote", f"{GROUP}={upstream.url}"]
    for group in _OTHERS:
        flags += ["--remote", f"{group}={everything.url}"]
    return context.ours(
        "gateway", context.room("gateway"), *flags, workers=_WORKERS, log=log, environment=seed.environment()
    )


def nginx_log(server: Server) -> Path:
    """Where nginx writes its lines."""
    return server.folder / "access.log"

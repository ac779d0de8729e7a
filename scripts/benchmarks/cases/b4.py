"""B4: forwarding to a group in another process, against nginx in front of the same upstream."""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median
from typing import Callable

from .. import proxy, seed
from ..case import Case, parts
from ..context import Context
from ..load import Load, sample
from ..measure import Sample, cpu_figure, rate_figure, ratios, seen_load
from ..rows import Figure, Row, at_least, ours_at_most
from ..servers import Server
from ..streams import first_byte

_AIM = 0.85
_SIZES = {"1 KB": 1024, "64 KB": 65536}
_PAUSE_MS = 3000
_BUFFERED_MS = 100


def run(context: Context) -> list[Row]:
    """Bare first: no token, no log line on either side. Then with both, which is shown. Then streams."""
    with proxy.upstream(context) as upstream:
        return parts(
            {
                "forwarding, bare": lambda: _forwarding(context, upstream, bare=True),
                "forwarding with token and log line": lambda: _forwarding(context, upstream, bare=False),
                "first byte of streams": lambda: _streams(context, upstream),
            }
        )


class _Sides:
    """nginx, the hybrid and the gateway, all running; and a bare forwarder on the libraries of ours."""

    def __init__(self, context: Context, upstream: Server, stack: ExitStack, *, bare: bool, streaming: bool = False):
        log = "warn" if bare else "info"
        self.upstream = upstream
        self.nginx = stack.enter_context(proxy.nginx(context, upstream, log=not bare, streaming=streaming))
        self.hybrid = stack.enter_context(proxy.hybrid(context, upstream, log=log))
        self.gateway = stack.enter_context(proxy.gateway(context, upstream, self.hybrid, log=log))
        self.bare = stack.enter_context(proxy.bare(context, upstream))

    def all(self) -> dict[str, Server]:
        return {"nginx": self.nginx, "hybrid": self.hybrid, "gateway": self.gateway}


def _forwarding(context: Context, upstream: Server, *, bare: bool) -> list[Row]:
    rows = []
    with ExitStack() as stack:
        sides = _Sides(context, upstream, stack, bare=bare)
        advisor = None if bare else seed.Advisor.register(sides.hybrid)
        for size, count in _SIZES.items():
            if context.quick and not bare and count > 1024:
                continue
            measured = sides.all() | ({"bare": sides.bare} if bare else {})
            taken = context.alternate(
                {name: _measure(context, server, count, advisor) for name, server in measured.items()}
            )
            for name in ("hybrid", "gateway"):
                rows += _rows(name, size, taken[name], taken["nginx"], bare)
            if bare:
                rows.append(_limit(size, taken["bare"], taken["nginx"]))
    return rows


def _limit(size: str, bare: list[Sample], theirs: list[Sample]) -> Row:
    return Row(
        f"for comparison: a bare forwarder on actix-web and hyper, {size}: throughput",
        rate_figure(bare),
        rate_figure(theirs),
        "nginx",
        ratios([one.per_second for one in bare], [one.per_second for one in theirs]),
        note=f"no routes, ids, seals, limits, metrics; {cpu_figure(bare).median:.1f} µs CPU/request",
        other_load=seen_load(bare, theirs),
    )


def _measure(context: Context, server: Server, count: int, advisor: seed.Advisor | None) -> Callable[[], Sample]:
    def measure() -> Sample:
        headers = advisor.headers() if advisor else None
        load = Load([f"{proxy.PATH}?bytes={count}"], seconds=context.seconds / 2, headers=headers)
        taken = sample(server, load)
        if server.name == "nginx" and proxy.nginx_log(server).exists():
            # Emptied, not removed: nginx holds it open.
            proxy.nginx_log(server).open("r+b").truncate(0)
        return taken

    return measure


def _rows(name: str, size: str, mine: list[Sample], theirs: list[Sample], bare: bool) -> list[Row]:
    how = "bare" if bare else "token and log line"
    rate = Row(
        f"{name} forwards {size}, {how}: throughput",
        rate_figure(mine),
        rate_figure(theirs),
        "nginx",
        ratios([one.per_second for one in mine], [one.per_second for one in theirs]),
        at_least(_AIM) if bare else None,
        note="32 connections" if bare else "32 connections; nginx writes its line and checks no token",
        other_load=seen_load(mine, theirs),
    )
    cpu = Row(
        f"{name} forwards {size}, {how}: CPU per request",
        cpu_figure(mine),
        cpu_figure(theirs),
        "nginx",
        ratios([one.cpu_per_request for one in theirs], [one.cpu_per_request for one in mine]),
        note="the proxy's own; the ratio is nginx over ours",
        other_load=rate.other_load,
    )
    return [rate, cpu]


def _streams(context: Context, upstream: Server) -> list[Row]:
    """The upstream sends something at once and then is silent for long: whoever buffers shows it."""
    rows = []
    times = 10 if context.quick else 40
    with ExitStack() as stack:
        sides = _Sides(context, upstream, stack, bare=True, streaming=True)
        for what, websocket in (("server-sent events", False), ("WebSocket", True)):
            path = proxy.PATH if websocket else f"{proxy.PATH}?sse={_PAUSE_MS}"
            taken = context.alternate(
                {
                    name: _first_bytes(server, path, websocket, times)
                    for name, server in {"direct": upstream, **sides.all()}.items()
                }
            )
            for name in ("hybrid", "gateway"):
                direct = median(taken["direct"])
                rows.append(
                    Row(
                        f"{name}: first byte of {what}",
                        Figure.of(taken[name], "ms"),
                        Figure.of(taken["nginx"], "ms"),
                        "nginx, buffering off",
                        ratios(taken[name], taken["nginx"]),
                        ours_at_most(_BUFFERED_MS, "ms"),
                        note=f"no added buffering: the next byte comes only after {_PAUSE_MS} ms; without a proxy {direct:.2f} ms",
                    )
                )
    return rows


def _first_bytes(server: Server, path: str, websocket: bool, times: int) -> Callable[[], float]:
    return lambda: median(first_byte(server, path, websocket=websocket) for _ in range(times))


CASE = Case(
    id="B4",
    title="Forwarding against nginx",
    aim="≥ 0.85 of nginx, bare; no added buffering",
    run=run,
    programs=("monolith", "gateway", "references"),
    minutes=8,
    quick_minutes=3,
)

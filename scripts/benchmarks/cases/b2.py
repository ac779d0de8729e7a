"""B2: the work of B1 against FastAPI and Fastify, each tuned and with the same log line."""

from __future__ import annotations

from contextlib import ExitStack

from ..case import Case
from ..context import Context
from ..measure import Sample, cpu_figure, rate_figure, ratios, seen_load
from ..reading import Reading
from ..rows import Row, at_least
from ..servers import Server

# What they need more than ours.
_AIMS = {"FastAPI": 6.0, "Fastify": 1.5}


def run(context: Context) -> list[Row]:
    """All three in turn; a peer that cannot be started fails its own rows only."""
    ours = Reading.start(context)
    failures: dict[str, str] = {}
    with ExitStack() as stack:
        stack.enter_context(ours.server)
        peers: dict[str, Server] = {}
        for name, make in {"FastAPI": ours.fastapi, "Fastify": ours.fastify}.items():
            try:
                peers[name] = stack.enter_context(make())
                ours.check_same(peers[name])
            except Exception as error:  # noqa: BLE001 - it stands in the table
                peers.pop(name, None)
                failures[name] = f"{type(error).__name__}: {error}"[:300]
        sides = {"ours": ours.measure(ours.server), **{name: ours.measure(peer) for name, peer in peers.items()}}
        taken = context.alternate(sides)
    return [row for name in _AIMS for row in _rows(name, taken, failures.get(name, ""))]


def _rows(name: str, taken: dict[str, list[Sample]], failed: str) -> list[Row]:
    if failed:
        return [Row(f"read a client, against {name}", against=name, aim=at_least(_AIMS[name]), failed=failed)]
    mine, theirs = taken["ours"], taken[name]
    load = seen_load(mine, theirs)
    return [
        Row(
            f"read a client: CPU per request of {name} over ours",
            cpu_figure(mine),
            cpu_figure(theirs),
            name,
            ratios([one.cpu_per_request for one in theirs], [one.cpu_per_request for one in mine]),
            at_least(_AIMS[name]),
            note="2 workers on each side; the peer's tuned set-up",
            other_load=load,
        ),
        Row(
            f"read a client: throughput over {name}",
            rate_figure(mine),
            rate_figure(theirs),
            name,
            ratios([one.per_second for one in mine], [one.per_second for one in theirs]),
            note="32 connections; the load generator shares the processors",
            other_load=load,
        ),
    ]


CASE = Case(
    id="B2",
    title="Reading one client against FastAPI and Fastify",
    aim="CPU per request: FastAPI ≥ 6, Fastify ≥ 1.5 of ours",
    run=run,
    programs=("monolith", "references"),
    peers=("fastapi", "fastify"),
)

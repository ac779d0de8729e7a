"""B7: from start to ready, memory, and sizes of the programs."""

from __future__ import annotations

import time
from pathlib import Path

from .. import seed
from ..build import GROUPS
from ..case import Case, parts
from ..context import Context
from ..load import Load, wrk
from ..measure import descendants
from ..rows import Figure, Row, ours_at_most
from ..servers import Server

_PROGRAMS = ("monolith", "gateway", *(f"{group}_service" for group in GROUPS))
_MIB = 1024 * 1024
_START, _MONOLITH, _SERVICE = 50, 40, 20


def run(context: Context) -> list[Row]:
    """A start counts from the second on: the first makes the databases."""
    return parts(
        {
            "start to ready": lambda: _starts(context),
            "memory": lambda: _memory(context),
            "size of the programs": lambda: [_size(context, name) for name in _PROGRAMS],
        }
    )


def _starts(context: Context) -> list[Row]:
    rooms = {name: context.room(name) for name in _PROGRAMS}
    everywhere = _Deployment(context)
    rows = []
    with everywhere.monolith:
        for name in _PROGRAMS:
            # Everything that the others need is there: what is measured is this process.
            times = [_start(everywhere.server(name, rooms[name])) for _ in range(context.rounds + 1)][1:]
            note = "all groups in the process" if name == "monolith" else "the other groups answer in another process"
            rows.append(
                Row(f"{name}: start to ready, second start", Figure.of(times, "ms"), aim=ours_at_most(_START, "ms"), note=note)
            )
    return rows


class _Deployment:
    """A monolith, and where the other programs find the groups that they do not have."""

    def __init__(self, context: Context):
        self.context = context
        self.room = context.room("everything")
        self.monolith = context.ours("monolith", self.room, environment=seed.environment())

    def server(self, name: str, room: Path) -> Server:
        """One of the programs, not started. Services share the secrets, not the data, of the monolith."""
        own = name.removesuffix("_service")
        remotes = [
            part
            for group in GROUPS
            if name != "monolith" and group != own
            for part in ("--remote", f"{group}={self.monolith.url}")
        ]
        return self.context.ours(name, room, *remotes, environment=seed.environment())


def _start(server: Server) -> float:
    """Milliseconds from the start of the process to the first 200 of /ready."""
    began = time.perf_counter()
    server.launch()
    try:
        server.wait_until_ready(pause=0.001)
        return (time.perf_counter() - began) * 1000
    finally:
        server.stop()


def resident(server: Server) -> tuple[float, float]:
    """MiB that the process holds (RSS), and its fair share of them (PSS)."""
    rss = pss = 0
    for pid in descendants(server.pid):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                rss += int(line.split()[1])
            elif line.startswith("Pss:"):
                pss += int(line.split()[1])
    return rss / 1024, pss / 1024


def _memory(context: Context) -> list[Row]:
    deployment = _Deployment(context)
    rows = []
    with deployment.monolith as monolith:
        time.sleep(1 if context.quick else 3)
        rows.append(_memory_row("monolith: idle memory", monolith, _MONOLITH))
        for name in _PROGRAMS[1:]:
            with deployment.server(name, context.room(name)) as server:
                time.sleep(1 if context.quick else 3)
                rows.append(_memory_row(f"{name}: idle memory", server, _SERVICE))
        advisor = seed.Advisor.register(monolith)
        made = seed.clients(advisor, 200)
        paths = [f"/api/v1/clients/{client['id']}" for client in made]
        load = Load([*paths, "/api/v1/clients?limit=100"], connections=256, seconds=context.seconds * 2, headers=advisor.headers())
        wrk(monolith.url, load)
        time.sleep(1)
        rows.append(_memory_row("monolith: memory after load", monolith, None, "256 connections read clients and lists, 1 s after the end"))
    return rows


def _memory_row(name: str, server: Server, aim: float | None, note: str = "") -> Row:
    rss, pss = resident(server)
    return Row(
        name,
        Figure(rss, rss, rss, "MiB RSS"),
        aim=ours_at_most(aim, "MiB") if aim else None,
        note="; ".join(part for part in (f"PSS {pss:.1f} MiB", note) if part),
    )


def _size(context: Context, name: str) -> Row:
    size = context.program(name).stat().st_size / _MIB
    alone = "" if name in ("monolith", "gateway") else "built with its own group alone"
    return Row(f"{name}: size of the program", Figure(size, size, size, "MiB"), note=alone)


CASE = Case(
    id="B7",
    title="Start, memory and size",
    aim="ready ≤ 50 ms on the second start; idle ≤ 40 MiB (monolith), ≤ 20 MiB (service)",
    run=run,
    programs=_PROGRAMS,
)

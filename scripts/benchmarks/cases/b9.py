"""B9: how long after its commit an event reaches its consumer, in process and over HTTP."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Mapping

from .. import mongodb, seed
from ..case import Case
from ..context import Context
from ..measuring import measured, single
from ..rows import Figure, Row, ours_at_most
from ..servers import Server

_IN_PROCESS, _OVER_HTTP = 20, 200


def run(context: Context) -> list[Row]:
    """The program times one process from inside; for processes the stamps of both stores tell."""
    figures = measured(context, "wake_cost", ".")
    lag, commit = figures["commit_to_effect_on_disk"], figures["commit"]
    rows = [
        Row(
            "in process, to the consumer's own commit: p99",
            single(lag["p99_ms"], "ms"),
            aim=ours_at_most(_IN_PROCESS, "ms"),
            note=f"p50 {lag['p50_ms']:.1f} ms; a commit took {commit['p50_ms']:.1f} ms (p99 {commit['p99_ms']:.1f} ms) and is in the lag",
            other_load=figures.other_load,
        )
    ]
    with _Split(context, {}) as split:
        rows.append(_row("over HTTP, SQLite: p99", split.lags(context, _stamps_of_files), ours_at_most(_OVER_HTTP, "ms")))
    rows.append(_on_mongodb(context))
    return rows


def _row(name: str, lags: list[float], aim=None) -> Row:
    lags = sorted(lags)
    p99 = lags[(len(lags) - 1) * 99 // 100]
    return Row(
        name,
        Figure(p99, lags[0], lags[-1], "ms"),
        aim=aim,
        note=f"p50 {lags[len(lags) // 2]:.0f} ms of {len(lags)} events; from when the producer began its commit",
    )


def _on_mongodb(context: Context) -> Row:
    python = mongodb.client_python()
    if python is None:
        return Row("over HTTP, MongoDB: p99", note="not measured: no Python with pymongo")
    with mongodb.server(context) as uri:
        url = f"{uri.rstrip('/')}/wealthos_bench_{uuid.uuid4().hex[:12]}"
        with _Split(context, {"DATABASE_URL": url}) as split:
            return _row("over HTTP, MongoDB: p99", split.lags(context, lambda _: mongodb.stamps(python, url)))


class _Split:
    """The group that tells and the group that hears in processes of their own."""

    def __init__(self, context: Context, environment: Mapping[str, str]):
        self.room = context.room("split")
        environment = {**seed.environment(), **environment}
        self.hears = context.ours("monolith", self.room, name="hears", environment=environment)
        tells_at = context.ours("monolith", self.room, name="tells", environment=environment)
        self.tells = tells_at
        self.hears.command += ["--remote", f"advisory={self.tells.url}"]
        self.tells.command += ["--groups", "advisory", "--remote", f"auth={self.hears.url}"]

    def __enter__(self) -> _Split:
        # Neither is ready before the other answers.
        for server in (self.tells, self.hears):
            server.launch()
        for server in (self.tells, self.hears):
            server.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self.hears, self.tells):
            server.stop()

    def lags(self, context: Context, stamps) -> list[float]:
        """Makes clients one after the other and reads when each was told and heard."""
        advisor = seed.Advisor.register(self.hears)
        made = []
        for number in range(60 if context.quick else 200):
            made.append(advisor.post("/api/v1/clients", seed.client_body(number)))
            time.sleep(0.02)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            told, heard = stamps(self.room)
            users = {client["user_id"]: client["id"] for client in made}
            known = [(told[client], heard[link_of(user)]) for user, client in users.items() if client in told and link_of(user) in heard]
            if len(known) == len(made):
                return [float(at - since) for since, at in known]
            time.sleep(0.2)
        raise RuntimeError(f"only {len(known)} of {len(made)} events were heard")


def link_of(user: str) -> str:
    """The id of what finance keeps of a user of whom it heard."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"book-link\0{user}"))


def _stamps_of_files(room: Path) -> tuple[dict[str, int], dict[str, int]]:
    """When each client was told of, and when each link was made, in milliseconds."""
    told: dict[str, int] = {}
    with sqlite3.connect(f"file:{room}/data/advisory.sqlite3?mode=ro", uri=True) as tells:
        for data, at in tells.execute("SELECT data, time FROM outbox WHERE type = 'client.created'"):
            told[json.loads(data)["client_id"]] = at
    with sqlite3.connect(f"file:{room}/data/finance.sqlite3?mode=ro", uri=True) as hears:
        heard = {str(uuid.UUID(bytes=id)): at for id, at in hears.execute("SELECT id, created_at FROM book_links")}
    return told, heard


CASE = Case(
    id="B9",
    title="From an event to its consumer",
    aim="p99 ≤ 20 ms in process, ≤ 200 ms over HTTP (SQLite); MongoDB shown",
    run=run,
    programs=("monolith", "wake_cost"),
    minutes=5,
    quick_minutes=2,
)

"""B5: durable commits, the store alone and over HTTP, against SQLite with one transaction for each."""

from __future__ import annotations

import json
import uuid
from typing import Callable

from .. import seed
from ..case import Case
from ..context import Context
from ..load import Load, sample
from ..measure import Sample, rate_figure, ratios, seen_load
from ..measuring import measured, single
from ..rows import Figure, Row, at_least
from ..servers import Server

_CALLERS = (1, 32, 256)
_JUDGED = 32
_OVER_HTTP, _STORE = 2.5, 3.5
_PATH = "/api/v1/transactions"


def run(context: Context) -> list[Row]:
    """The store by itself, then the whole way from a client to the disk."""
    return [*_store(context), *_over_http(context)]


def _store(context: Context) -> list[Row]:
    seconds, rounds = (1.0, 1) if context.quick else (2.0, 5)
    figures = measured(context, "commit_throughput", ".", seconds, rounds)
    rows = [Row("this disk alone: fdatasync of 4 KiB, one after the other", single(figures["fdatasync_per_s"], "/s"))]
    for one in figures["commits"]:
        rows.append(
            Row(
                f"the store alone, {one['callers']} callers",
                single(one["store_per_s"], "commits/s"),
                single(one["naive_per_s"], "commits/s"),
                "SQLite, a transaction each",
                single(one["ratio"]),
                at_least(_STORE) if one["callers"] == _JUDGED else None,
                other_load=figures.other_load,
            )
        )
    return rows


def _over_http(context: Context) -> list[Row]:
    room = context.room("ours")
    ours = context.ours("monolith", room, workers=2, environment=seed.environment())
    with ours:
        advisor = seed.Advisor.register(ours)
        account = _account(advisor)
        with _naive(context, advisor, account) as naive:
            return [_rows(context, advisor, account, ours, naive, callers) for callers in _CALLERS]


def _account(advisor: seed.Advisor) -> str:
    """An account of the advisor's own."""
    made = advisor.post("/api/v1/accounts", {"name": "Savings", "kind": "savings", "currency": "INR"})
    return made["id"]


def _naive(context: Context, advisor: seed.Advisor, account: str) -> Server:
    room = context.room("naive")
    return context.reference(
        "transactions", room, "--database", room / "naive.sqlite", "--account", account, "--tenant", advisor.tenant,
        "--owner", advisor.user, "--jwt-secret", seed.JWT_SECRET, name="naive-sqlite",
    )


def _rows(context: Context, advisor: seed.Advisor, account: str, ours: Server, naive: Server, callers: int) -> Row:
    def measure(server: Server) -> Callable[[], Sample]:
        return lambda: sample(server, _load(context, advisor, account, callers))

    taken = context.alternate({"ours": measure(ours), "naive": measure(naive)})
    mine, theirs = taken["ours"], taken["naive"]
    cpu = Figure.of([one.cpu_per_request for one in mine])
    theirs_cpu = Figure.of([one.cpu_per_request for one in theirs])
    return Row(
        f"POST {_PATH}, {callers} {'client' if callers == 1 else 'clients'}",
        rate_figure(mine),
        rate_figure(theirs),
        "naive SQLite server",
        ratios([one.per_second for one in mine], [one.per_second for one in theirs]),
        at_least(_OVER_HTTP) if callers == _JUDGED else None,
        note=f"each with its own key, on the disk when it is answered; {cpu.median:.0f} µs against {theirs_cpu.median:.0f} µs of processor time",
        other_load=seen_load(mine, theirs),
    )


def _load(context: Context, advisor: seed.Advisor, account: str, callers: int) -> Load:
    posting = {
        "type": "income",
        "amount": 1250.75,
        "description": f"Salary {uuid.uuid4().hex[:8]}",
        "category": "salary",
        "date": "2026-01-15",
        "account_id": account,
    }
    headers = {**advisor.headers(), "Content-Type": "application/json"}
    return Load(
        [_PATH], connections=callers, seconds=context.seconds, headers=headers, method="POST",
        bodies=[json.dumps(posting)], keyed=True,
    )


CASE = Case(
    id="B5",
    title="Durable commits",
    aim="at 32 callers ≥ 3.5 times naive SQLite (store), ≥ 2.5 times a naive SQLite server (HTTP)",
    run=run,
    programs=("monolith", "references", "commit_throughput"),
    minutes=8,
    quick_minutes=2,
)

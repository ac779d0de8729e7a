"""B8: what a storm of log-ins does to those who are logged in already."""

from __future__ import annotations

from dataclasses import replace

from ..case import Case
from ..context import Context
from ..load import Load, LoadFailed, Seen, launch, wrk
from ..measure import Window, ratios
from ..reading import Reading
from ..rows import Figure, Row, at_most

_STORM = 64
# Readers who look at something, not a load generator at full speed: what is measured is how long they wait.
_READERS, _PAUSE_MS = 8, 10


def run(context: Context) -> list[Row]:
    """The p99 of reading a client beside the storm, against without it, in turn."""
    reading = Reading.start(context)
    with reading.server:
        taken = context.alternate({"with": lambda: _storm(context, reading), "without": lambda: _calm(context, reading)})
    with_storm, without = taken["with"], taken["without"]
    load = max(one.other_load for one in (*with_storm, *without))
    log_ins = Figure.of([one.log_ins for one in with_storm], "log-ins/s")
    return [
        Row(
            f"p99 of reading a client beside {_STORM} log-ins at once",
            Figure.of([one.seen.p99 for one in with_storm], "ms"),
            Figure.of([one.seen.p99 for one in without], "ms"),
            "without the storm",
            ratios([one.seen.p99 for one in with_storm], [one.seen.p99 for one in without]),
            at_most(1.5),
            note=f"{_READERS} readers who pause {_PAUSE_MS} ms on average; {log_ins.median:.0f} log-ins/s meanwhile",
            other_load=load,
        ),
        Row(
            "p50 of the same",
            Figure.of([one.seen.p50 for one in with_storm], "ms"),
            Figure.of([one.seen.p50 for one in without], "ms"),
            "without the storm",
            ratios([one.seen.p50 for one in with_storm], [one.seen.p50 for one in without]),
            other_load=load,
        ),
    ]


class _Taken:
    def __init__(self, seen: Seen, other_load: float, log_ins: float = 0.0):
        self.seen, self.other_load, self.log_ins = seen, other_load, log_ins


def _readers(context: Context, reading: Reading) -> Load:
    return replace(reading.load(_READERS), pause_ms=_PAUSE_MS, seconds=context.seconds * 1.5)


def _calm(context: Context, reading: Reading) -> _Taken:
    with Window([reading.server.pid]) as window:
        seen = _checked(wrk(reading.server.url, _readers(context, reading)))
    reading.server.forget_log()
    return _Taken(seen, window.spent.other_load)


def _storm(context: Context, reading: Reading) -> _Taken:
    readers = _readers(context, reading)
    log_ins = Load(
        ["/api/auth/login"],
        connections=_STORM,
        seconds=readers.seconds + 1,
        headers={"Content-Type": "application/json"},
        method="POST",
        bodies=[reading.advisor.log_in_body()],
    )
    with Window([reading.server.pid]) as window:
        storm = launch(reading.server.url, log_ins)
        try:
            seen = _checked(wrk(reading.server.url, readers))
            stormed = Seen.parse(storm.communicate(timeout=60)[0])
        finally:
            storm.kill()
    reading.server.forget_log()
    if stormed.requests == 0:
        raise LoadFailed("nobody could log in")
    return _Taken(seen, window.spent.other_load, (stormed.requests - stormed.wrong) / stormed.seconds)


def _checked(seen: Seen) -> Seen:
    if seen.wrong or not seen.requests:
        raise LoadFailed(f"{seen.wrong} of {seen.requests} reads went wrong")
    return seen


CASE = Case(
    id="B8",
    title="Reading beside a storm of log-ins",
    aim="p99 ≤ 1.5 of the p99 without",
    run=run,
    programs=("monolith",),
)

"""Load from wrk, and what it saw."""

from __future__ import annotations

import atexit
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

from .measure import Sample, Window
from .servers import Server

_SCRIPTS = Path(__file__).parent / "wrk"
_MARK = "wrk-summary "
_plans: list[str] = []


class LoadFailed(Exception):
    """The load was not answered as it must be."""


@dataclass(frozen=True)
class Load:
    """What is sent: to each path in turn, over so many connections, for so long."""

    paths: Sequence[str]
    connections: int = 32
    seconds: float = 3.0
    threads: int = 1
    headers: Mapping[str, str] | None = None
    method: str = "GET"
    bodies: Sequence[str] = ()
    """One after the other, in turn; `{n}` becomes a number that does not come twice in this run."""
    keyed: bool = False
    """Whether each request has an Idempotency-Key of its own."""
    pause_ms: int = 0
    """What each connection waits before it asks again: 0 asks as fast as it can."""


@dataclass(frozen=True)
class Seen:
    """What wrk saw. Times are in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p90: float
    p99: float
    longest: float
    wrong: int
    """Answers that were not 2xx or 3xx, and requests that got none."""
    bytes: int

    @classmethod
    def parse(cls, output: str) -> Seen:
        """Reads the line that `wrk/requests.lua` writes at the end."""
        for line in reversed(output.splitlines()):
            if line.startswith(_MARK):
                said = json.loads(line.removeprefix(_MARK))
                wrong = sum(said["errors"].values())
                return cls(
                    requests=said["requests"],
                    seconds=said["duration_us"] / 1e6,
                    p50=said["p50_us"] / 1e3,
                    p90=said["p90_us"] / 1e3,
                    p99=said["p99_us"] / 1e3,
                    longest=said["max_us"] / 1e3,
                    wrong=wrong,
                    bytes=said["bytes"],
                )
        raise LoadFailed(f"wrk ended without a summary: {output.strip()[-500:]}")


def wrk(url: str, load: Load) -> Seen:
    """Sends the load to a server."""
    process = launch(url, load)
    try:
        output, _ = process.communicate(timeout=load.seconds + 60)
    finally:
        process.kill()
    return Seen.parse(output)


def launch(url: str, load: Load) -> subprocess.Popen:
    """Starts to send the load and does not wait: `Seen.parse(process.communicate()[0])` is what was seen."""
    with tempfile.NamedTemporaryFile("w", suffix=".plan", prefix="wrk-", delete=False) as plan:
        plan.write(_plan(load))
    _plans.append(plan.name)
    command = [
        "wrk",
        *("--threads", str(load.threads)),
        *("--connections", str(load.connections)),
        *("--duration", f"{max(round(load.seconds), 1)}s"),
        *("--timeout", "20s"),
        *("--script", str(_SCRIPTS / "requests.lua")),
        url,
        "--",
        plan.name,
    ]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _plan(load: Load) -> str:
    """The load as lines that Lua reads without a parser: a word, a space, a text."""
    lines = [f"method {load.method}", f"pause {load.pause_ms}", f"keyed {int(load.keyed)}"]
    lines += [f"header {name}: {value}" for name, value in (load.headers or {}).items()]
    lines += [f"path {path}" for path in load.paths]
    lines += [f"body {body}" for body in load.bodies]
    if any("\n" in line for line in lines):
        raise ValueError("what is sent must stand on one line")
    return "\n".join(lines) + "\n"


def sample(server: Server, load: Load, *others: Server, tolerated: float = 0.0) -> Sample:
    """One measurement: the load against a server, with its processor time and that of the others beside it.

    Fails when more than the tolerated share of requests was answered wrong: a server that refuses is fast.
    """
    with Window([server.pid, *(other.pid for other in others)]) as window:
        seen = wrk(server.url, load)
    server.forget_log()
    if seen.requests == 0 or seen.wrong > tolerated * seen.requests:
        raise LoadFailed(f"{server.name}: {seen.wrong} of {seen.requests} requests went wrong: {server.last_words()}")
    return Sample(seen.requests, window.spent, {"p50": seen.p50, "p90": seen.p90, "p99": seen.p99})


@atexit.register
def _forget_plans() -> None:
    for plan in _plans:
        Path(plan).unlink(missing_ok=True)

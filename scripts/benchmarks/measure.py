"""Measuring in alternation, with the processor time that the kernel accounts to the servers.

On a machine with few or shared processors the time on the clock says little: what else runs takes its share. The
processor time that a server used for a request hardly depends on that, and the ratio of two sides that take turns does even less.
"""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Mapping

from .rows import Figure

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of_process(pid: int) -> float:
    """Seconds of processor time of a process and all of its threads, also of those that ended; 0 when it is gone."""
    # The process's own CPU clock has nanoseconds where /proc/PID/stat has hundredths: ((~pid) << 3) | CPUCLOCK_SCHED.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def descendants(pid: int) -> list[int]:
    """The process and everything that it started and that still runs."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat.rsplit(")", 1)[1].split()[1])
        children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(children.get(one, []))
    return found


def cpu_of(pids: Iterable[int]) -> float:
    """Seconds of processor time of several processes."""
    return sum(cpu_of_process(pid) for pid in pids)


@dataclass(frozen=True)
class MachineTime:
    """Processor time of the whole machine since it started, in seconds."""

    busy: float
    stolen: float

    @classmethod
    def now(cls, text: str | None = None) -> MachineTime:
        """Reads the first line of /proc/stat."""
        line = (text if text is not None else Path("/proc/stat").read_text()).splitlines()[0]
        user, nice, system, _idle, _iowait, irq, softirq, steal = (int(part) for part in line.split()[1:9])
        return cls((user + nice + system + irq + softirq) / _TICKS, steal / _TICKS)


@dataclass(frozen=True)
class Spent:
    """What a window of measurement cost."""

    seconds: float
    server_cpu: float
    own_cpu: float
    """Of this program and what it started and waited for, such as a load generator."""
    other_load: float
    """The share of the machine that neither the servers nor the load used, stolen time included: 0 is a quiet machine."""


class Window:
    """Measures while a `with` block runs: `with Window(pids) as window: …; window.spent`."""

    def __init__(self, server_pids: Iterable[int]):
        self._pids = [pid for root in server_pids for pid in descendants(root)]
        self.spent = Spent(0.0, 0.0, 0.0, 0.0)

    def __enter__(self) -> Window:
        self._machine = MachineTime.now()
        self._own = own_cpu()
        self._server = cpu_of(self._pids)
        self._began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.monotonic() - self._began
        server = cpu_of(self._pids) - self._server
        own = own_cpu() - self._own
        machine = MachineTime.now()
        busy = machine.busy - self._machine.busy + machine.stolen - self._machine.stolen
        self.spent = Spent(seconds, server, own, other_share(busy, server + own, seconds))


def own_cpu() -> float:
    """Processor time of this program and of the load generators that it waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def other_share(busy: float, ours: float, seconds: float) -> float:
    """The part of all processors that was busy with something else."""
    whole = seconds * (os.cpu_count() or 1)
    return min(max(busy - ours, 0.0) / whole, 1.0) if whole > 0 else 0.0


@dataclass
class Sample:
    """One measurement of one side."""

    requests: int
    spent: Spent
    figures: dict[str, float] = field(default_factory=dict)
    """Whatever else was seen, for example the p99 in milliseconds."""

    @property
    def cpu_per_request(self) -> float:
        """Microseconds of server processor time."""
        return self.spent.server_cpu / max(self.requests, 1) * 1e6

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.spent.seconds if self.spent.seconds else 0.0


def alternate(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list]:
    """Measures all sides in turn, A B A B …; the second round begins with the last side, so that none is always first."""
    taken: dict[str, list] = {name: [] for name in sides}
    for turn in range(rounds):
        names = list(sides) if turn % 2 == 0 else list(reversed(sides))
        for name in names:
            taken[name].append(sides[name]())
    return taken


def ratios(ours: Iterable[float], reference: Iterable[float]) -> Figure:
    """The ratios of neighbours in time: what drifts with the hour drops out."""
    return Figure.of([one / other for one, other in zip(ours, reference, strict=True) if other > 0])


def cpu_figure(samples: Iterable[Sample]) -> Figure:
    """Server processor time per request."""
    return Figure.of([sample.cpu_per_request for sample in samples], "µs CPU/request")


def rate_figure(samples: Iterable[Sample]) -> Figure:
    """Requests a second."""
    return Figure.of([sample.per_second for sample in samples], "requests/s")


def seen_load(*sides: Iterable[Sample]) -> float:
    """The largest share of the machine that something else used while these were measured."""
    return max((sample.spent.other_load for side in sides for sample in side), default=0.0)

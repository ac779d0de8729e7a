"""The measuring programs of the kernel (cargo examples): each prints one JSON object with its figures."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Mapping

from .context import Context
from .measure import MachineTime, other_share, own_cpu
from .rows import Figure


class MeasuringFailed(Exception):
    """A measuring program ended without figures."""


class Measured(dict):
    """What a program printed, and how much of the machine something else used meanwhile."""

    other_load: float = 0.0


def measured(
    context: Context, program: str, *arguments: object, environment: Mapping[str, str] | None = None, one_processor: bool = False
) -> Measured:
    """Runs a program in a folder of its own, on one processor or on all, and reads its figures."""
    import time

    machine, own, began = MachineTime.now(), own_cpu(), time.monotonic()
    ended = subprocess.run(
        [context.program(program), *(str(argument) for argument in arguments)],
        cwd=context.room(program),
        env={**os.environ, **(environment or {})},
        preexec_fn=_stay if one_processor else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended.returncode != 0:
        raise MeasuringFailed(f"{program} ended with status {ended.returncode}: {ended.stderr.strip()[-800:]}")
    now = MachineTime.now()
    busy = now.busy - machine.busy + now.stolen - machine.stolen
    found = Measured(json.loads(ended.stdout))
    found.other_load = other_share(busy, own_cpu() - own, time.monotonic() - began)
    return found


def _stay() -> None:
    """Stays on one of the processors that it may use."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def single(value: float, unit: str = "") -> Figure:
    """A median that a program worked out itself."""
    return Figure(value, value, value, unit)

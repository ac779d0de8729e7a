"""B11: how long developers wait: a build from nothing, a build after a change, the test suite."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from ..case import Case
from ..context import Context
from ..measure import Window
from ..publish import commit, machine
from ..rows import Figure, Row

_RECORDED = Path(__file__).parents[1] / "recorded.json"
# A group that the whole platform is built on, and a change at its far end.
_CHANGED = ("crates/groups/advisory/src/lib.rs", "crates/kernel/core/src/lib.rs")


def run(context: Context) -> list[Row]:
    """The slow ones are measured with --slow and told with their date otherwise; nothing is built in a quick run."""
    if context.slow:
        _record(context, "cold", _cold(context))
        _record(context, "tests", _tests(context))
    if not context.quick:
        for changed in _CHANGED:
            _record(context, changed, _after_a_change(context, changed))
    names = {
        "cold": "build of the programs from nothing (profile dev)",
        **{changed: f"build after a change of {changed}" for changed in _CHANGED},
        "tests": "scripts/test, everything built",
    }
    known = _known()
    rows = [_row(name, known[key]) for key, name in names.items() if key in known]
    return rows or [Row("build and test times", note="not recorded yet: a run without --quick measures them, --slow all of them")]


def _row(name: str, known: dict) -> Row:
    figure = Figure(known["seconds"], known["seconds"], known["seconds"], "s")
    note = f"{known['cpu']:.0f} s of CPU; measured {known['when']} at {known['commit']}, {known['cores']} cores; {known['note']}"
    return Row(name, figure, note=note.rstrip("; "), other_load=known["other_load"])


def _known() -> dict:
    return json.loads(_RECORDED.read_text()) if _RECORDED.is_file() else {}


def _record(context: Context, key: str, measured: dict) -> None:
    about = {"when": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M"), "commit": commit(context.tree), "cores": machine()["cores"]}
    known = {**_known(), key: {**measured, **about}}
    _RECORDED.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


def _timed(context: Context, command: list[str], environment: dict[str, str] | None = None) -> tuple[dict, str]:
    context.say(" ".join(command))
    with Window([]) as window:
        done = subprocess.run(
            command, cwd=context.tree, env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout.strip()[-500:]}")
    spent = window.spent
    measured = {"seconds": round(spent.seconds, 1), "cpu": round(spent.own_cpu, 1), "other_load": round(spent.other_load, 3)}
    return {**measured, "note": ""}, done.stdout


_BUILD = ["cargo", "build", "--locked", "--package", "wealthos"]


def _cold(context: Context) -> dict:
    room = context.room("cold")
    try:
        measured, _ = _timed(context, _BUILD, {"CARGO_TARGET_DIR": str(room)})
        return measured
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _after_a_change(context: Context, changed: str) -> dict:
    environment = {"CARGO_INCREMENTAL": "1"}
    _timed(context, _BUILD, environment)
    (context.tree / changed).touch()
    measured, _ = _timed(context, _BUILD, environment)
    return {**measured, "note": "the file was touched, so that everything that stands on it is built again"}


def _tests(context: Context) -> dict:
    _timed(context, ["cargo", "build", "--workspace", "--all-targets", "--locked"])
    measured, output = _timed(context, ["scripts/test"])
    counted = re.findall(r"^\d+ passed, \d+ failed$", output, re.MULTILINE)
    return {**measured, "note": counted[-1] if counted else ""}


CASE = Case(
    id="B11",
    title="Build and test times",
    aim="in the table",
    run=run,
    programs=(),
    minutes=90,
)

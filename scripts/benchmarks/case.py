"""What a case is: a module in `cases` with a `CASE`."""

from __future__ import annotations

import importlib
import pkgutil
import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from .rows import Row

if TYPE_CHECKING:
    from .context import Context


@dataclass(frozen=True)
class Case:
    """A case of the benchmarks.

    `programs` are built before it runs (names of `build.PROGRAMS`), `peers` installed (`fastapi`, `fastify`, `mongodb`). `minutes` and
    `quick_minutes` bound it: what takes longer is stopped and reported as failed.
    """

    id: str
    title: str
    aim: str
    run: Callable[["Context"], list[Row]]
    programs: tuple[str, ...] = ("monolith",)
    peers: tuple[str, ...] = ()
    minutes: float = 6.0
    quick_minutes: float = 2.0


def parts(measured: dict[str, Callable[[], list[Row]]]) -> list[Row]:
    """The rows of a case that has several parts: one that fails says so and does not take the others with it."""
    rows: list[Row] = []
    for name, part in measured.items():
        try:
            rows += part()
        except Exception as error:  # noqa: BLE001 - whatever it is, it stands in the table
            traceback.print_exc()
            rows.append(Row(name, failed=f"{type(error).__name__}: {error}"[:400]))
    return rows


def all_cases() -> list[Case]:
    """Every case, in the order of their numbers."""
    from . import cases

    found = [
        case
        for module in pkgutil.iter_modules(cases.__path__)
        if (case := getattr(importlib.import_module(f"{cases.__name__}.{module.name}"), "CASE", None)) is not None
    ]
    return sorted(found, key=lambda case: [int(part) for part in re.findall(r"\d+", case.id)])


def chosen(names: str | None) -> list[Case]:
    """The cases that are named, `B1,B5`; all of them without names."""
    known = all_cases()
    if not names:
        return known
    wanted = [name.strip().upper() for name in names.split(",") if name.strip()]
    unknown = sorted(set(wanted) - {case.id for case in known})
    if unknown:
        raise SystemExit(f"there is no case {', '.join(unknown)}: there are {', '.join(case.id for case in known)}")
    return [case for case in known if case.id in wanted]

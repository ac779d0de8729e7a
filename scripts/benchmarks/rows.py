"""What a case answers: rows of figures, each with its aim and whether it was met."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Sequence


@dataclass(frozen=True)
class Figure:
    """A median with the spread that was seen."""

    median: float
    low: float
    high: float
    unit: str = ""

    @classmethod
    def of(cls, values: Sequence[float], unit: str = "") -> Figure:
        """The median and the spread of measurements."""
        if not values:
            raise ValueError("a figure needs at least one measurement")
        return cls(median(values), min(values), max(values), unit)


@dataclass(frozen=True)
class Aim:
    """A bound, on the ratio or on our own figure."""

    bound: float
    at_least: bool
    of: str = "ratio"
    unit: str = ""

    def met_by(self, value: float) -> bool:
        """Whether a value, rounded as the table shows it, is within the bound."""
        shown = round(value, 2)
        return shown >= self.bound if self.at_least else shown <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {number(self.bound)}{' ' + self.unit if self.unit else ''}"


def at_most(bound: float) -> Aim:
    """The ratio is at most this."""
    return Aim(bound, at_least=False)


def at_least(bound: float) -> Aim:
    """The ratio is at least this."""
    return Aim(bound, at_least=True)


def ours_at_most(bound: float, unit: str) -> Aim:
    """Our own figure is at most this."""
    return Aim(bound, at_least=False, of="ours", unit=unit)


@dataclass
class Row:
    """One line of the table. Without an aim it is shown and judged by nobody."""

    name: str
    ours: Figure | None = None
    reference: Figure | None = None
    against: str = ""
    ratio: Figure | None = None
    aim: Aim | None = None
    note: str = ""
    failed: str = ""
    case: str = ""
    other_load: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim was met; None where there is none. What failed has not met it."""
        if self.failed:
            return False
        if self.aim is None:
            return None
        judged = self.ours if self.aim.of == "ours" else self.ratio
        return judged is not None and self.aim.met_by(judged.median)

    def as_json(self) -> dict:
        """As it stands in results.json."""
        return {**asdict(self), "aim": str(self.aim) if self.aim else None, "met": self.met}


@dataclass
class Result:
    """What came of a case."""

    case: str
    title: str
    aim: str
    rows: list[Row] = field(default_factory=list)
    seconds: float = 0.0
    when: str = ""
    """The minute it began, UTC."""


def number(value: float) -> str:
    """Three significant digits, as people write them."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.1 else f"{value:.2g}"

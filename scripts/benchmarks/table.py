"""The table, as Markdown."""

from __future__ import annotations

from typing import Sequence

from .rows import Figure, Result, Row, number

_HEAD = "| case | what | ours | reference | ratio | aim | met | other load | note |\n|---|---|---|---|---|---|---|---|---|"


def markdown(results: Sequence[Result]) -> str:
    """One line for each row; what failed says so."""
    lines = [_HEAD]
    for result in results:
        lines += [_line(row) for row in result.rows]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    reference = figure_text(row.reference)
    if row.against:
        reference = f"{row.against}: {reference}" if reference else row.against
    cells = [
        row.case,
        row.name,
        figure_text(row.ours),
        reference,
        figure_text(row.ratio),
        str(row.aim) if row.aim else "",
        _met(row),
        "" if row.other_load is None else f"{row.other_load:.0%}",
        f"FAILED: {row.failed}" if row.failed else row.note,
    ]
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _met(row: Row) -> str:
    if row.failed:
        return "failed"
    return {None: "shown", True: "yes", False: "**no**"}[row.met]


def figure_text(figure: Figure | None) -> str:
    """The median, the spread in parentheses, the unit."""
    if figure is None:
        return ""
    spread = "" if figure.low == figure.high else f" ({number(figure.low)}–{number(figure.high)})"
    unit = f" {figure.unit}" if figure.unit else ""
    return f"{number(figure.median)}{spread}{unit}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())

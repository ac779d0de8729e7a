"""The plot: for each row that has an aim, how far the figure is from it. Plain SVG, written by hand."""

from __future__ import annotations

import math
from html import escape
from typing import Sequence

from .rows import Result, Row, number

_LEFT, _WIDTH, _LINE, _TOP = 430, 470, 22, 64
_GOOD, _BAD = "#2a7f62", "#b3452c"


def svg(results: Sequence[Result], title: str) -> str:
    """A bar for each judged row, on a logarithmic scale: to the right of the line the aim is met."""
    rows = [row for result in results for row in result.rows if _headroom(row) is not None]
    height = _TOP + _LINE * max(len(rows), 1) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 190} {height}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="600" fill="#222">{escape(title)}</text>',
        f'<text x="16" y="46" fill="#555">How far each figure is from its aim: right of the line it is met.</text>',
    ]
    parts += _grid(height)
    for index, row in enumerate(rows):
        parts += _bar(row, _TOP + index * _LINE)
    parts.append("</svg>\n")
    return "\n".join(parts)


def _headroom(row: Row) -> float | None:
    """1 is exactly the aim, 2 is twice as good."""
    if row.aim is None:
        return None
    judged = row.ours if row.aim.of == "ours" else row.ratio
    if row.failed or judged is None or judged.median <= 0 or row.aim.bound <= 0:
        return 0.25 if row.failed else None
    better = judged.median / row.aim.bound
    return better if row.aim.at_least else 1 / better


def _x(headroom: float) -> float:
    """From a quarter of the aim to eight times as good."""
    position = (math.log2(min(max(headroom, 0.25), 8.0)) + 2) / 5
    return _LEFT + position * _WIDTH


def _grid(height: int) -> list[str]:
    parts = []
    for step, name in ((0.25, "¼"), (0.5, "½"), (1.0, "the aim"), (2.0, "2×"), (4.0, "4×"), (8.0, "8×")):
        x, colour = _x(step), "#222" if step == 1.0 else "#ddd"
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 28}" stroke="{colour}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle" fill="#555">{name}</text>')
    return parts


def _bar(row: Row, y: int) -> list[str]:
    headroom = _headroom(row) or 0.25
    begin, end = sorted((_x(1.0), _x(headroom)))
    colour = _GOOD if row.met else _BAD
    judged = row.ours if row.aim and row.aim.of == "ours" else row.ratio
    value = "failed" if row.failed or judged is None else f"{number(judged.median)} {judged.unit}".strip()
    name = f"{row.case}  {row.name}"
    if len(name) > 64:
        name = name[:63] + "…"
    return [
        f'<text x="{_LEFT - 12}" y="{y + 12}" text-anchor="end" fill="#222">{escape(name)}</text>',
        f'<rect x="{begin:.1f}" y="{y + 2}" width="{max(end - begin, 2):.1f}" height="13" rx="2" fill="{colour}"/>',
        f'<text x="{_LEFT + _WIDTH + 14}" y="{y + 12}" fill="{colour}">{escape(value)} (aim {escape(str(row.aim))})</text>',
    ]

"""B1: reading one client, against a bare hand-written actix-web handler that does the same."""

from __future__ import annotations

from ..case import Case
from ..context import Context
from ..measure import cpu_figure, rate_figure, ratios, seen_load
from ..reading import Reading
from ..rows import Row, at_most

_AIM = 1.3


def run(context: Context) -> list[Row]:
    """With the sensitive fields that a client usually has, which both sides decrypt; in a full run also without any."""
    rows = list(_rows(context, sensitive=True))
    if not context.quick:
        plain, _ = _rows(context, sensitive=False)
        plain.name = "the same for a client without e-mail, phone and tax number"
        plain.note = "nothing to decrypt on either side"
        rows.append(plain)
    return rows


def _rows(context: Context, sensitive: bool) -> tuple[Row, Row]:
    ours = Reading.start(context, sensitive)
    with ours.server, ours.bare() as bare:
        ours.check_same(bare)
        taken = context.alternate({"ours": ours.measure(ours.server), "bare": ours.measure(bare)})
    mine, theirs = taken["ours"], taken["bare"]
    load = seen_load(mine, theirs)
    cpu = Row(
        "read a client: CPU per request",
        cpu_figure(mine),
        cpu_figure(theirs),
        "bare actix-web",
        ratios([one.cpu_per_request for one in mine], [one.cpu_per_request for one in theirs]),
        at_most(_AIM),
        note="token, scope, point read, three fields decrypted, JSON, one log line, metrics",
        other_load=load,
    )
    rate = Row(
        "read a client: throughput, 32 connections",
        rate_figure(mine),
        rate_figure(theirs),
        "bare actix-web",
        ratios([one.per_second for one in mine], [one.per_second for one in theirs]),
        note="the load generator shares the processors",
        other_load=load,
    )
    return cpu, rate


CASE = Case(
    id="B1",
    title="Reading one client against bare actix-web",
    aim="CPU per request ≤ 1.3",
    run=run,
    programs=("monolith", "references"),
)

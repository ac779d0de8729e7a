"""B10: what the store adds to the MongoDB driver."""

from __future__ import annotations

from .. import mongodb
from ..case import Case
from ..context import Context
from ..measuring import measured, single
from ..rows import Row, at_most

_COMMANDS = {
    "commit": "commit of two documents in a transaction",
    "get": "one document by id",
    "page": "a page of 20",
}


def run(context: Context) -> list[Row]:
    """Against TEST_MONGODB_URI, or a server that is started for it."""
    with mongodb.server(context) as uri:
        figures = measured(context, "mongodb_cost", environment={"TEST_MONGODB_URI": uri})
    rows = []
    for name, title in _COMMANDS.items():
        one = figures[name]
        rows.append(
            Row(
                title,
                ours=single(one["store_us"], "µs"),
                reference=single(one["driver_us"], "µs"),
                against="bare driver",
                ratio=single(one["ratio"]),
                aim=at_most(1.1),
                note=f"CPU of the caller {one['store_cpu_us']:.0f} µs against {one['driver_cpu_us']:.0f} µs",
                other_load=figures.other_load,
            )
        )
    return rows


CASE = Case(
    id="B10",
    title="The MongoDB store against the bare driver",
    aim="at most 1.1 of the driver doing the same commands",
    run=run,
    programs=("mongodb_cost",),
    minutes=6,
    quick_minutes=4,
)

"""B6: a page of a filtered, sorted list costs the same however many documents there are and however far behind it lies."""

from __future__ import annotations

from ..case import Case
from ..context import Context
from ..measuring import measured, single
from ..rows import Row, at_most


def run(context: Context) -> list[Row]:
    """The program fills a file for each size through the store's commit, then reads from all of them in turn."""
    largest = 100_000 if context.quick else 1_000_000
    figures = measured(context, "list_pages", ".", largest)
    rows = [
        Row(
            f"{page['documents']:,} documents",
            ours=single(page["far_page_us"], "µs"),
            reference=single(page["page_1_us"], "µs"),
            against="page 1",
            ratio=single(page["far_page_us"] / page["page_1_us"]),
            note=f"ours is page {page['far_page']:,}",
        )
        for page in figures["lists"]
    ]
    rows.append(
        Row(
            "the slowest of all these pages against the fastest",
            ratio=single(figures["slowest_to_fastest"]),
            aim=at_most(1.5),
            other_load=figures.other_load,
        )
    )
    return rows


CASE = Case(
    id="B6",
    title="Lists with filter, sort and cursor",
    aim="page 1 and page 1,000 at 10³ to 10⁶ documents within 1.5 of each other (10⁶ in the full run)",
    run=run,
    programs=("list_pages",),
    minutes=10,
    quick_minutes=2,
)

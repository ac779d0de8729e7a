"""B3: a call over the seam, in process against a direct method call, and to another process against a bare reqwest hop."""

from __future__ import annotations

from ..case import Case
from ..context import Context
from ..measuring import measured, single
from ..rows import Row, at_most, ours_at_most


def run(context: Context) -> list[Row]:
    """Both programs alternate by themselves. The hop stays on one processor: with two, waking the other one costs several
    times the call on a virtual machine, and it is chance which of the two sides finds its answering thread there."""
    calls, hop = measured(context, "call_cost"), measured(context, "hop_cost", one_processor=True)
    rows = []
    for name, bound, shown in (("read", 300, "300 ns"), ("effect", 1500, "1.5 µs")):
        one, many = calls["one_thread"][name], calls["many_threads"][name]
        rows.append(
            Row(
                f"{name} in process: what the seam adds",
                ours=single(one["added_ns"], "ns"),
                reference=single(one["direct_ns"], "ns"),
                against="the direct call",
                aim=ours_at_most(bound, "ns"),
                note=f"at most {shown}; {many['added_ns']:.0f} ns from a task of a runtime with many threads",
                other_load=calls.other_load,
            )
        )
    for what, ratio, unit in (("time", "time_ratio", "time_us"), ("CPU of the caller", "cpu_ratio", "cpu_us")):
        rows.append(
            Row(
                f"read in another process: {what}",
                ours=single(hop["seam"][unit], "µs"),
                reference=single(hop["bare"][unit], "µs"),
                against="bare reqwest",
                ratio=single(hop[ratio]),
                aim=at_most(1.15),
                other_load=hop.other_load,
            )
        )
    return rows


CASE = Case(
    id="B3",
    title="A call over the seam",
    aim="in process at most 300 ns (read) and 1.5 µs (effect) more than a direct call; remote at most 1.15 of a bare hop",
    run=run,
    programs=("call_cost", "hop_cost"),
    minutes=2,
)

"""The runner: chooses the cases, builds what they need, runs each within its time, writes the results."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from datetime import datetime, timezone
from pathlib import Path

from . import build, publish, servers
from .case import Case, all_cases, chosen
from .context import Context
from .rows import Result, Row


class OutOfTime(BaseException):
    """A case took longer than it may. No Exception, so that a case that goes on after one does not go on after this."""


def main() -> int:
    """Exit status 0 when no case failed; an aim that is not met is no failure of the run."""
    options = arguments()
    tree = Path(__file__).resolve().parents[2]
    if options.list:
        for case in all_cases():
            print(f"{case.id:4} {case.title} (aim: {case.aim})")
        return 0
    cases = chosen(options.only)
    target = build.target_directory(tree)
    out = Path(options.out).resolve() if options.out else target / "bench"
    context = Context(tree=tree, target=target, out=out, quick=options.quick, slow=options.slow)
    if not options.no_build:
        build.build(tree, {program for case in cases for program in case.programs})
    install_peers(context, cases)
    # A stop from outside must stop the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = publish.kept(out, [case.id for case in cases]) if options.only else []
    began = time.monotonic()
    for case in cases:
        results.append(run(case, context))
        results.sort(key=lambda result: int(result.case[1:]))
        text = publish.write(tree, out, results, options.quick)
    print(f"\n{text}\nbench: {time.monotonic() - began:.0f} s; the results are in {out}")
    if options.publish:
        publish.into_documents(tree, out, text)
        print("bench: docs/PERFORMANCE.md and docs/performance.svg are written")
    return 1 if any(row.failed for result in results for row in result.rows) else 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures WealthOS against peers and reference points.")
    parser.add_argument("--quick", action="store_true", help="shorter measurements: under 5 minutes once everything is built")
    parser.add_argument("--slow", action="store_true", help="also a build from nothing and the whole test suite (B11)")
    parser.add_argument("--only", metavar="B1,B5", help="these cases only; earlier results of the others are kept")
    parser.add_argument("--out", metavar="DIR", help="where the results go; target/bench when it is left out")
    parser.add_argument("--publish", action="store_true", help="write the table and the plot into docs/")
    parser.add_argument("--no-build", action="store_true", help="measure the programs that are built already")
    parser.add_argument("--list", action="store_true", help="show the cases and do nothing")
    return parser.parse_args()


def install_peers(context: Context, cases: list[Case]) -> None:
    """Before anything is measured. A peer that cannot be installed fails its case, which says why."""
    for peer in sorted({peer for case in cases for peer in case.peers}):
        try:
            getattr(context, peer)()
        except Exception as error:  # noqa: BLE001
            context.say(f"{peer} could not be installed: {error}")


def run(case: Case, context: Context) -> Result:
    """Runs a case within its time; what goes wrong becomes a row that says so."""
    print(f"\n== {case.id} {case.title} (aim: {case.aim})", flush=True)
    result = Result(case.id, case.title, case.aim, when=datetime.now(timezone.utc).isoformat(sep=" ", timespec="minutes")[:16])
    began = time.monotonic()
    minutes = case.quick_minutes if context.quick else case.minutes

    def too_long(*_: object) -> None:
        raise OutOfTime(f"took longer than {minutes:g} minutes")

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        result.rows = case.run(context)
    except (Exception, OutOfTime) as error:  # noqa: BLE001 - whatever it is, it stands in the table
        traceback.print_exc()
        result.rows = [Row(case.title, failed=f"{type(error).__name__}: {error}"[:400])]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        servers.stop_all()
        context.clean_up()
    result.seconds = round(time.monotonic() - began, 1)
    for row in result.rows:
        row.case = case.id
        print(f"   {row.name}: {describe(row)}", flush=True)
    print(f"   ({result.seconds:.0f} s)", flush=True)
    return result


def describe(row: Row) -> str:
    """A row for whoever watches."""
    from .table import figure_text

    if row.failed:
        return f"FAILED: {row.failed}"
    parts = [f"ours {figure_text(row.ours)}"] if row.ours else []
    if row.reference:
        parts.append(f"{row.against or 'reference'} {figure_text(row.reference)}")
    if row.ratio:
        parts.append(f"ratio {figure_text(row.ratio)}")
    if row.aim:
        parts.append(f"aim {row.aim}: {'met' if row.met else 'NOT met'}")
    return ", ".join(parts) + (f"; {row.note}" if row.note else "")


if __name__ == "__main__":
    sys.exit(main())

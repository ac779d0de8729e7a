"""Writing the results: results.json, the table and the plot; and, when asked to, into the documents."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Sequence

from .plot import svg
from .rows import Aim, Figure, Result, Row
from .table import markdown

_BEGIN, _END = "<!-- bench:begin -->", "<!-- bench:end -->"
_TITLE = "WealthOS: figures against their aims"


def machine() -> dict[str, str]:
    """What it ran on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
        "system": platform.system(),
    }


def commit(tree: Path) -> str:
    """The commit that was measured; `+` when the tree was changed since."""
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    found = git("rev-parse", "--short", "HEAD")
    if not found:
        return "unknown"
    return f"{found}+" if git("status", "--porcelain", "--untracked-files=no") else found


def kept(out: Path, cases: Sequence[str]) -> list[Result]:
    """The results of an earlier run for cases that did not run now: a single case can be measured again."""
    try:
        said = json.loads((out / "results.json").read_text())
        return [_result(one) for one in said["results"] if one["case"] not in cases]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _result(said: dict) -> Result:
    return Result(**{**said, "rows": [_row(row) for row in said["rows"]]})


def _row(said: dict) -> Row:
    figures = {name: Figure(**said[name]) if said[name] else None for name in ("ours", "reference", "ratio")}
    aim = Aim(**said["bound"]) if said["bound"] else None
    plain = {name: value for name, value in said.items() if name not in ("met", "aim", "bound", *figures)}
    return Row(**plain, **figures, aim=aim)


def write(tree: Path, out: Path, results: Sequence[Result], quick: bool) -> str:
    """Writes results.json, table.md and performance.svg; answers the table with its heading."""
    out.mkdir(parents=True, exist_ok=True)
    said = {
        "machine": machine(),
        "commit": commit(tree),
        "quick": quick,
        "results": [
            {**asdict(result), "rows": [{**row.as_json(), "bound": asdict(row.aim) if row.aim else None} for row in result.rows]}
            for result in results
        ],
    }
    (out / "results.json").write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    text = heading(said) + "\n\n" + markdown(results)
    (out / "table.md").write_text(text)
    (out / "performance.svg").write_text(svg(results, _TITLE))
    return text


def heading(said: dict) -> str:
    """One paragraph: when, where, what."""
    about = said["machine"]
    days = sorted({result["when"][:16] for result in said["results"] if result["when"]})
    when = days[0] if len(days) < 2 else f"{days[0]} to {days[-1]}"
    return (
        f"Measured {when} UTC at commit {said['commit']} with `scripts/bench{' --quick' if said['quick'] else ''}`, profile `dist`, "
        f"on {about['cores']} cores of {about['processor']}, {about['system']} {about['kernel']}."
    )


def into_documents(tree: Path, out: Path, text: str) -> None:
    """Puts the table between its marks in docs/PERFORMANCE.md, and the plot beside it."""
    document = tree / "docs" / "PERFORMANCE.md"
    old = document.read_text()
    if _BEGIN not in old or _END not in old:
        raise SystemExit(f"{document}: the marks {_BEGIN} and {_END} are missing")
    before, rest = old.split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    picture = f"![{_TITLE}](performance.svg)"
    document.write_text(f"{before}{_BEGIN}\n{text.strip()}\n\n{picture}\n{_END}{after}")
    (tree / "docs" / "performance.svg").write_text((out / "performance.svg").read_text())

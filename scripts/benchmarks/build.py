"""Building the programs that are measured, in the profile `dist`, and finding them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

PROFILE = "dist"
# The route groups of the tree.
GROUPS = tuple(sorted(group.name for group in (Path(__file__).parents[2] / "crates" / "groups").iterdir()))


@dataclass(frozen=True)
class Program:
    """A binary or an example, and the package and features that it is built with."""

    package: str
    features: str | None = None
    is_example: bool = False


# A service is built with its own group alone, as its image is.
PROGRAMS: dict[str, Program] = {
    "monolith": Program("wealthos"),
    "gateway": Program("wealthos"),
    **{f"{group}_service": Program("wealthos", group) for group in GROUPS},
    "references": Program("references"),
    # Programs of the kernel that print figures themselves (`measuring`).
    "call_cost": Program("rpc", is_example=True),
    "hop_cost": Program("rpc", is_example=True),
    "commit_throughput": Program("store", is_example=True),
    "list_pages": Program("store", is_example=True),
    "mongodb_cost": Program("store", is_example=True),
    "wake_cost": Program("events", is_example=True),
}


def path_of(target: Path, name: str) -> Path:
    """Where cargo puts a program."""
    folder = target / PROFILE
    return folder / "examples" / name if PROGRAMS[name].is_example else folder / name


class BuildFailed(Exception):
    """Cargo could not build it."""


def target_directory(tree: Path) -> Path:
    """Where cargo builds: CARGO_TARGET_DIR counts."""
    said = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"],
        cwd=tree, check=True, stdout=subprocess.PIPE, text=True,
    )
    return Path(json.loads(said.stdout)["target_directory"])


def build(tree: Path, names: Iterable[str]) -> None:
    """Builds what is named, those with the same package and features together."""
    together: dict[Program, list[str]] = {}
    for name in sorted(set(names), key=list(PROGRAMS).index):
        together.setdefault(PROGRAMS[name], []).append(name)
    for program, binaries in together.items():
        command = ["cargo", "build", "--profile", PROFILE, "--locked", "--package", program.package]
        if program.is_example:
            # With the features of the shipped programs, so that their dependencies are not built once more.
            command += ["--package", "wealthos"]
        if program.features is not None:
            command += ["--no-default-features", "--features", program.features]
        for binary in binaries:
            command += ["--example" if program.is_example else "--bin", binary]
        print(f"bench: {' '.join(command)}", flush=True)
        if subprocess.run(command, cwd=tree, env=os.environ).returncode != 0:
            raise BuildFailed(f"cargo could not build {', '.join(binaries)}")

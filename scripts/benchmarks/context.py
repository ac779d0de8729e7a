"""What a case is given: how long to measure, what was built, folders of its own, and our programs as servers."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from . import build, install
from .measure import alternate
from .servers import Server, free_port


@dataclass
class Context:
    """One run of the benchmarks."""

    tree: Path
    target: Path
    out: Path
    quick: bool
    slow: bool = False
    _rooms: list[Path] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """How often each side is measured; its median is the figure."""
        return 3 if self.quick else 7

    @property
    def seconds(self) -> float:
        """How long one measurement takes."""
        return 2.0 if self.quick else 4.0

    def say(self, text: str) -> None:
        """Tells whoever watches."""
        print(f"bench: {text}", flush=True)

    def program(self, name: str) -> Path:
        """A built program."""
        return build.path_of(self.target, name)

    def room(self, name: str) -> Path:
        """A new folder on the disk of the builds, removed at the end of the run."""
        where = self.out / "rooms"
        where.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=where))
        self._rooms.append(room)
        return room

    def clean_up(self) -> None:
        """Removes the folders."""
        for room in self._rooms:
            shutil.rmtree(room, ignore_errors=True)
        self._rooms.clear()

    def ours(
        self,
        program: str,
        room: Path,
        *flags: object,
        name: str | None = None,
        workers: int = 0,
        log: str = "info",
        data: str = "data",
        environment: Mapping[str, str] | None = None,
        patience: float = 60.0,
    ) -> Server:
        """One of our programs, not started yet: rate limits off, its log in a file, its data in the room."""
        port = free_port()
        settings = {
            "METRICS_PORT": "0",
            "WEALTHOS__LIMITS__ENABLED": "false",
            "WEALTHOS__SERVER__WORKERS": str(workers),
            "WEALTHOS__LOG__LEVEL": log,
            **(environment or {}),
        }
        command = [self.program(program), "--host", "127.0.0.1", "--port", port, "--data-dir", room / data, *flags]
        return Server(name or program, command, port=port, folder=room, environment=settings, patience=patience)

    def reference(self, kind: str, room: Path, *flags: object, name: str | None = None) -> Server:
        """One of the bare servers of the package `references`, not started yet."""
        port = free_port()
        command = [self.program("references"), kind, "--port", port, *flags]
        return Server(name or f"bare-{kind}", command, port=port, folder=room)

    def fastapi(self) -> Path:
        """The Python of the FastAPI peer."""
        return install.fastapi(self.out / "peers")

    def fastify(self) -> tuple[Path, Path]:
        """The Node.js of the Fastify peer and its program."""
        return install.fastify(self.out / "peers")

    def alternate(self, sides: Mapping[str, object]) -> dict[str, list]:
        """Measures the sides in turn, once before it counts."""
        for warm in sides.values():
            warm()  # type: ignore[operator]
        return alternate(sides, self.rounds)  # type: ignore[arg-type]

"""The set-up of B1 and B2: ours and others that answer `GET /api/v1/clients/{id}` on the same data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Callable

from . import seed
from .context import Context
from .load import Load, sample
from .measure import Sample
from .servers import Server, free_port

CLIENTS = 300
WORKERS = 2
PEERS = Path(__file__).parent / "peers"


@dataclass
class Reading:
    """A running monolith with an advisor's book, and a room for the others."""

    context: Context
    server: Server
    advisor: seed.Advisor
    made: list[dict]

    @classmethod
    def start(cls, context: Context, sensitive: bool = True) -> Reading:
        """Starts ours and makes the data. Stop it with `server.stop()`."""
        room = context.room("ours")
        server = context.ours("monolith", room, workers=WORKERS, environment=seed.environment()).start()
        advisor = seed.Advisor.register(server)
        return cls(context, server, advisor, seed.clients(advisor, CLIENTS, sensitive))

    def database(self, room: Path) -> Path:
        """The same clients for the others."""
        return seed.reference_database(self.context, room, self.advisor, self.made)

    def bare(self) -> Server:
        """The hand-written actix-web server on the same data, not started yet."""
        room = self.context.room("bare")
        return self.context.reference(
            "clients", room, "--database", self.database(room), "--key", seed.FIELD_KEY, "--workers", WORKERS,
            "--jwt-secret", seed.JWT_SECRET, name="bare-actix",
        )

    def fastapi(self) -> Server:
        """The FastAPI peer on the same data, not started yet."""
        python = self.context.fastapi()
        tuned = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
        command = [python, "-m", "uvicorn", "server:app", "--app-dir", PEERS / "fastapi", *tuned]
        return self._peer("fastapi", lambda port: [*command, "--port", port, "--workers", WORKERS])

    def fastify(self) -> Server:
        """The Fastify peer on the same data, not started yet."""
        node, program = self.context.fastify()
        return self._peer("fastify", lambda port: [node, program, port, WORKERS])

    def _peer(self, name: str, command: Callable[[int], list]) -> Server:
        room, port = self.context.room(name), free_port()
        environment = {
            **seed.environment(),
            "FIELD_KEY": seed.FIELD_KEY,
            "DATABASE": str(self.database(room)),
            "NODE_ENV": "production",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return Server(name, command(port), port=port, folder=room, environment=environment)

    def paths(self) -> list[str]:
        """One for each client."""
        return [f"/api/v1/clients/{client['id']}" for client in self.made]

    def load(self, connections: int = 32) -> Load:
        """Every client in turn, as fast as it is answered."""
        return Load(self.paths(), connections=connections, seconds=self.context.seconds, headers=self.advisor.headers())

    def measure(self, server: Server, connections: int = 32) -> Callable[[], Sample]:
        """One measurement of one side, whenever it is called."""
        return lambda: sample(server, self.load(connections))

    def check_same(self, *servers: Server) -> None:
        """All answer the same client with the same values: a side that does less would be faster."""
        path = self.paths()[7]
        ours = _values(seed.call(self.server, "GET", path, token=self.advisor.token))
        for server in servers:
            theirs = _values(seed.call(server, "GET", path, token=self.advisor.token))
            if theirs != ours:
                raise seed.Refused(f"{server.name} answers something else: {theirs} instead of {ours}")


def _values(client: dict) -> dict:
    """The values, however a moment is written."""
    return {name: datetime.fromisoformat(value) if value and name.endswith("_at") else value for name, value in client.items()}

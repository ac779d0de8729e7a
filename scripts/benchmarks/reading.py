"""The set-up of B1 and B2: ours and others that answer `GET /api/v1/clients/{id}` on the same data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from . import seed
from .context import Context
from .load import Load, sample
from .measure import Sample
from .servers import Server

CLIENTS = 300
WORKERS = 2


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

    def bare(self, name: str = "bare-actix") -> Server:
        """The hand-written actix-web server on the same data, not started yet."""
        room = self.context.room("bare")
        database = seed.reference_database(self.context, room, self.advisor, self.made)
        server = self.context.reference(
            "clients", room, "--database", database, "--key", seed.FIELD_KEY, "--workers", WORKERS,
            "--jwt-secret", seed.JWT_SECRET, name=name,
        )
        return server

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
        ours = seed.call(self.server, "GET", path, token=self.advisor.token)
        for server in servers:
            theirs = seed.call(server, "GET", path, token=self.advisor.token)
            if theirs != ours:
                raise seed.Refused(f"{server.name} answers something else: {theirs} instead of {ours}")

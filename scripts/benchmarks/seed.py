"""The data: an advisor with clients, made through the real API, and the same clients for the references and peers."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from .context import Context
from .servers import Server

JWT_SECRET = "a signing secret of the benchmarks, long enough"
FIELD_KEY = "5a" * 32
_PASSWORD = "a long enough password"
_PROFILES = ("conservative", "moderate", "aggressive")


class Refused(Exception):
    """The API did not answer as it must."""


def environment() -> dict[str, str]:
    """The secrets that ours and the references share, so that they verify the very same token."""
    return {"JWT_SECRET": JWT_SECRET}


def call(server: Server, method: str, path: str, body: Any = None, token: str = "", headers: Mapping[str, str] | None = None) -> Any:
    """One request to our API; its JSON answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None
    finally:
        connection.close()


@dataclass
class Advisor:
    """Somebody who logs in at our API, again when the token grows old."""

    server: Server
    email: str
    token: str = ""
    tenant: str = ""
    user: str = ""
    _since: float = field(default=0.0, repr=False)

    @classmethod
    def register(cls, server: Server, email: str = "advisor@bench.example") -> Advisor:
        """A new advisor, logged in."""
        credentials = {"email": email, "password": _PASSWORD}
        call(server, "POST", "/api/auth/register", {**credentials, "name": "Asha Rao", "role": "advisor"})
        advisor = cls(server, email)
        advisor.log_in()
        return advisor

    def log_in(self) -> None:
        """A new token; tokens live for five minutes."""
        said = call(self.server, "POST", "/api/auth/login", {"email": self.email, "password": _PASSWORD})
        self.token = said["access_token"]
        claims = self.token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        self.tenant, self.user = read["tenant_id"], read["sub"]
        self._since = time.monotonic()

    def headers(self) -> dict[str, str]:
        """The header that proves who asks, good for at least two more minutes."""
        if time.monotonic() - self._since > 150:
            self.log_in()
        return {"Authorization": f"Bearer {self.token}"}

    def log_in_body(self) -> str:
        """What is sent to log in."""
        return json.dumps({"email": self.email, "password": _PASSWORD})

    def post(self, path: str, body: Any, key: str = "") -> Any:
        """One request as this advisor."""
        return call(self.server, "POST", path, body, self.token, {"Idempotency-Key": key} if key else None)

    def get(self, path: str) -> Any:
        """One request as this advisor."""
        return call(self.server, "GET", path, token=self.token)


def client_body(number: int, sensitive: bool = True) -> dict[str, Any]:
    """A client as a form would send it. E-mail, phone and tax number are those that are kept encrypted."""
    body: dict[str, Any] = {
        "client_name": f"Client {number:05} of the Book",
        "risk_profile": _PROFILES[number % 3],
        "total_assets": f"{number * 1234 % 9_000_000}.{number % 100:02}",
        "kyc_expiry_date": f"203{number % 10}-0{number % 9 + 1}-15",
    }
    if sensitive:
        body |= {"email": f"client{number}@example.com", "phone": f"+91 98{number:08}", "tax_id": f"ABCDE{number % 10000:04}F"}
    return body


def clients(advisor: Advisor, count: int, sensitive: bool = True) -> list[dict[str, Any]]:
    """New clients in the advisor's book, as the API answers them."""
    with ThreadPoolExecutor(16) as pool:
        made = pool.map(lambda number: advisor.post("/api/v1/clients", client_body(number, sensitive)), range(count))
        return list(made)


def reference_database(context: Context, room: Path, advisor: Advisor, made: list[dict[str, Any]]) -> Path:
    """The same clients in a database for the references and the peers, with the same fields encrypted."""
    text, database = room / "clients.json", room / "bare.sqlite"
    text.write_text(json.dumps(made))
    subprocess.run(
        [
            context.program("references"), "seed",
            *("--clients", text, "--tenant", advisor.tenant, "--database", database, "--key", FIELD_KEY),
        ],
        check=True,
    )
    return database

"""The FastAPI peer of B2: the same work as our `GET /api/v1/clients/{id}`, the way its documentation does it, tuned.

uvicorn with uvloop and httptools, a response model, the point read inline on a connection of the process.
"""

import json
import os
import sqlite3
import time
from base64 import urlsafe_b64decode
from datetime import date, datetime, timezone
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from prometheus_client import Counter
from pydantic import BaseModel

SECRET = os.environ["JWT_SECRET"]
CIPHER = AESGCM(bytes.fromhex(os.environ["FIELD_KEY"]))
ROUTE = "/api/v1/clients/{id}"
REQUESTS = Counter("http_requests", "Requests.", ["method", "route", "status"])

database = sqlite3.connect(os.environ["DATABASE"], check_same_thread=False, isolation_level=None)
app = FastAPI(openapi_url=None)


class Client(BaseModel):
    id: UUID
    client_name: str
    email: str | None
    total_assets: float
    risk_profile: str
    kyc_expiry_date: date | None
    currency: str
    phone: str | None
    tax_id: str | None
    address: str | None
    date_of_birth: date | None
    occupation: str | None
    annual_income: float | None
    jurisdiction: str
    tags: list[str]
    household_id: UUID | None
    last_contact_at: datetime | None
    user_id: UUID
    advisor_id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


class Caller(BaseModel):
    sub: UUID
    role: str
    tenant_id: UUID


async def caller(authorization: Annotated[str, Header()] = "") -> Caller:
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), SECRET, algorithms=["HS256"], audience="wealthos", issuer="wealthos",
            options={"require": ["exp", "nbf", "iss", "aud", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "log in first") from error
    return Caller.model_validate(claims)


def opened(client: str, field: str, sealed: str | None) -> str | None:
    if sealed is None:
        return None
    raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    return CIPHER.decrypt(raw[:12], raw[12:], f"clients/{client}/{field}".encode()).decode()


def may_see(who: Caller, tenant: UUID, body: dict) -> bool:
    if tenant != who.tenant_id:
        return False
    if who.role == "advisor":
        return body["advisor_id"] == str(who.sub)
    return who.role != "client" or body["user_id"] == str(who.sub)


@app.get(ROUTE)
async def get_client(id: UUID, who: Annotated[Caller, Depends(caller)], request: Request, response: Response) -> Client:
    request.scope["user_id"] = who.sub
    row = database.execute(
        "SELECT version, tenant_id, created_at, updated_at, body FROM clients WHERE id = ?", (id.bytes,)
    ).fetchone()
    body = json.loads(row[4]) if row else {}
    if row is None or not may_see(who, UUID(bytes=row[1]), body):
        raise HTTPException(404, "there is no such client")
    name = str(id)
    response.headers["etag"] = f'"{row[0]}"'
    return Client(
        id=id,
        version=row[0],
        created_at=datetime.fromtimestamp(row[2] / 1000, timezone.utc),
        updated_at=datetime.fromtimestamp(row[3] / 1000, timezone.utc),
        **{**body, **{field: opened(name, field, body[field]) for field in ("email", "phone", "tax_id")}},
    )


@app.get("/ready")
async def ready() -> None:
    return None


class LogLines:
    """One JSON line and a count for each request, as plain ASGI: the cheapest way that there is."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = str(uuid4())
        status, size = 500, 0

        async def watched(message):
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            else:
                size += len(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, watched)
        REQUESTS.labels(scope["method"], ROUTE, status).inc()
        line = {
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "level": "INFO",
            "logger": "fastapi",
            "message": "request",
            "method": scope["method"],
            "route": ROUTE,
            "path": scope["path"],
            "status": status,
            "duration_ms": round((time.perf_counter() - began) * 1000, 3),
            "bytes": size,
            "request_id": request_id,
            "user_id": str(scope.get("user_id")),
        }
        os.write(2, json.dumps(line).encode() + b"\n")


app.add_middleware(LogLines)

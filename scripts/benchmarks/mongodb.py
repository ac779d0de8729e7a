"""A MongoDB server for the cases that need one."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from .context import Context


@contextmanager
def server(context: Context) -> Iterator[str]:
    """The address of the server at TEST_MONGODB_URI, or of one that `scripts/mongodb-for-tests` runs; that one is stopped
    again unless it ran before."""
    named = os.environ.get("TEST_MONGODB_URI")
    if named:
        yield named
        return
    script = context.tree / "scripts" / "mongodb-for-tests"
    ran = subprocess.run([script, "status"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    said = subprocess.run([script, "start"], check=True, stdout=subprocess.PIPE, text=True).stdout
    try:
        yield said.strip().removeprefix("TEST_MONGODB_URI=")
    finally:
        if not ran:
            subprocess.run([script, "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def client_python() -> Path | None:
    """A Python that has pymongo: the one of the server that `scripts/mongodb-for-tests` installs, if it is there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return next(iter(sorted((cache / "wealthos").glob("secantusdb-*/bin/python"))), None)


_STAMPS = """
import json, sys
from pymongo import MongoClient
database = MongoClient(sys.argv[1], uuidRepresentation="standard", directConnection=True).get_default_database()
told = {row["data"]["client_id"]: row["time"] for row in database["advisory.outbox"].find({"type": "client.created"})}
heard = {str(row["_id"]): row["created_at"] for row in database["book_links"].find()}
print(json.dumps([{str(key): at.timestamp() * 1000 for key, at in one.items()} for one in (told, heard)]))
"""


def stamps(python: Path, url: str) -> tuple[dict[str, float], dict[str, float]]:
    """When each client was told of, and when each link to a book was made, in milliseconds."""
    said = subprocess.run([python, "-c", _STAMPS, url], check=True, stdout=subprocess.PIPE, text=True).stdout
    told, heard = json.loads(said)
    return told, heard

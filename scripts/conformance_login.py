"""Hooks for schemathesis.

Links what a POST makes to the operations on it, so that the stateful phase reads, changes and deletes what is there and
not only what is not.

Logs in: a fresh log-in before tokens expire and after every 401, since what is tested includes
logging out, ending sessions and changing passwords."""

import json
import os
import re
import urllib.error
import urllib.request
import uuid

import schemathesis

URL = os.environ["WEALTHOS_URL"]
PASSWORD = "wealthos-demo"
# Seconds; an access token lives up to five minutes.
REFRESH = 50


def post(path, body):
    request = urllib.request.Request(
        URL + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def log_in(email):
    return post("/api/auth/login", {"email": email, "password": PASSWORD})["access_token"]


def new_advisor():
    email = f"advisor-{uuid.uuid4().hex}@conformance.example"
    post("/api/auth/register", {"email": email, "password": PASSWORD, "name": "Conformance", "role": "advisor"})
    return log_in(email)


def admin():
    """The administrator of the demo data, unless the tests have changed them."""
    try:
        return log_in("admin@demo.example")
    except urllib.error.HTTPError:
        return new_advisor()


def is_for_admins(case, _context):
    path = case.operation.path
    return any(part in path for part in ("/infrastructure/", "/admin/", "/roles", "/rbac", "/users"))


def links(document, path):
    """From the answer of `POST path` to the operations at `path/{…}`, `path/{…}/history` and so on."""
    found = {}
    for place, operations in document["paths"].items():
        names = re.findall(r"{([^}]+)}", place)
        if not names or not re.sub(r"{[^}]+}", "{}", place).startswith(path + "/{}"):
            continue
        # Of several ids in a path the last is that of what was made; the others stand in it by their name.
        values = {name: f"$response.body#/{name}" for name in names[:-1]} | {names[-1]: "$response.body#/id"}
        for method, operation in operations.items():
            if method in ("get", "put", "patch", "delete", "post"):
                found[operation["operationId"]] = {
                    "operationId": operation["operationId"],
                    "parameters": {f"path.{name}": value for name, value in values.items()},
                }
    return found


@schemathesis.hook
def before_load_schema(_context, document):
    for path, operations in document["paths"].items():
        for status in ("200", "201"):
            answer = operations.get("post", {}).get("responses", {}).get(status)
            if answer is not None and (found := links(document, path)):
                answer.setdefault("links", {}).update(found)


@schemathesis.auth(refresh_interval=REFRESH, cache_by_key=is_for_admins, retry_on=[401])
class LogIn:
    """A token of an administrator where only those get further, of a new advisor elsewhere."""

    def get(self, case, context):
        return admin() if is_for_admins(case, context) else new_advisor()

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

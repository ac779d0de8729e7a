"""Logs in for schemathesis: a fresh log-in before tokens expire and after every 401, since what is tested includes
logging out, ending sessions and changing passwords."""

import json
import os
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


@schemathesis.auth(refresh_interval=REFRESH, cache_by_key=is_for_admins, retry_on=[401])
class LogIn:
    """A token of an administrator where only those get further, of a new advisor elsewhere."""

    def get(self, case, context):
        return admin() if is_for_admins(case, context) else new_advisor()

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

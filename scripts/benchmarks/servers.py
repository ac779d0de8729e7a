"""Starting servers on free ports, waiting until they are ready, and stopping them whatever happens."""

from __future__ import annotations

import atexit
import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Mapping, Sequence

_running: list[Server] = []


class ServerFailed(Exception):
    """A server did not become ready, or ended."""


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A process that listens on `port`. Use it in a `with` block: it is stopped at its end."""

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        *,
        port: int,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        ready: str | None = "/ready",
        patience: float = 60.0,
    ):
        """`ready` is the path that answers 200 once it is ready; None waits for the port to open."""
        self.name = name
        self.command = [str(part) for part in command]
        self.port = port
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._environment = {**os.environ, **(environment or {})}
        self._ready = ready
        self._patience = patience
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process; the threads and children are found from it."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._process.pid

    def start(self) -> Server:
        """Starts it and waits until it is ready."""
        self.launch()
        self.wait_until_ready()
        return self

    def launch(self) -> Server:
        """Starts it and does not wait. In a folder of its own, so that no settings file has a say."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own, so that signals reach all of it, in our session: Linux shares processors out between
                # sessions first, and what waits for the load generator's turn is not the server's doing.
                process_group=0,
            )
        _running.append(self)
        return self

    def wait_until_ready(self, pause: float = 0.05) -> None:
        """Returns when it is ready; fails when it ends or takes too long."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                status = None if self._process is None else self._process.returncode
                self.stop()
                raise ServerFailed(f"{self.name} ended with status {status}: {self.last_words()}")
            if self.is_ready():
                return
            time.sleep(pause)
        self.stop()
        raise ServerFailed(f"{self.name} was not ready after {self._patience:.0f} s: {self.last_words()}")

    def is_ready(self) -> bool:
        """Whether it says so."""
        try:
            if self._ready is None:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return True
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            try:
                connection.request("GET", self._ready)
                return connection.getresponse().status == 200
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        """Asks it to stop, and makes it stop when it does not. Does nothing when it is not running."""
        process, self._process = self._process, None
        if self in _running:
            _running.remove(self)
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
        # Whoever is left in its session: workers that did not notice.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def last_words(self, lines: int = 5) -> str:
        """The end of its log, for a message."""
        try:
            return " | ".join(self.log.read_text(errors="replace").splitlines()[-lines:])[-1500:]
        except OSError:
            return "no log"

    def forget_log(self) -> None:
        """Empties the log: it grows by a line for each request."""
        with self.log.open("r+b") as log:
            log.truncate(0)

    def __enter__(self) -> Server:
        if self._process is None:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@atexit.register
def stop_all() -> None:
    """Stops whatever still runs."""
    for server in list(_running):
        server.stop()

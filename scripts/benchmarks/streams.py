"""How long the first byte of a stream takes, and whether anything holds it back."""

from __future__ import annotations

import socket
import time

from .servers import Server

_WEBSOCKET = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


class StreamFailed(Exception):
    """The stream was not opened as it must be."""


def first_byte(server: Server, path: str, *, websocket: bool, patience: float = 10.0) -> float:
    """Milliseconds from the request on an open connection to the first byte behind the head of the answer."""
    wanted = b"HTTP/1.1 101" if websocket else b"HTTP/1.1 200"
    with socket.create_connection(("127.0.0.1", server.port), timeout=patience) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        extra = _WEBSOCKET if websocket else "Accept: text/event-stream\r\n"
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode()
        began = time.perf_counter()
        connection.sendall(request)
        answer = b""
        while not _has_body(answer):
            part = connection.recv(65536)
            if not part:
                raise StreamFailed(f"{server.name} closed the stream: {answer[:200]!r}")
            answer += part
        took = (time.perf_counter() - began) * 1000
    if not answer.startswith(wanted):
        raise StreamFailed(f"{server.name} answered {answer[:200]!r}")
    return took


def _has_body(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    return bool(end) and bool(body)

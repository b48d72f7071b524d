"""The plugin's half of the executor protocol (see the README). Knows nothing of LocalStack."""

import base64
import binascii
import contextlib
import json
import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

CONNECT_SECONDS = 5
# An answer of 6 MB as base64, and a megabyte of logs.
ANSWER_LIMIT = 12 * 1024 * 1024


class Misconfigured(Exception):
    """The variables that the plugin needs are not there or wrong."""


class Unavailable(Exception):
    """The platform did not run the function; the message is for whoever invoked it."""


class Refused(Exception):
    """What Lambda itself answers to this invocation: an error of AWS's, with its code and HTTP status."""

    def __init__(self, code: str, message: str, status: int):
        super().__init__(message)
        self.code = code
        self.status = status
        # A throttle, or a fault that is not the caller's.
        self.passes = status == 429 or status >= 500


@dataclass(frozen=True)
class Answer:
    payload: bytes
    is_error: bool
    logs: str


class Platform:
    """Lambda Range, at an address. Each request has a connection of its own and an end in time."""

    def __init__(self, url: str, token: str):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Misconfigured("LAMBDA_RANGE_URL is not an http or https address.")
        if not token:
            raise Misconfigured("LAMBDA_RANGE_EXECUTOR_TOKEN is not set.")
        self._connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._address = (parts.hostname, parts.port)
        self._base = parts.path.rstrip("/")
        self._token = token

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Platform":
        """:raises Misconfigured: saying which variable is missing"""
        if not environment.get("LAMBDA_RANGE_URL"):
            raise Misconfigured("LAMBDA_RANGE_URL is not set.")
        return cls(environment["LAMBDA_RANGE_URL"], environment.get("LAMBDA_RANGE_EXECUTOR_TOKEN", ""))

    def invoke(self, call: dict, seconds: float) -> Answer:
        """Runs a function version.

        :param call: the members of the request, with the event as base64
        :param seconds: until when there must be an answer
        :raises Unavailable: where there is none
        :raises Refused: where Lambda would refuse
        """
        status, body = self._post("invoke", call, seconds)
        try:
            answer = json.loads(body)
            if status == 200:
                return Answer(
                    payload=base64.b64decode(answer["payload"], validate=True),
                    is_error=answer["functionError"] is not None,
                    logs=base64.b64decode(answer["logs"], validate=True).decode("utf-8", "replace"),
                )
            message = answer["message"]
            code = answer.get("code")
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise Unavailable(f"Lambda Range gave no answer that can be read (HTTP status {status}).") from None
        if code:
            raise Refused(code, message, status)
        raise Unavailable(f"Lambda Range did not run the function: {message}")

    def discard(self, version: dict, seconds: float = CONNECT_SECONDS) -> None:
        """Says that a version is not any more.

        :raises Unavailable: where nobody heard it
        """
        status, _ = self._post("discard", version, seconds)
        if status != 200:
            raise Unavailable(f"Lambda Range answered HTTP status {status}.")

    def _post(self, action: str, members: dict, seconds: float) -> tuple[int, bytes]:
        connection = self._connection(*self._address, timeout=min(seconds, CONNECT_SECONDS))
        opened: list[socket.socket] = []
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            for each in opened:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        # A socket's own timeout starts again with every byte, so it is only what holds until this one does.
        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        try:
            timer.start()
            connection.connect()
            opened.append(connection.sock)
            connection.sock.settimeout(seconds)
            connection.request(
                "POST",
                f"{self._base}/_range/executor/{action}",
                body=json.dumps(members).encode(),
                headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
            )
            response = connection.getresponse()
            body = response.read(ANSWER_LIMIT + 1)
        except (OSError, HTTPException) as error:
            # Once connected, the socket's own timeout may be a moment ahead of the timer.
            if expired.is_set() or (opened and isinstance(error, TimeoutError)):
                raise Unavailable(f"Lambda Range did not answer within {seconds:g} seconds.") from error
            raise Unavailable("Lambda Range cannot be reached.") from error
        finally:
            timer.cancel()
            connection.close()
        if expired.is_set():
            raise Unavailable(f"Lambda Range did not answer within {seconds:g} seconds.")
        if len(body) > ANSWER_LIMIT:
            raise Unavailable(f"Lambda Range answered more than {ANSWER_LIMIT} bytes.")
        return response.status, body

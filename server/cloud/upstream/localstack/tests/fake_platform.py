"""Lambda Range's half of the protocol, on loopback: remembers what it was asked, answers what a test says."""

import base64
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "a-token-of-these-tests"


def answer(value, *, error=False, logs="") -> tuple[int, bytes]:
    """An answer to an invocation."""
    body = {
        "payload": base64.b64encode(json.dumps(value).encode()).decode(),
        "functionError": "Unhandled" if error else None,
        "logs": base64.b64encode(logs.encode()).decode(),
    }
    return 200, json.dumps(body).encode()


class FakePlatform:
    """Use as a context manager."""

    def __init__(self, respond=lambda action, body: answer(None)):
        self.respond = respond
        self.calls: list[tuple[str, dict]] = []
        self._heard = threading.Condition()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.headers["authorization"] != f"Bearer {TOKEN}":
                    status, payload = 401, b'{"message":"The executor token is missing or wrong."}'
                else:
                    action = self.path.removeprefix("/_range/executor/")
                    with platform._heard:
                        platform.calls.append((action, body))
                        platform._heard.notify_all()
                    status, payload = platform.respond(action, body)
                # Some clients do not wait for the end.
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    self.send_header("content-length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)

            def log_message(self, *args):
                """Not into the tests' output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakePlatform":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, action: str, wanted) -> dict:
        """The first call that `wanted` is true of, now or later."""
        return self.wait_for_all(action, 1, wanted)[0]

    def wait_for_all(self, action: str, count: int, wanted) -> list[dict]:
        """The first calls that `wanted` is true of."""

        def found():
            return [body for name, body in self.calls if name == action and wanted(body)][:count]

        with self._heard:
            if not self._heard.wait_for(lambda: len(found()) == count, 30):
                raise AssertionError(f"no such {action} came; there were {self.calls}")
            return found()


def event_of(body: dict):
    """The event that an invocation carries."""
    return json.loads(base64.b64decode(body["payload"]))

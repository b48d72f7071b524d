"""Lambda's side of the Runtime API for Python: initialise, then ask for the next event, run the handler, answer.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

import base64
import decimal
import json
import os
import sys

from _lambda_range import clock, logs, network
from _lambda_range.client import RuntimeApi
from _lambda_range.context import LambdaContext
from _lambda_range.handler import Fault, describe, load

API = "/2018-06-01/runtime"
_dumps, _loads, _exit = json.dumps, json.loads, os._exit


class Runtime:
    def __init__(self):
        self.api = RuntimeApi("127.0.0.1:9001")
        self.request_id = None
        _, _, body = self.api.request("GET", "/range/start")
        start = _loads(body)
        if "LC_CTYPE" not in start["variables"]:
            os.environ.pop("LC_CTYPE", None)  # Python's own, where the machine lacks the locale
        self.json_logs = start["logFormat"] == "JSON"
        self.frames = logs.Frames(3)
        clock.set_offset(start["clockOffset"], at_start=True, moves=start.get("clockMoves", False))
        logs.set_up(self.frames, self.json_logs, start.get("logLevel"), lambda: self.request_id)
        if start["network"]:
            network.patch_connect()

    def run(self):
        try:
            handler = load(os.environ.get("_HANDLER", ""))
        except Exception as error:
            self.fail(f"{API}/init/error", describe(error, ""))
            _exit(1)
        while True:
            self.next(handler)

    def next(self, handler):
        self.request_id = None
        status, headers, body = self.api.request("GET", f"{API}/invocation/next")
        if status != 200:
            _exit(0)
        clock.set_offset(int(headers.get("lambda-range-clock-offset", "0")))
        self.request_id = request_id = headers["lambda-runtime-aws-request-id"]
        if "lambda-runtime-trace-id" in headers:
            os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        given = headers.get("lambda-runtime-client-context")
        context = LambdaContext(
            request_id,
            headers["lambda-runtime-invoked-function-arn"],
            int(headers["lambda-runtime-deadline-ms"]),
            base64.b64decode(given).decode() if given else None,
            self.frames.write,
        )
        try:
            answer = to_json(handler(from_json(body), context))
        except Exception as error:
            flush()
            return self.fail(f"{API}/invocation/{request_id}/error", describe(error, request_id))
        flush()
        self.api.request(
            "POST", f"{API}/invocation/{request_id}/response", answer, [("Content-Type", "application/json")]
        )

    def fail(self, path, error):
        logs.log_error(self.frames, self.json_logs, error)
        kind = "".join(c if " " <= c <= "~" else "?" for c in error["errorType"])
        headers = [("Content-Type", "application/json"), ("Lambda-Runtime-Function-Error-Type", kind)]
        self.api.request("POST", path, _dumps(error).encode(), headers)


def from_json(body):
    try:
        return _loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def to_json(value):
    def other(item):
        if isinstance(item, decimal.Decimal):
            return float(item)
        raise TypeError(f"Object of type {type(item).__name__} is not JSON serializable")

    try:
        return _dumps(value, default=other).encode()
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the function's own to close


def set_path():
    """sys.path as Lambda's: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath"""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    sys.path.remove("/var/runtime/python")
    layers = [f"/opt/python/lib/{version}/site-packages", "/opt/python"]
    task = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    sys.path[:] = [task, *layers, *sys.path, f"/var/lang/lib/{version}/site-packages"]


def add_builtins():
    """What `site` would have added: it is left out, as it would bring this machine's packages along."""
    import site

    site.setquit()
    site.setcopyright()
    site.sethelper()


set_path()
add_builtins()
Runtime().run()

"""The root logger in Lambda's format, one frame per record on a descriptor of its own, so that a record of many lines
stays one log event. What is printed goes to stdout and is an event a line.
Format: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html"""

import json
import logging
import os
import struct
import time
import traceback

_MAGIC = 0xA55A0003
_gmtime = time.gmtime
_write = os.write
_LEVELS = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}
_USUAL = set(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "aws_request_id", "taskName"}


class Frames:
    def __init__(self, descriptor):
        self.descriptor = descriptor

    def write(self, text):
        data = text.encode("utf-8", "backslashreplace")
        frame = memoryview(struct.pack(">II", _MAGIC, len(data)) + data)
        while frame:
            try:
                frame = frame[_write(self.descriptor, frame) :]
            except OSError:
                return


class _Handler(logging.Handler):
    def __init__(self, frames):
        super().__init__()
        self.frames = frames

    def emit(self, record):
        self.frames.write(self.format(record))


class _RequestId(logging.Filter):
    def __init__(self, current):
        super().__init__()
        self.current = current

    def filter(self, record):
        record.aws_request_id = self.current() or ""
        return True


class _Json(logging.Formatter):
    converter = staticmethod(lambda seconds: _gmtime(seconds))

    def format(self, record):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", _gmtime(record.created))
        entry = {
            "timestamp": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, value, trace = record.exc_info
            entry["stackTrace"] = traceback.format_tb(trace)
            entry["errorType"] = kind.__name__
            entry["errorMessage"] = str(value)
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        if record.aws_request_id:
            entry["requestId"] = record.aws_request_id
        for name, value in record.__dict__.items():
            if name not in _USUAL and name not in entry:
                entry[name] = value
        return json.dumps(entry, ensure_ascii=False, default=str)


def set_up(frames, as_json, level, current):
    """Gives the root logger its handler. `current`: the running invocation's id."""
    root = logging.getLogger()
    handler = _Handler(frames)
    handler.addFilter(_RequestId(current))
    if as_json:
        handler.setFormatter(_Json())
        root.setLevel(_LEVELS.get(level, level or "INFO"))
    else:
        text = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
        text.converter = lambda seconds: _gmtime(seconds)
        handler.setFormatter(text)
    root.addHandler(handler)


def log_error(frames, as_json, error):
    """The log entry of an error that reached the runtime."""
    if as_json:
        now = time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", _gmtime(now))
        entry = {"timestamp": f"{at}.{int(now * 1000) % 1000:03d}Z", "log_level": "ERROR", **error}
        return frames.write(json.dumps(entry, ensure_ascii=False))
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}" if error["errorMessage"] else f"[ERROR] {error['errorType']}"]
    if error.get("stackTrace"):
        lines.append("Traceback (most recent call last):")
        for frame in error["stackTrace"]:
            lines.extend(frame.splitlines())
    frames.write("\n".join(lines))

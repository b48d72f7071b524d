"""Finds the handler, and describes what goes wrong in Lambda's wording.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html"""

import importlib
import sys
import traceback


class Fault(Exception):
    """An error of the runtime's own naming."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


def load(name):
    """The function that `module.function` names; the module may lie in folders, with slashes or dots between."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot or not module_name:
        raise Fault(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text or ""}'
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [where]) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        ) from None


def describe(error, request_id):
    """The error JSON that callers get: without the runtime's own frames."""
    if isinstance(error, Fault):
        kind, frames = error.kind, error.trace
    else:
        kind = type(error).__name__
        walked = traceback.extract_tb(error.__traceback__)
        first = next((i for i, frame in enumerate(walked) if not _is_ours(frame.filename)), len(walked))
        frames = traceback.format_list(walked[first:])
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": frames}


def _is_ours(file):
    return file.startswith("/var/runtime/python/") or "importlib" in file

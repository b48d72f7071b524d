"""The cloud's clock. Wall clocks and monotonic clocks jump together, so that a cache that counts with `monotonic` ages
like one that counts with `time`. A live account's clock is the machine's, and nothing is patched there.
differs from AWS: waits that are pending while the clock is moved end by real time; child processes see real time."""

import datetime
import time

real_time = time.time
_real = {name: getattr(time, name) for name in dir(time) if not name.startswith("_")}
_WALL = {getattr(time, name) for name in ("CLOCK_REALTIME", "CLOCK_TAI") if hasattr(time, name)}
_CPU = {getattr(time, name) for name in ("CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID") if hasattr(time, name)}
_offset = 0  # milliseconds
_first = 0
_patched = False


def set_offset(milliseconds, at_start=False, moves=False):
    """Moves this process's clock to real time + milliseconds. `moves`: it may be moved later, so be ready for it."""
    global _offset, _first
    if at_start:
        _first = milliseconds
    _offset = milliseconds
    if (moves or milliseconds) and not _patched:
        _patch()


def _now():
    return real_time() + _offset / 1000


def _patch():
    global _patched
    _patched = True

    def wall(name):
        real = _real[name]
        return (lambda: real() + _offset * 1_000_000) if name.endswith("_ns") else (lambda: real() + _offset / 1000)

    def steady(name):
        real = _real[name]
        if name.endswith("_ns"):
            return lambda: real() + (_offset - _first) * 1_000_000
        return lambda: real() + (_offset - _first) / 1000

    def of_seconds(name):
        real = _real[name]
        return lambda seconds=None, /: real(_now() if seconds is None else seconds)

    def moved(clock):
        return 0 if clock in _CPU else _offset if clock in _WALL else _offset - _first

    def strftime(format, t=None, /):
        return _real["strftime"](format, _real["localtime"](_now()) if t is None else t)

    def asctime(t=None, /):
        return _real["asctime"](_real["localtime"](_now()) if t is None else t)

    replacements = {
        **{name: wall(name) for name in ("time", "time_ns")},
        **{name: steady(name) for name in ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")},
        **{name: of_seconds(name) for name in ("gmtime", "localtime", "ctime")},
        "strftime": strftime,
        "asctime": asctime,
        "clock_gettime": lambda clock, /: _real["clock_gettime"](clock) + moved(clock) / 1000,
        "clock_gettime_ns": lambda clock, /: _real["clock_gettime_ns"](clock) + moved(clock) * 1_000_000,
    }
    for name, function in replacements.items():
        function.__name__ = function.__qualname__ = name
        function.__module__ = "time"
        setattr(time, name, function)
    _patch_datetime()


def _patch_datetime():
    """`today` asks time.time(); `now` and `utcnow` ask the kernel. They are replaced in the type itself, which keeps it
    the one and only datetime for whoever has imported it, for isinstance, for pickle and for extensions."""
    try:
        import ctypes
        import gc
    except ImportError:
        return  # a Python that was built without ctypes shows real time there

    def now(cls, tz=None):
        """Returns new datetime object representing current time local to tz."""
        return cls.fromtimestamp(_now(), tz)

    def utcnow(cls):
        """Return a new datetime representing UTC day and time."""
        return cls.fromtimestamp(_now(), datetime.timezone.utc).replace(tzinfo=None)

    for function in (now, utcnow):
        for namespace in gc.get_referents(datetime.datetime.__dict__):
            if type(namespace) is dict:
                namespace[function.__name__] = classmethod(function)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))

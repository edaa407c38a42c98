"""A limit on the time that an expression takes. A form is data, and data must not be able to stop the clinic."""

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LIMIT_SECONDS = 0.5
_LOOK_SECONDS = 0.05


class TooSlowError(Exception):
    """The time is up."""


@dataclass(slots=True)
class _Watch:
    lock: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    owner: int | None = None
    ends: float = 0.0
    has_fired: bool = False
    wakes: threading.Event = field(default_factory=threading.Event)


_watch = _Watch()


def _look() -> None:
    """The watchman: sleeps while nothing runs, and raises TooSlowError in the thread that runs for too long."""
    while True:
        _watch.wakes.wait()
        time.sleep(_LOOK_SECONDS)
        with _watch.lock:
            if _watch.owner is None:
                _watch.wakes.clear()
            elif time.monotonic() > _watch.ends and not _watch.has_fired:
                _watch.has_fired = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(_watch.owner), ctypes.py_object(TooSlowError))


def _begin() -> None:
    with _watch.lock:
        if _watch.thread is None or not _watch.thread.is_alive():  # a fork keeps no thread
            _watch.thread = threading.Thread(target=_look, name="expression-watch", daemon=True)
            _watch.thread.start()
        _watch.owner, _watch.ends = threading.get_ident(), time.monotonic() + LIMIT_SECONDS
        _watch.has_fired = False
        _watch.wakes.set()


def _end() -> None:
    with _watch.lock:
        owner, _watch.owner = _watch.owner, None
        if _watch.has_fired and owner is not None:
            # It may have been raised already or be about to be: take it back, so that it meets nobody else.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(owner), None)


@contextmanager
def bounded() -> Iterator[None]:
    """Run at most LIMIT_SECONDS; TooSlowError otherwise. One at a time: the caller holds a lock around it."""
    _begin()
    try:
        yield
    finally:
        _end()

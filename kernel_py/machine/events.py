# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""From interrupts to Python: one thread takes events and calls who asked for them.

Handlers run in that thread, not in the interrupt: they may do all that Python may.  While one
runs the next waits, so a handler should be short.  What a handler raises is logged.
"""

import heapq
import itertools
import time
from _thread import allocate_lock, get_ident

import _vhal

_lock = allocate_lock()
_calls = {}  # source → function of (value, time_ns)
_timed = []  # heap of [end, number, function]; function None: taken back
_numbers = itertools.count()
_thread = None  # that serves


def on(begin, call):
    """Begins a source, and has call(value, time_ns) called for each event of it.

    begin() -> source: lets the events come.  None is taken from the queue before call is known.
    """
    with _lock:
        source = begin()
        _calls[source] = call
    _start()
    return source


def off(source):
    """Forgets a source.  A call that is under way ends."""
    with _lock:
        _calls.pop(source, None)


def at(end, call):
    """Has call() called when time.monotonic() is `end`; returns an entry for cancel()."""
    entry = [end, next(_numbers), call]
    with _lock:
        heapq.heappush(_timed, entry)
        first = _timed[0] is entry
    _start()
    if first:
        _vhal.event_wake()
    return entry


def cancel(entry):
    """Takes back what at() was told.  Once is enough; later it does nothing."""
    with _lock:
        entry[2] = None


def _start():
    global _thread
    with _lock:
        if _thread is not None and _thread.is_alive():
            return
        import threading

        _thread = threading.Thread(target=_serve, name="interrupts", daemon=True)
        _thread.start()


def stop():
    """Ends the thread, for who wants to wait for events itself.  on() and at() start another."""
    global _thread
    with _lock:
        thread, _thread = _thread, None
    if thread is not None and thread.ident != get_ident():
        _vhal.event_wake()
        thread.join(5)


def _report(call, error):
    from kernel import log

    name = getattr(call, "__qualname__", repr(call))
    log.exception(f"machine: handler {name}: {type(error).__name__}: {error}", error)


def _serve():
    import _vosal

    _vosal.thread_name("interrupts")
    while (thread := _thread) is not None and thread.ident == get_ident():
        due = None
        wait = None
        with _lock:
            while _timed and _timed[0][2] is None:
                heapq.heappop(_timed)
            if _timed:
                wait = max(0.0, _timed[0][0] - time.monotonic())
                if wait == 0:
                    due = heapq.heappop(_timed)[2]
        if due is not None:
            try:
                due()
            except BaseException as error:
                _report(due, error)
            wait = 0
        event = _vhal.event_wait(wait)
        if event is None:
            continue
        source, value, stamp = event
        with _lock:
            call = _calls.get(source)
        if call is not None:
            try:
                call(value, stamp)
            except BaseException as error:
                _report(call, error)

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What this package has called by the interrupt thread: see kernel.interrupts.

Handlers run in that thread, not in the interrupt: they may do all that Python may.  While one
runs the next waits, so a handler should be short.  What a handler raises is logged.
"""

import heapq
import itertools
import time
from _thread import allocate_lock

import _vosal

from kernel import interrupts

_lock = allocate_lock()
_timed = []  # heap of [end, number, function]; function None: taken back
_numbers = itertools.count()
_source = None  # that tells when the first is due
_timer = None
_ringing = False  # what is due is being called, and the rest of it will be asked for after that


def on(begin, call):
    """Begins a source, and has call(value, time_ns) called for each event of it.

    begin() -> source: lets the events come.  None is lost before call is known.
    """

    def handler(event):
        call(event.value, event.time_ns)

    handler.__qualname__ = getattr(call, "__qualname__", repr(call))
    return interrupts.begin(begin, handler)


def off(source):
    """Forgets a source.  A call that is under way ends."""
    interrupts.forget(source)


def at(end, call):
    """Has call() called when time.monotonic() is `end`; returns an entry for cancel()."""
    global _source, _timer
    if _source is None:
        source = _vosal.Interrupt("machine")
        interrupts.attach(source, _ring)
        _timer, _source = _vosal.Timer(source), source
    interrupts.start()
    entry = [end, next(_numbers), call]
    with _lock:
        heapq.heappush(_timed, entry)
        if _timed[0] is entry and not _ringing:
            _arm(end)
    return entry


def cancel(entry):
    """Takes back what at() was told.  Once is enough; later it does nothing."""
    with _lock:
        entry[2] = None
        # What it would call must not be kept until it would have been due: that may be days.
        if entry in _timed:
            _timed.remove(entry)
            heapq.heapify(_timed)


# Seconds that the interrupt thread, more urgent than all others, leaves to them at least: what is
# due more often than the machine can serve it must not be all that it does.
PAUSE = 0.0005


def _arm(end, pause=0.0):
    """Sees to it that _ring() is called when `end` has come.  The lock is held."""
    delay = max(end - time.monotonic(), pause)
    if delay > 0:
        _timer.start(delay)
    else:
        _source.post()


def _ring(event):
    """Calls all that are due now; what they ask for has to wait."""
    global _ringing
    due = []
    now = time.monotonic()
    with _lock:
        _ringing = True
        while _timed and (_timed[0][2] is None or _timed[0][0] <= now):
            due.append(heapq.heappop(_timed))
    for entry in due:
        if entry[2] is not None:
            interrupts.call(_source, entry[2])
    with _lock:
        _ringing = False
        if _timed:
            _arm(_timed[0][0], PAUSE)

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Timer: calls a function later, once or over and over."""

import time

from . import events


class Timer:
    """Timer(id=-1, *, mode=Timer.PERIODIC, freq=-1, period=-1, callback=None)

    All timers are virtual: any id will do.  period: milliseconds; freq: Hz, instead of it.
    callback(timer) runs in the thread of interrupt handlers.  A call that comes late does not
    move the next ones; those that are missed are not made up for.
    """

    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, id=-1, **settings):
        self.id = id
        self._run = None  # what is running: another after each init()
        self._entry = None
        if settings:
            self.init(**settings)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None, hard=False):
        """Starts it."""
        if mode not in (self.ONE_SHOT, self.PERIODIC):
            raise ValueError("mode must be Timer.ONE_SHOT or Timer.PERIODIC")
        if freq != -1:
            if not 0 < freq <= 100000:
                raise ValueError(f"freq must be above 0 and at most 100000 Hz, not {freq}")
            seconds = 1 / freq
        else:
            if not 0 < period <= 1 << 40:
                raise ValueError(f"period must be above 0 ms, not {period}")
            seconds = period / 1000
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable or None")
        self.deinit()
        self._mode, self._seconds, self._callback = mode, seconds, callback
        self._next = time.monotonic() + seconds
        run = self._run = object()
        self._entry = events.at(self._next, lambda: self._due(run))

    def deinit(self):
        """Stops it."""
        self._run = None
        entry, self._entry = self._entry, None
        if entry is not None:
            events.cancel(entry)

    def _due(self, run):
        if self._run is not run:
            return
        if self._mode == self.PERIODIC:
            missed = (time.monotonic() - self._next) // self._seconds
            self._next += self._seconds * (1 + max(0, missed))
            self._entry = events.at(self._next, lambda: self._due(run))
        else:
            self._run = self._entry = None
        if self._callback is not None:
            self._callback(self)

    def __repr__(self):
        return f"Timer({self.id}{'' if self._run is None else ', running'})"

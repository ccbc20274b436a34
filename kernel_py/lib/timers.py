# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's timers: functions called later, and stop watches, in milliseconds."""

import time as _time

from machine import Timer as _Timer


def now():
    """Milliseconds since some moment."""
    return _time.monotonic_ns() // 1_000_000


class Timer:
    """Calls a function once or over and over; or measures: start(), get()."""

    def __init__(self):
        self._timer = _Timer()
        self._started = None

    def _run(self, mode, period, fn, arg):
        call = (lambda t: fn()) if arg is None else (lambda t: fn(arg))
        self._timer.init(mode=mode, period=period, callback=call)

    def one_shot(self, delay, fn, arg=None):
        """Has fn() or fn(arg) called once."""
        self._run(_Timer.ONE_SHOT, delay, fn, arg)

    def interval(self, period, fn, arg=None):
        """Has fn() or fn(arg) called over and over."""
        self._run(_Timer.PERIODIC, period, fn, arg)

    def clear(self):
        """Ends the calls."""
        self._timer.deinit()

    def start(self):
        """Begins to measure."""
        self._started = now()

    def reset(self):
        """Begins anew; returns what had passed."""
        passed = self.get()
        self._started = now()
        return passed

    def get(self):
        """The milliseconds since start()."""
        return 0 if self._started is None else now() - self._started

    def destroy(self):
        """Ends it."""
        self.clear()
        self._started = None


timer = Timer

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""MicroPython's utime: time, with the functions that CPython's module does not have."""

from time import *  # noqa: F403
from time import monotonic_ns as _monotonic_ns
from time import sleep as _sleep

_PERIOD = 1 << 30


def sleep_ms(ms):
    """Sleeps milliseconds."""
    _sleep(max(0, ms) / 1000)


def sleep_us(us):
    """Sleeps microseconds: at least so long; short ones are waited for."""
    end = _monotonic_ns() + us * 1000
    if us > 2000:
        _sleep(us / 1e6 - 0.001)
    while _monotonic_ns() < end:
        pass


def ticks_ms():
    """Milliseconds that wrap: for ticks_diff()."""
    return _monotonic_ns() // 1_000_000 % _PERIOD


def ticks_us():
    """Microseconds that wrap."""
    return _monotonic_ns() // 1000 % _PERIOD


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    """Ticks that much later."""
    return (ticks + delta) % _PERIOD


def ticks_diff(end, start):
    """From start to end, with a sign."""
    return (end - start + _PERIOD // 2) % _PERIOD - _PERIOD // 2

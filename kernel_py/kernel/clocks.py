# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The clocks: the cycle counter that tells the time, and the tick that wakes sleepers."""

import collections
import time

import _vosal

Clock = collections.namedtuple("Clock", "name frequency now", module=__name__)


def clocks():
    """Each clock with its frequency in Hz and what it shows."""
    return [
        Clock("cycles", _vosal.cycles_per_second, _vosal.cycles()),
        Clock("tick", 1_000_000_000 // _vosal.TICK_NS, _vosal.uptime_ns() // _vosal.TICK_NS),
        Clock("uptime", 1_000_000_000, _vosal.uptime_ns()),
        Clock("realtime", 1_000_000_000, time.time_ns()),
    ]

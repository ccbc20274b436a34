# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The processors: how many, what each runs, and how busy it was."""

import collections

import _vosal

CPU = collections.namedtuple("CPU", "number thread busy", module=__name__)


def cpus():
    """One CPU for each: the thread that runs there, and the seconds that it was not idle."""
    return [
        CPU(number, thread, cycles / _vosal.cycles_per_second)
        for number, thread, cycles in _vosal.cpus()
    ]


def parallel():
    """Does Python run on several of them at once?"""
    import sys

    return _vosal.CPUS > 1 and not getattr(sys, "_is_gil_enabled", lambda: True)()


def show():
    """Prints a table."""
    uptime = _vosal.uptime_ns() / 1e9
    for number, thread, busy in cpus():
        print(f"cpu {number}: {100 * busy / uptime:5.1f} % busy, runs {thread or '?'}")

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The watchdog: the kernel's event loop feeds it; when that is stuck, the machine starts anew.

    kernel.watchdog.start(10)       # seconds that the loop may be stuck
    kernel.watchdog.reason()        # why the machine was reset last

What it then does is CONFIG_ZPY_WATCHDOG_POLICY, or start()'s `restart`: the tracebacks of all
threads are printed, and the machine reboots, or the interpreter restarts.
"""

import collections

import _vosal

Reset = collections.namedtuple("Reset", "reason text count", module=__name__)

_feeder = None  # the handle of the next feeding


def start(timeout=None, restart=None):
    """Starts it; the loop feeds it from now on, four times in each `timeout` seconds.

    None is what the build says (CONFIG_ZPY_WATCHDOG_TIMEOUT_MS, _POLICY).  Returns the timeout,
    0.0 when the build says that there is none.
    """
    if timeout is None and not _vosal.WATCHDOG_MS:
        return 0.0
    from . import loop

    running = loop.get()  # importing asyncio takes its time: not at the watchdog's cost
    timeout = _vosal.watchdog_start(timeout, restart)
    running.call_soon_threadsafe(_feed, running, timeout / 4)
    return timeout


def _feed(running, pause):
    global _feeder
    if _feeder is not None:
        _feeder.cancel()
    _vosal.watchdog_feed()
    _feeder = running.call_later(pause, _feed, running, pause)


def stop():
    """Stops it."""
    global _feeder
    _vosal.watchdog_stop()
    if _feeder is not None:
        _feeder.cancel()
        _feeder = None


def reason():
    """Why the machine was reset last, and more.

    It is `power-on`, `software`, `crash`, `watchdog` or `deep sleep`.
    """
    return Reset(*_vosal.reset_reason())

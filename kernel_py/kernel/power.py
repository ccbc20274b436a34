# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Ends the run of the machine: power off, reset, or a restart of the interpreter alone."""

import sys

import _vosal


def poweroff(status=0):
    """Ends the machine with an exit status (0..255) where there is somebody to get it."""
    _quiesce()
    _vosal.poweroff(status)


def reboot(slept=False):
    """Resets the machine.  slept: the next start is told that it was a deep sleep."""
    _quiesce()
    _vosal.reboot(slept)


def prepare_restart():
    """Leaves the interpreter ready to be finalised: loop stopped, no thread waited for.

    A thread that is still running one second later is named in the log and left behind: a
    thread that never ends must not be able to prevent a restart.
    """
    _quiesce()
    threading = sys.modules.get("threading")
    if threading is None:
        return
    import time

    from . import log

    deadline = time.monotonic() + 1
    for thread in threading.enumerate():
        if thread is threading.current_thread() or thread.daemon:
            continue
        thread.join(max(0, deadline - time.monotonic()))
        if thread.is_alive():
            log.warning(f"restart: thread {thread.name!r} is still running")
            # What finalisation calls to wait for threads, for ever if need be.
            threading._shutdown = _nothing


def _nothing():
    """Stands for threading._shutdown when waiting would never end."""


def _quiesce():
    server = sys.modules.get("kernel.net.repl_server")
    if server is not None:
        server.stop()
    for name in ("kernel.watchdog", "kernel.interrupts", "kernel.boot"):
        module = sys.modules.get(name)
        if module is not None:
            module.stop()
    loop = sys.modules.get("kernel.loop")
    if loop is not None:
        loop.stop()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception as error:
            from . import log

            log.warning(f"power: {error!r} while flushing {stream!r}")

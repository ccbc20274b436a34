# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The console: `_vosal`'s bytes as a terminal, and the streams of who has no other session."""

import _vosal

from . import log, streams
from .terminal import INTERRUPT, Terminal


class Console(Terminal):
    """The terminal on the machine's console."""

    def __init__(self):
        super().__init__(_vosal.console_read, _vosal.console_write, _vosal.console_size)

    def arm(self):
        """See Terminal.arm()."""
        _vosal.console_interrupt_char(INTERRUPT[0])
        super().arm()

    def disarm(self):
        """See Terminal.disarm()."""
        _vosal.console_interrupt_char(-1)


# These outlive a reload of this module.
_sink = globals().get("_sink") or streams.Sink(_vosal.console_write)
terminal = globals().get("terminal") or Console()
standard = globals().get("standard") or streams.of_terminal(terminal, _sink, (1, 2))


def install():
    """Makes the console's streams the standard streams of who has no others."""
    streams.install(standard)


def divert(write=None):
    """Sends the bytes of the streams and of the log elsewhere; None: to the console again."""
    _sink.write = write or _vosal.console_write
    log.set_sink(_sink.write)

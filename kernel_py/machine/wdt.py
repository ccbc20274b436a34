# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""WDT: resets the machine when the program stops feeding it."""

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError


class WDT:
    """WDT(id=0, timeout=5000)

    Starts the watchdog, with a time-out in milliseconds.  Most hardware cannot stop it again.
    """

    def __init__(self, id=0, timeout=5000):
        if not 1 <= timeout < 1 << 32:
            raise ValueError(f"timeout must be in 1..{(1 << 32) - 1} ms, not {timeout}")
        self._device = devices.of_kind(id, "watchdog")
        self._channel = _vhal.watchdog_start(self._device, timeout)

    def feed(self):
        """Begins the time anew.  InvalidHardwareStatusError: it was stopped."""
        if self._channel is None:
            raise InvalidHardwareStatusError("WDT: deinitialised")
        _vhal.watchdog_feed(self._device, self._channel)

    def deinit(self):
        """Stops it; UnsupportedError or PermissionError where the hardware refuses.

        Once is enough; later it does nothing.
        """
        if self._channel is not None:
            _vhal.watchdog_stop(self._device)
            self._channel = None

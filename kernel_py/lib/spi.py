# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's spi: a chip on a bus, selected by a pin.  Buses and pins are named as for machine."""

import machine as _machine

SPI_MODE_LOW_FIRST, SPI_MODE_LOW_SECOND, SPI_MODE_HIGH_FIRST, SPI_MODE_HIGH_SECOND = range(4)


class Spi:
    """Spi(nss, spi=0, clock=20000000, mode=SPI_MODE_LOW_FIRST)"""

    def __init__(self, nss, spi=0, clock=20000000, mode=SPI_MODE_LOW_FIRST):
        if mode not in range(4):
            raise ValueError("mode must be one of SPI_MODE_*")
        self._select = _machine.Pin(nss, _machine.Pin.OUT, value=1)
        self._bus = _machine.SPI(spi, clock, polarity=mode >> 1, phase=mode & 1)

    def select(self):
        """Pulls the chip select low."""
        self._select.off()

    def unselect(self):
        """Lets it go high."""
        self._select.on()

    def write(self, data):
        """Sends."""
        self._bus.write(data)

    def read(self, n):
        """Reads bytes."""
        return self._bus.read(n)

    def exchange(self, data):
        """Sends, and returns what came meanwhile."""
        into = bytearray(len(data))
        self._bus.write_readinto(data, into)
        return bytes(into)

    def exchange_into(self, data, buffer):
        """Sends, and fills a buffer of the same length."""
        self._bus.write_readinto(data, buffer)

    def done(self):
        """Ends the use of the bus."""
        self._bus.deinit()

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's i2c: a chip on a bus.  Buses are named as for machine.I2C."""

import machine as _machine


def scan(i2c=0, start_addr=1, n_scan=126, clock=100000):
    """The addresses that answer."""
    found = _machine.I2C(i2c, freq=clock).scan()
    return [addr for addr in found if start_addr <= addr < start_addr + n_scan]


class I2c:
    """I2c(addr, i2c=0, clock=1000000): the chip at an address."""

    def __init__(self, addr, i2c=0, clock=1000000):
        self.addr = addr
        self._bus = _machine.I2C(i2c, freq=clock)

    def write(self, data):
        """Writes bytes."""
        self._bus.writeto(self.addr, data)

    def read(self, n):
        """Reads bytes."""
        return self._bus.readfrom(self.addr, n)

    def read_into(self, buffer):
        """Fills a buffer."""
        self._bus.readfrom_into(self.addr, buffer)

    def write_read(self, data, n):
        """Writes, and reads after a repeated start."""
        into = bytearray(n)
        self.write_read_into(data, into)
        return bytes(into)

    def write_read_into(self, data, buffer):
        """Writes, and fills a buffer after a repeated start."""
        self._bus.writeto_then_readfrom(self.addr, data, buffer)

    def done(self):
        """Ends the use of the bus."""
        self._bus.deinit()


I2C = I2c

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Talks to a serial NOR flash (W25Q and its kin) on `spi0`, selected by a pin.

Without one at hand: import circuit; from circuit.chips import SpiFlash;
circuit.spi("spi0", SpiFlash(), cs=("gpio0", 16))
"""

import time

from machine import SPI, Pin

SELECT = ("gpio0", 16)


class Flash:
    """The memory: read(), write() within a page of 256 bytes, erase() a sector of 4096."""

    def __init__(self, bus, select):
        self.bus = bus
        self.select = Pin(select, Pin.OUT, value=1)

    def command(self, out, count=0):
        """Sends a command; returns what the chip answers."""
        self.select.off()
        try:
            self.bus.write(out)
            return self.bus.read(count) if count else b""
        finally:
            self.select.on()

    def id(self):
        """Manufacturer, type and capacity."""
        return self.command(b"\x9f", 3)

    def read(self, address, count):
        """Reads bytes."""
        return self.command(b"\x03" + address.to_bytes(3, "big"), count)

    def write(self, address, data):
        """Writes within a page that is erased."""
        if address % 256 + len(data) > 256:
            raise ValueError("a write may not reach beyond its page of 256 bytes")
        self.command(b"\x06")
        self.command(b"\x02" + address.to_bytes(3, "big") + bytes(data))
        self.wait()

    def erase(self, address):
        """Erases the sector of 4096 bytes that the address is in."""
        self.command(b"\x06")
        self.command(b"\x20" + address.to_bytes(3, "big"))
        self.wait()

    def wait(self, seconds=1.0):
        """Waits until the chip has done."""
        end = time.monotonic() + seconds
        while self.command(b"\x05", 1)[0] & 1:
            if time.monotonic() > end:
                raise TimeoutError("the flash memory stays busy")


def main():
    flash = Flash(SPI("spi0", 1_000_000), SELECT)
    print("id", flash.id().hex(" "))
    flash.erase(0)
    flash.write(0, b"Hello from ZPy")
    print(flash.read(0, 14).decode())


if __name__ == "__main__":
    main()

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""I2C: the bus, as its controller."""

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError

_transfer = _vhal.i2c_transfer
_ONE = tuple(bytes((n,)) for n in range(256))


def address_bytes(memaddr, addrsize):
    """The bytes of an address in a chip's memory."""
    if addrsize not in (8, 16, 24, 32):
        raise ValueError(f"addrsize must be 8, 16, 24 or 32 bits, not {addrsize}")
    if not 0 <= memaddr < 1 << addrsize:
        raise ValueError(f"memaddr must be in 0..{(1 << addrsize) - 1}, not {memaddr}")
    return memaddr.to_bytes(addrsize // 8, "big")


class I2C:
    """I2C(id=0, *, scl=None, sda=None, freq=400000, timeout=None)

    id: the bus's label or alias ("i2c0"), or its number.  The pins are the devicetree's.
    timeout: microseconds that a transfer may take: a bus that hangs is given up after them, and
    refuses work until the transfer has ended.  Without one the driver's own time-outs count.
    Addresses above 0x7f are of ten bits.  Who does not answer is OSError(EIO).
    """

    def __init__(self, id=0, *, scl=None, sda=None, freq=None, timeout=None):
        self._bus = devices.of_kind(id, "i2c")
        self._timeout = None
        self._pending = None  # (address, bytes) of a write that keeps the bus
        self._open = True
        self._freq = None
        self.init(freq=freq, timeout=timeout)

    def init(self, scl=None, sda=None, *, freq=None, timeout=None):
        """Sets the frequency in Hz (100000 and more), and the time-out."""
        self._open = True
        if freq is not None:
            self._freq = _vhal.i2c_configure(self._bus, freq)
        if timeout is not None:
            if not timeout > 0:
                raise ValueError(f"timeout must be above 0 µs, not {timeout}")
            self._timeout = timeout / 1e6

    def deinit(self):
        """Ends the use of the bus by this object."""
        self._open = False

    def _run(self, addr, out, into):
        if not self._open:
            raise InvalidHardwareStatusError(f"{self._bus.path}: deinitialised")
        _transfer(self._bus, addr, out, into, 1 if addr > 0x7F else 0, self._timeout)

    def scan(self):
        """The addresses 0x08..0x77 that answer."""
        found = []
        for addr in range(0x08, 0x78):
            try:
                self._run(addr, b"", None)
            except TimeoutError:
                raise
            except InvalidHardwareStatusError:
                raise
            except OSError:
                continue
            found.append(addr)
        return found

    def readfrom_into(self, addr, buf, stop=True):
        """Fills a buffer."""
        pending, self._pending = self._pending, None
        if pending is not None and pending[0] == addr:
            self._run(addr, pending[1], buf)
        else:
            self._run(addr, None, buf)

    def readfrom(self, addr, nbytes, stop=True):
        """Reads bytes."""
        data = bytearray(nbytes)
        self.readfrom_into(addr, data, stop)
        return bytes(data)

    def writeto(self, addr, buf, stop=True):
        """Writes bytes; returns their number.

        stop=False keeps the bus for the read that follows: both become one transfer.
        """
        if not stop:
            # Zephyr has no transfer without an end: it is made with the read.
            self._run(addr, b"", None) if not len(buf) else None
            self._pending = (addr, bytes(buf))
        else:
            pending, self._pending = self._pending, None
            if pending is not None and pending[0] == addr:
                buf = pending[1] + bytes(buf)
            self._run(addr, buf, None)
        return memoryview(buf).nbytes

    def writevto(self, addr, vector, stop=True):
        """Writes several buffers in one transfer; returns the number of bytes."""
        return self.writeto(addr, b"".join(vector), stop)

    def writeto_then_readfrom(self, addr, out, into):
        """Writes, and reads after a repeated start."""
        self._run(addr, out, into)

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        """Fills a buffer from a chip's memory or registers."""
        # What drivers do all the time: without the calls of the others.
        if self._open and addrsize == 8 and 0 <= memaddr <= 0xFF and addr <= 0x7F:
            _transfer(self._bus, addr, _ONE[memaddr], buf, 0, self._timeout)
        else:
            self._run(addr, address_bytes(memaddr, addrsize), buf)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        """Reads from a chip's memory or registers."""
        data = bytearray(nbytes)
        self._run(addr, address_bytes(memaddr, addrsize), data)
        return bytes(data)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        """Writes to a chip's memory or registers."""
        self._run(addr, address_bytes(memaddr, addrsize) + bytes(buf), None)

    def recover(self):
        """Clocks a chip off the bus that holds it, where the driver can."""
        _vhal.i2c_recover(self._bus)

    def __repr__(self):
        return f"I2C({devices[self._bus.path].name!r}{f', freq={self._freq}' * bool(self._freq)})"

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


_WRITES = 16  # in one transfer


class I2C:
    """I2C(id=0, *, scl=None, sda=None, freq=None, timeout=None)

    id: the bus's label or alias ("i2c0"), or its number.  The pins are the devicetree's.
    freq: Hz.  The speed is the bus's: without freq it is what was set last, at first the
    devicetree's.
    timeout: microseconds that a transfer may take: a bus that hangs is given up after them, and
    refuses work until the transfer has ended.  Without one the driver's own time-outs count.
    Addresses above 0x7f are of ten bits.  Who does not answer is OSError(EIO).
    """

    def __init__(self, id=0, *, scl=None, sda=None, freq=None, timeout=None):
        self._bus = devices.of_kind(id, "i2c")
        self._timeout = None
        self._kept = None  # (address, messages) of writes that keep the bus
        self._open = True
        self._freq = None
        self.init(freq=freq, timeout=timeout)

    def init(self, scl=None, sda=None, *, freq=None, timeout=None):
        """Sets the frequency in Hz (100000 and more), and the time-out.

        What writeto(stop=False) keeps is sent first.
        """
        self._send()
        self._open = True
        if freq is not None:
            self._freq = _vhal.i2c_configure(self._bus, freq)
        if timeout is not None:
            if not timeout > 0:
                raise ValueError(f"timeout must be above 0 µs, not {timeout}")
            self._timeout = timeout / 1e6

    def deinit(self):
        """Ends the use of the bus by this object.

        What writeto(stop=False) keeps is sent first; the object is closed also when that fails.
        """
        try:
            self._send()
        finally:
            self._open = False

    def _check(self):
        if not self._open:
            raise InvalidHardwareStatusError(f"{self._bus.path}: deinitialised")

    def _transfer(self, addr, out, into):
        _transfer(self._bus, addr, out, into, 1 if addr > 0x7F else 0, self._timeout)

    def _run(self, addr, out, into):
        """One transfer, which begins with what is kept for the address."""
        self._check()
        if self._kept is not None:
            if self._kept[0] == addr:
                data = b"" if out is None else bytes(memoryview(out))
                out = (*self._kept[1], data) if data else self._kept[1]
                self._kept = None
            else:
                self._send()
        self._transfer(addr, out, into)

    def _keep(self, addr, buf):
        """Keeps a write for the next transfer: Zephyr has none without a stop."""
        self._check()
        if not 0 <= addr <= 0x3FF:
            raise ValueError(f"address must be in 0..0x3ff, not {addr}")
        data = bytes(memoryview(buf))
        if self._kept is not None and self._kept[0] != addr:
            self._send()
        messages = () if self._kept is None else self._kept[1]
        if len(messages) == _WRITES - 1:
            raise ValueError(f"at most {_WRITES - 1} writes can keep the bus")
        self._kept = addr, (*messages, data)

    def _send(self):
        """Sends what is kept, with a stop."""
        kept, self._kept = self._kept, None
        if kept is not None:
            self._transfer(*kept, None)

    def scan(self):
        """The addresses 0x08..0x77 that answer."""
        self._send()
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
        """Fills a buffer.  A read always ends with a stop."""
        self._run(addr, None, buf)

    def readfrom(self, addr, nbytes, stop=True):
        """Reads bytes."""
        data = bytearray(nbytes)
        self.readfrom_into(addr, data, stop)
        return bytes(data)

    def writeto(self, addr, buf, stop=True):
        """Writes bytes; returns their number.

        stop=False keeps up to 15 writes, to be one transfer with the next call of this object
        for the address, each with a (repeated) start.  Whatever else this object does sends them
        before, with a stop.  Who does not answer is an error of the call that sends.  An empty
        write is sent at once.
        """
        count = memoryview(buf).nbytes
        if stop or not count:
            self._run(addr, buf, None)
        else:
            self._keep(addr, buf)
        return count

    def writevto(self, addr, vector, stop=True):
        """Writes several buffers in one transfer; returns the number of bytes."""
        return self.writeto(addr, b"".join(vector), stop)

    def writeto_then_readfrom(self, addr, out, into):
        """Writes, and reads after a repeated start."""
        self._run(addr, out, into)

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        """Fills a buffer from a chip's memory or registers."""
        # What drivers do all the time: without the calls of the others.
        if (
            self._kept is None
            and self._open
            and addrsize == 8
            and 0 <= memaddr <= 0xFF
            and addr <= 0x7F
        ):
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
        self._run(addr, b"".join((address_bytes(memaddr, addrsize), buf)), None)

    def recover(self):
        """Clocks a chip off the bus that holds it, where the driver can.

        What writeto(stop=False) keeps is dropped.
        """
        self._kept = None
        _vhal.i2c_recover(self._bus)

    def __repr__(self):
        return f"I2C({devices[self._bus.path].name!r}{f', freq={self._freq}' * bool(self._freq)})"

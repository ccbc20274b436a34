# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""I2CTarget: the bus, as one of the chips on it."""

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError, UnsupportedError

from . import events


class I2CTarget:
    """I2CTarget(id=0, addr, *, addrsize=7, mem, mem_addrsize=8, scl=None, sda=None)

    The controller of the bus reads and writes mem, a writable buffer, as if this were an EEPROM:
    a write begins with mem_addrsize bits (0, 8, 16, 24 or 32) that say where.  The pins are the
    devicetree's.  One bus is one target.  Raises UnsupportedError when the driver cannot,
    OSError(EBUSY) while the bus is a target.
    """

    IRQ_END_READ, IRQ_END_WRITE = 16, 32

    def __init__(self, id, addr, *, addrsize=7, mem, mem_addrsize=8, scl=None, sda=None):
        if addrsize not in (7, 10):
            raise ValueError(f"addrsize must be 7 or 10 bits, not {addrsize}")
        if mem_addrsize not in (0, 8, 16, 24, 32):
            raise ValueError(f"mem_addrsize must be 0, 8, 16, 24 or 32 bits, not {mem_addrsize}")
        if not hasattr(_vhal, "i2c_target"):
            raise UnsupportedError("no driver in the image can be an I2C target")
        self._bus = devices.of_kind(id, "i2c")
        self._handler = None
        self._trigger = 0
        self._flags = 0
        self._source = events.on(
            lambda: _vhal.i2c_target(self._bus, addr, mem, mem_addrsize // 8, addrsize == 10),
            self._ended,
        )

    def _ended(self, value, stamp):
        flags = self.IRQ_END_READ * bool(value >> 16) | self.IRQ_END_WRITE * bool(value & 0xFFFF)
        self._flags = flags & self._trigger
        if self._handler is not None and self._flags:
            self._handler(self)

    def irq(self, handler=None, trigger=IRQ_END_READ | IRQ_END_WRITE, hard=False):
        """Has handler(target) called after transfers; returns an object whose flags() say which.

        One transfer that writes and reads has both.  hard is ignored.
        """
        if self._source is None:
            raise InvalidHardwareStatusError(f"I2CTarget {self._bus.path}: deinitialised")
        if trigger & ~(self.IRQ_END_READ | self.IRQ_END_WRITE):
            raise ValueError("trigger must be of I2CTarget.IRQ_END_READ and IRQ_END_WRITE")
        self._handler, self._trigger = handler, trigger
        return self

    def flags(self):
        """What the handler was called for last: IRQ_END_READ, IRQ_END_WRITE or both."""
        return self._flags

    def deinit(self):
        """Leaves the bus, and lets go of mem.  Once is enough; later it does nothing."""
        source, self._source = self._source, None
        if source is not None:
            events.off(source)
            _vhal.i2c_target_off(self._bus)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

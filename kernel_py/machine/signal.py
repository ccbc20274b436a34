# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Signal: a pin seen from what is connected to it: on is on, whatever level that takes."""

from .pin import Pin


class Signal:
    """Signal(pin, invert=None) or Signal(id, mode=…, pull=…, *, value=None, invert=None)

    invert: on is the low level.  Without it the devicetree decides (GPIO_ACTIVE_LOW).
    """

    def __init__(self, *args, invert=None, value=None, **kwargs):
        if not args:
            raise TypeError("a pin is needed")
        if isinstance(args[0], Pin) and len(args) == 1 and not kwargs:
            self._pin = args[0]
        else:
            self._pin = Pin(*args, **kwargs)
        self._invert = self._pin._named.active_low if invert is None else bool(invert)
        if value is not None:
            self._pin.init(value=bool(value) != self._invert)

    def value(self, x=None):
        """1 if it is on; or turns it on or off."""
        if x is None:
            return int(bool(self._pin.value()) != self._invert)
        self._pin.value(bool(x) != self._invert)

    __call__ = value

    def on(self):
        """Turns it on."""
        self.value(1)

    def off(self):
        """Turns it off."""
        self.value(0)

    def __repr__(self):
        return f"Signal({self._pin!r}{', invert=True' if self._invert else ''})"

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""PWM: a pin that is high for part of each period."""

import _vhal
import _vosal

from kernel.devices import Cells, devices
from kernel.errors import InvalidHardwareStatusError, InvalidPinError

from . import events

_NS = 1_000_000_000


class PWM:
    """PWM(dest, freq=None, duty_u16=None, *, duty_ns=None, invert=None)

    dest: (device, channel), as ("pwm0", 1), or the name of a node with `pwms` ("pwm-led0").
    freq: Hz, 1 to 1e9; duty_u16: 0..65535; duty_ns: the pulse.  ValueError outside these ranges.
    """

    def __init__(self, dest, freq=None, duty_u16=None, *, duty_ns=None, invert=None):
        self._period = _NS // 1000
        inverted = False
        if isinstance(dest, (tuple, list)) and len(dest) == 2:
            self._device = devices.of_kind(dest[0], "pwm")
            self._channel = devices.channel(self._device, dest[1])
            self._name = f"{dest[0]}.{dest[1]}"
        else:
            cells = self._find(dest)
            self._device = devices.of_kind(cells.controller, "pwm")
            self._channel = cells.cells.get("channel", 0)
            self._period = cells.cells.get("period") or self._period
            inverted = bool(cells.cells.get("flags", 0) & 1)
            self._name = str(dest)
        self._invert = inverted if invert is None else bool(invert)
        self._duty = 0.0  # of the period; a duty that was given in ns keeps them
        self._duty_ns = None
        self._applied = self._period, self._duty, self._duty_ns, self._invert
        self._open = True
        self._train = None  # (source, what to call) while pulses are counted
        self.init(freq=freq, duty_u16=duty_u16, duty_ns=duty_ns)

    @staticmethod
    def _find(dest):
        node = devices.get(dest) if isinstance(dest, str) else getattr(dest, "_node", dest)
        entries = getattr(node, "properties", {}).get("pwms")
        if not entries or not isinstance(entries[0], Cells):
            there = [n.name for n in devices if "pwms" in n.properties]
            there += [f"({n.name!r}, channel)" for n in devices.find(kind="pwm")]
            raise InvalidPinError(f"no PWM {dest!r}; there are {', '.join(there) or 'none'}")
        return entries[0]

    def init(self, *, freq=None, duty_u16=None, duty_ns=None, invert=None):
        """Sets what is given."""
        self._check()
        if freq is not None:
            self._period = self._period_of(freq)
        if duty_u16 is not None:
            self._take_u16(duty_u16)
        if duty_ns is not None:
            self._take_ns(duty_ns)
        if invert is not None:
            self._invert = bool(invert)
        self._apply()

    def _check(self):
        if not self._open:
            raise InvalidHardwareStatusError(f"PWM {self._name}: deinitialised")

    @staticmethod
    def _period_of(freq):
        if not 1 <= freq <= _NS:
            raise ValueError(f"freq must be in 1..{_NS} Hz, not {freq}")
        return round(_NS / freq)

    def _take_u16(self, duty):
        if not 0 <= duty <= 65535:
            raise ValueError(f"duty_u16 must be in 0..65535, not {duty}")
        self._duty, self._duty_ns = duty / 65535, None

    def _take_ns(self, duty):
        if not 0 <= duty <= self._period:
            raise ValueError(f"duty_ns must be in 0..{self._period} (the period), not {duty}")
        self._duty_ns = duty

    def _pulse(self):
        if self._duty_ns is not None:
            return min(self._duty_ns, self._period)
        return round(self._duty * self._period)

    def _apply(self):
        try:
            _vhal.pwm_set(self._device, self._channel, self._period, self._pulse(), self._invert)
        except OSError:
            # As it is: what the driver refused is not what it puts out.
            self._period, self._duty, self._duty_ns, self._invert = self._applied
            raise
        self._applied = self._period, self._duty, self._duty_ns, self._invert
        self._forget()

    def _forget(self):
        train, self._train = self._train, None
        if train is not None:
            events.off(train[0])
            train[1](False)

    def freq(self, freq=None):
        """The frequency in Hz; or sets it."""
        self._check()
        if freq is None:
            return round(_NS / self._period)
        self._period = self._period_of(freq)
        self._apply()

    def duty_u16(self, duty=None):
        """The duty, 0..65535; or sets it."""
        self._check()
        if duty is None:
            return round(self._pulse() * 65535 / self._period)
        self._take_u16(duty)
        self._apply()

    def duty_ns(self, duty=None):
        """The pulse in nanoseconds; or sets it."""
        self._check()
        if duty is None:
            return self._pulse()
        self._take_ns(duty)
        self._apply()

    def pulses(self, count, handler=None, *, duty_u16=None, duty_ns=None):
        """Puts out so many pulses (1 to 2**31 - 1); then the output stays inactive.

        handler(pwm) is called after the last.  Setting anything ends the pulses without it.
        The kernel's timer ends them: at more than some kHz there may be one more.  ValueError:
        the duty is 0.
        """
        if handler is not None and not callable(handler):
            raise TypeError("handler must be callable or None")
        self._count(
            count, duty_u16, duty_ns, lambda ended: ended and handler is not None and handler(self)
        )

    def _count(self, count, duty_u16, duty_ns, tell):
        self._check()
        if duty_u16 is not None:
            self._take_u16(duty_u16)
        if duty_ns is not None:
            self._take_ns(duty_ns)
        pulse = self._pulse()
        if not pulse:
            raise ValueError("the duty is 0: there would be no pulse")
        self._rest()
        start = _vosal.uptime_ns()

        def arrived(value, stamp):
            train = self._train
            if train is not None and stamp >= start:  # else one of before, still in the queue
                self._train = None
                events.off(train[0])
                tell(True)

        def begin():
            source = _vhal.pwm_pulses(
                self._device, self._channel, self._period, pulse, self._invert, count
            )
            self._train = source, tell
            return source

        events.on(begin, arrived)

    async def apulses(self, count, *, duty_u16=None, duty_ns=None):
        """The same for asyncio: returns after the last pulse.

        InvalidHardwareStatusError: something was set meanwhile.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def tell(ended):
            loop.call_soon_threadsafe(lambda: future.done() or future.set_result(ended))

        self._count(count, duty_u16, duty_ns, tell)
        try:
            ended = await future
        except asyncio.CancelledError:
            if self._train is not None and self._train[1] is tell:
                self._rest()
            raise
        if not ended:
            raise InvalidHardwareStatusError(f"PWM {self._name}: set before its last pulse")

    def _rest(self):
        """Makes the output inactive."""
        _vhal.pwm_set(self._device, self._channel, self._period, 0, self._invert)
        self._forget()

    def deinit(self):
        """Ends the pulses: the output stays inactive."""
        if self._open:
            self._rest()
            self._open = False

    def __repr__(self):
        return f"PWM({self._name!r}, freq={round(_NS / self._period)}, duty_ns={self._pulse()})"

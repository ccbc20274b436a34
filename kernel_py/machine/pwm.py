# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""PWM: a pin that is high for part of each period."""

import operator

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
    What is refused changes nothing.
    """

    # (path of the device, channel) → (source, what to call) while pulses are counted.  A channel
    # has one, however many objects there are of it.
    _trains = {}

    def __init__(self, dest, freq=None, duty_u16=None, *, duty_ns=None, invert=None):
        period = _NS // 1000
        inverted = False
        if isinstance(dest, (tuple, list)) and len(dest) == 2:
            self._device = devices.of_kind(dest[0], "pwm")
            self._channel = devices.channel(self._device, dest[1])
            self._name = f"{dest[0]}.{dest[1]}"
        else:
            cells = self._find(dest)
            self._device = devices.of_kind(cells.controller, "pwm")
            self._channel = cells.cells.get("channel", 0)
            period = cells.cells.get("period") or period
            inverted = bool(cells.cells.get("flags", 0) & 1)
            self._name = str(dest)
        self._key = self._device.path, self._channel
        # Period in ns, duty as a part of it, pulse in ns (None: the duty says it), inverted.
        self._settings = period, 0.0, None, inverted
        self._open = True
        self.init(freq=freq, duty_u16=duty_u16, duty_ns=duty_ns, invert=invert)

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
        self._apply(self._with(freq, duty_u16, duty_ns, invert))

    def _check(self):
        if not self._open:
            raise InvalidHardwareStatusError(f"PWM {self._name}: deinitialised")

    def _with(self, freq=None, duty_u16=None, duty_ns=None, invert=None, period=None):
        """The settings with what is given; nothing is set yet.  period: ns, instead of freq."""
        before, duty, pulse, inverted = self._settings
        period = period or before
        if freq is not None:
            if not 1 <= freq <= _NS:
                raise ValueError(f"freq must be in 1..{_NS} Hz, not {freq}")
            period = round(_NS / freq)
        if duty_u16 is not None:
            if not 0 <= duty_u16 <= 65535:
                raise ValueError(f"duty_u16 must be in 0..65535, not {duty_u16}")
            duty, pulse = duty_u16 / 65535, None
        if duty_ns is not None:
            pulse = operator.index(duty_ns)
            if not 0 <= pulse <= period:
                raise ValueError(f"duty_ns must be in 0..{period} (the period), not {pulse}")
        return period, duty, pulse, inverted if invert is None else bool(invert)

    @staticmethod
    def _pulse(settings):
        period, duty, pulse, _ = settings
        return round(duty * period) if pulse is None else min(pulse, period)

    def _apply(self, settings):
        period, *_, inverted = settings
        _vhal.pwm_set(self._device, self._channel, period, self._pulse(settings), inverted)
        self._settings = settings
        self._forget()

    def _forget(self):
        train = self._trains.pop(self._key, None)
        if train is not None:
            events.off(train[0])
            train[1](False)

    def freq(self, freq=None):
        """The frequency in Hz; or sets it."""
        self._check()
        if freq is None:
            return round(_NS / self._settings[0])
        self._apply(self._with(freq=freq))

    def duty_u16(self, duty=None):
        """The duty, 0..65535; or sets it."""
        self._check()
        if duty is None:
            return round(self._pulse(self._settings) * 65535 / self._settings[0])
        self._apply(self._with(duty_u16=duty))

    def duty_ns(self, duty=None):
        """The pulse in nanoseconds; or sets it."""
        self._check()
        if duty is None:
            return self._pulse(self._settings)
        self._apply(self._with(duty_ns=duty))

    def pulses(self, count, handler=None, *, duty_u16=None, duty_ns=None):
        """Puts out so many pulses (1 to 2**31 - 1); then the output stays inactive.

        handler(pwm) is called after the last.  Setting anything ends the pulses without it.
        The kernel's timer ends them: at more than some kHz there may be one more.  ValueError:
        the duty is 0.
        """
        if handler is not None and not callable(handler):
            raise TypeError("handler must be callable or None")
        self._count(
            count,
            lambda ended: ended and handler is not None and handler(self),
            duty_u16=duty_u16,
            duty_ns=duty_ns,
        )

    def _count(self, count, tell, **given):
        """Has tell(True) called after the last pulse, tell(False) if something is set before."""
        self._check()
        settings = self._with(**given)
        pulse = self._pulse(settings)
        if not pulse:
            raise ValueError("the duty is 0: there would be no pulse")
        count = operator.index(count)
        if not 1 <= count < 1 << 31:
            raise ValueError(f"count must be in 1..{(1 << 31) - 1}, not {count}")
        self._rest()
        period, *_, inverted = settings
        start = _vosal.uptime_ns()

        def arrived(value, stamp):
            train = self._trains.get(self._key)
            if train is not None and stamp >= start:  # else one of before, still in the queue
                del self._trains[self._key]
                events.off(train[0])
                tell(True)

        def begin():
            source = _vhal.pwm_pulses(self._device, self._channel, period, pulse, inverted, count)
            self._trains[self._key] = source, tell
            return source

        events.on(begin, arrived)
        self._settings = settings

    async def apulses(self, count, *, duty_u16=None, duty_ns=None):
        """The same for asyncio: returns after the last pulse.

        InvalidHardwareStatusError: something was set meanwhile.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def tell(ended):
            loop.call_soon_threadsafe(lambda: future.done() or future.set_result(ended))

        self._count(count, tell, duty_u16=duty_u16, duty_ns=duty_ns)
        try:
            ended = await future
        except asyncio.CancelledError:
            train = self._trains.get(self._key)
            if train is not None and train[1] is tell:
                self._rest()
            raise
        if not ended:
            raise self._superseded()

    def _superseded(self):
        return InvalidHardwareStatusError(f"PWM {self._name}: set before its last pulse")

    def _rest(self):
        """Makes the output inactive."""
        period, *_, inverted = self._settings
        _vhal.pwm_set(self._device, self._channel, period, 0, inverted)
        self._forget()

    def deinit(self):
        """Ends the pulses: the output stays inactive."""
        if self._open:
            self._rest()
            self._open = False

    def __repr__(self):
        freq = round(_NS / self._settings[0])
        return f"PWM({self._name!r}, freq={freq}, duty_ns={self._pulse(self._settings)})"

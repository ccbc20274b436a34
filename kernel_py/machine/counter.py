# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Counter: hardware that counts at a frequency, with alarms."""

import _vhal

from kernel.devices import devices

from . import events


class Counter:
    """Counter(id=0): a counter of the devicetree, by label, alias or number.

    frequency (Hz), top (the highest value) and channels (of alarms) are attributes.
    """

    _alarms = {}  # (path, channel) → source: an alarm is the channel's, not the object's

    def __init__(self, id=0):
        self._device = devices.of_kind(id, "counter")
        self.frequency, self.top, self.channels, self.up = _vhal.counter_info(self._device)

    def start(self):
        """Lets it count."""
        _vhal.counter_start(self._device)

    def stop(self):
        """Lets it stand."""
        _vhal.counter_stop(self._device)

    def value(self):
        """What it has counted."""
        return _vhal.counter_value(self._device)

    def alarm(self, ticks, handler, channel=0):
        """Has handler(counter) called once, when so many ticks have passed.

        OSError(EBUSY): the channel has an alarm.
        """
        if not callable(handler):
            raise TypeError("handler must be callable")

        def begin():
            source = _vhal.counter_alarm(self._device, channel, ticks)
            self._alarms[self._device.path, channel] = source
            return source

        def rang(value, stamp):
            self._forget(channel)
            handler(self)

        events.on(begin, rang)

    def cancel(self, channel=0):
        """Takes a channel's alarm back, whoever set it."""
        if self._forget(channel):
            _vhal.counter_alarm_off(self._device, channel)

    def _forget(self, channel):
        source = self._alarms.pop((self._device.path, channel), None)
        if source is not None:
            events.off(source)
        return source is not None

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""RTC: the clock that goes on while the machine is off."""

import datetime as _datetime
import time

import _vhal
import _vosal

from kernel.devices import devices


class RTC:
    """RTC(id=0, *, datetime=None)

    The real-time clock of the devicetree (alias "rtc"), in UTC.  A board without one has the
    time of the kernel alone.  datetime: see datetime().
    """

    def __init__(self, id=0, *, datetime=None):
        self._device = None
        node = devices.get("rtc") if id == 0 else None
        if node is None or node.kind != "rtc":
            found = devices.find(kind="rtc")
            node = found[0] if id == 0 and found else None if id == 0 else id
        if node is not None:
            self._device = devices.of_kind(node, "rtc")
        if datetime is not None:
            self.datetime(datetime)

    def datetime(self, datetimetuple=None):
        """(year, month, day, weekday, hours, minutes, seconds, subseconds); or sets it.

        weekday: 0..6 from Monday, ignored when set.  subseconds: microseconds.  Setting sets
        time.time() too.
        """
        if datetimetuple is None:
            fields = self._get()
            weekday = _datetime.date(*fields[:3]).weekday()
            return (*fields[:3], weekday, *fields[3:6], fields[6] // 1000)
        if len(datetimetuple) != 8:
            raise ValueError("datetime is a tuple of 8 numbers")
        year, month, day, _, hour, minute, second, subsecond = datetimetuple
        self._set(_datetime.datetime(year, month, day, hour, minute, second, subsecond))

    def init(self, datetime):
        """Sets it: (year, month, day[, hour[, minute[, second[, microsecond]]]])."""
        self._set(_datetime.datetime(*datetime[:7]))

    def now(self):
        """(year, month, day, hour, minute, second, microsecond, None)."""
        fields = self._get()
        return (*fields[:6], fields[6] // 1000, None)

    def _get(self):
        if self._device is not None:
            try:
                return _vhal.rtc_get(self._device)
            except OSError as error:
                import errno

                if error.errno != errno.ENODATA:
                    raise
        now = time.time_ns()
        return (*time.gmtime(now // 1_000_000_000)[:6], now % 1_000_000_000)

    def _set(self, when):
        when = when.replace(tzinfo=_datetime.UTC)
        if self._device is not None:
            date = when.timetuple()
            _vhal.rtc_set(
                self._device,
                *(when.year, when.month, when.day, when.hour, when.minute, when.second),
                (date.tm_wday + 1) % 7,
                date.tm_yday - 1,
            )
        if _vosal.BOARD != "sim":  # there it would be the host's clock
            time.clock_settime(time.CLOCK_REALTIME, when.timestamp())

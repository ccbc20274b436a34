# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""RTC: the clock that goes on while the machine is off, and its alarms."""

import datetime as _datetime
import time

import _vhal
import _vosal

from kernel.devices import devices
from kernel.errors import UnsupportedError

from . import events, sleep

# The years that time.time() and _vhal.rtc_set() can both be set to, and those of drivers that take
# fewer.
_YEARS = 1970, 2199
_FEWER_YEARS = {"motorola,mc146818": (1970, 2069), "st,stm32-rtc": (2000, 2099)}


class RTC:
    """RTC(id=0, *, datetime=None)

    The real-time clock of the devicetree (alias "rtc"), in UTC.  A board without one has the
    time of the kernel alone.  datetime: see datetime().
    """

    ALARM0 = 0

    _clocks = {}  # path or None → {id: _Alarm}, and "irq"

    def __init__(self, id=0, *, datetime=None):
        self._device = None
        node = devices.get("rtc") if id == 0 else None
        if node is None or node.kind != "rtc":
            found = devices.find(kind="rtc")
            node = found[0] if id == 0 and found else None if id == 0 else id
        if node is not None:
            self._device = devices.of_kind(node, "rtc")
        path = None if self._device is None else self._device.path
        self._alarms, self._irqs = self._clocks.setdefault(path, ({}, {}))
        if datetime is not None:
            self.datetime(datetime)

    def datetime(self, datetimetuple=None):
        """(year, month, day, weekday, hours, minutes, seconds, subseconds); or sets it.

        weekday: 0..6 from Monday, ignored when set.  subseconds: microseconds.  Setting sets
        time.time() too.  ValueError: no such time, or a year that the clock does not have.
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

    def _read(self):
        """What the clock shows, (year, …, second, nanosecond); None: no clock, or never set."""
        if self._device is not None:
            try:
                return _vhal.rtc_get(self._device)
            except OSError as error:
                import errno

                if error.errno != errno.ENODATA:
                    raise
        return None

    def _get(self):
        fields = self._read()
        if fields is None:
            now = time.time_ns()
            fields = (*time.gmtime(now // 1_000_000_000)[:6], now % 1_000_000_000)
        return fields

    def _years(self):
        """The first and the last year that can be set."""
        names = () if self._device is None else devices[self._device.path].compatible
        return next((_FEWER_YEARS[name] for name in names if name in _FEWER_YEARS), _YEARS)

    def _set(self, when):
        when = when.replace(tzinfo=_datetime.UTC)
        first, last = self._years()
        if not first <= when.year <= last:
            raise ValueError(f"year must be in {first}..{last}, not {when.year}")
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
        for alarm in tuple(self._alarms.values()):
            alarm.clock_set()

    # --- alarms ---

    def alarm(self, id=ALARM0, time=None, *, repeat=False):
        """Sets an alarm; irq() says who is called.

        id: 0..7.  time: milliseconds from now, or a point in time as datetime() has it,
        (year, month, day[, weekday[, hours[, minutes[, seconds[, subseconds]]]]]), to the second.
        repeat: again after so many milliseconds.  A point in time is watched by the clock itself
        where its driver can, and by the kernel.  ValueError: it has passed.
        """
        _number(id)
        if time is None:
            raise TypeError("when? milliseconds, or a tuple as datetime() has it")
        if isinstance(time, (tuple, list)):
            if repeat:
                raise ValueError("only an alarm in milliseconds can be repeated")
            alarm = _Alarm(self, id, self._point(time))
        else:
            if not 0 < time <= 1 << 40:
                raise ValueError(f"time must be in 1..{1 << 40} ms, not {time}")
            alarm = _Timer(self, id, time / 1000, repeat)
        self.cancel(id)
        self._alarms[id] = alarm
        alarm.start()

    @staticmethod
    def _point(fields):
        if not 3 <= len(fields) <= 8:
            raise ValueError("a point in time is a tuple of 3 to 8 numbers")
        when = _datetime.datetime(*fields[:3], *fields[4:7], tzinfo=_datetime.UTC)
        return int(when.timestamp())

    def _seconds(self):
        """The clock's time as seconds since 1970."""
        return int(_datetime.datetime(*self._get()[:6], tzinfo=_datetime.UTC).timestamp())

    def alarm_left(self, alarm_id=ALARM0):
        """The milliseconds until an alarm; 0: none is set."""
        alarm = self._alarms.get(_number(alarm_id))
        return 0 if alarm is None else max(0, alarm.left())

    def cancel(self, alarm_id=ALARM0):
        """Takes an alarm back."""
        alarm = self._alarms.pop(_number(alarm_id), None)
        if alarm is not None:
            alarm.stop()

    alarm_cancel = cancel

    def irq(self, *, trigger=ALARM0, handler=None, wake=None):
        """Has handler(rtc) called at an alarm; None: nobody.

        trigger: the alarm.  wake: machine.SLEEP, machine.DEEPSLEEP or both: the alarm ends
        lightsleep() or deepsleep().
        """
        if handler is not None and not callable(handler):
            raise TypeError("handler must be callable or None")
        self._irqs[_number(trigger)] = handler, sleep.checked(wake)

    def _rang(self, id):
        handler, wake = self._irqs.get(id, (None, 0))
        sleep.woken(wake, sleep.RTC_WAKE)
        if handler is not None:
            handler(self)


def _number(id):
    if not isinstance(id, int) or not 0 <= id <= 7:
        raise ValueError(f"an alarm's id is in 0..7, not {id!r}")
    return id


class _Timer:
    """An alarm so many seconds from now, by the kernel's clock."""

    def __init__(self, rtc, id, seconds, repeat):
        self._rtc, self._id, self._seconds = rtc, id, seconds
        self._repeat = repeat
        self._end = time.monotonic() + seconds

    def start(self):
        self._entry = events.at(self._end, self._due)

    def stop(self):
        events.cancel(self._entry)

    def left(self):
        return round((self._end - time.monotonic()) * 1000)

    def clock_set(self):
        """It counts milliseconds, whatever the clock shows."""

    def _due(self):
        if self._rtc._alarms.get(self._id) is not self:
            return
        if self._repeat:
            missed = (time.monotonic() - self._end) // self._seconds
            self._end += self._seconds * (1 + max(0, missed))
            self.start()
        else:
            del self._rtc._alarms[self._id]
        self._rtc._rang(self._id)


class _Alarm:
    """An alarm at a point in time, by the clock."""

    def __init__(self, rtc, id, point):
        self._rtc, self._id, self._point = rtc, id, point
        self._source = self._entry = None
        if self.left() <= 0:
            raise ValueError("the time of the alarm has passed")

    def start(self):
        self._look()
        if self._rtc._read() is not None and hasattr(_vhal, "rtc_alarm"):
            fields = time.gmtime(self._point)[1:6]

            def begin():
                self._source = _vhal.rtc_alarm(self._rtc._device, self._id, *fields)
                return self._source

            try:
                events.on(begin, lambda value, stamp: self._due())
            except UnsupportedError:
                pass  # the clock has fewer alarms, or none

    def _look(self):
        # A clock that has its own alarm may have no line to the processor (the HPET of a PC takes
        # it), so the kernel looks too.  Once an hour at least: somebody else may set the clock.
        pause = min(max(self.left() / 1000, 0.01), 3600)
        self._entry = events.at(time.monotonic() + pause, self._due)

    def stop(self):
        events.cancel(self._entry)
        if self._source is not None:
            events.off(self._source)
            _vhal.rtc_alarm_off(self._rtc._device, self._id)

    def left(self):
        return (self._point - self._rtc._seconds()) * 1000

    def clock_set(self):
        """Somebody has set the clock: the alarm may be due, or later than it was."""
        events.cancel(self._entry)
        self._look()

    def _due(self):
        if self._rtc._alarms.get(self._id) is not self:
            return
        if self.left() > 0:
            # Too early by part of a second; and many clocks compare the time of the day alone.
            events.cancel(self._entry)
            self._look()
            return
        self._rtc.cancel(self._id)
        self._rtc._rang(self._id)

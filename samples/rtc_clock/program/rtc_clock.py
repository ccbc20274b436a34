# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Shows the time of the real-time clock, and sets it from the kernel's: set_clock()."""

import time

from machine import RTC

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def text(rtc):
    """The time as text."""
    year, month, day, weekday, hour, minute, second, _ = rtc.datetime()
    return f"{DAYS[weekday]} {year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"


def set_clock():
    """Sets the clock from time.time()."""
    now = time.gmtime()
    RTC().datetime((*now[:3], now.tm_wday, *now[3:6], 0))


def main(seconds=None):
    """Shows it for so many seconds, or for ever."""
    rtc = RTC()
    count = 0
    while seconds is None or count < seconds:
        print("\r" + text(rtc), end="", flush=True)
        time.sleep(1)
        count += 1
    print()


if __name__ == "__main__":
    main()

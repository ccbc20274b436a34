# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The chip itself: its number, its clock, its resets, and waiting in tight places."""

import time

import _vhal
import _vosal

from . import sleep

IDLE, SLEEP, DEEPSLEEP = sleep.IDLE, sleep.SLEEP, sleep.DEEPSLEEP
PIN_WAKE, RTC_WAKE = sleep.PIN_WAKE, sleep.RTC_WAKE
PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5


def unique_id():
    """The chip's number as bytes.  UnsupportedError: the board has none."""
    read = getattr(_vhal, "hwinfo_id", None)
    if read is None:
        from kernel.errors import UnsupportedError

        raise UnsupportedError("this board has no unique number")
    return read()


# What the machine leaves to itself over a reset says more than the chip.
_LEFT = {
    "software": SOFT_RESET,
    "deep sleep": DEEPSLEEP_RESET,
    "crash": HARD_RESET,
    "watchdog": WDT_RESET,
}


def reset_cause():
    """Why the machine was last reset: one of *_RESET; PWRON_RESET where nobody knows."""
    cause = _LEFT.get(_vosal.reset_reason()[0])
    if cause is not None:
        return cause
    read = getattr(_vhal, "hwinfo_reset_cause", None)
    if read is None:
        return PWRON_RESET
    flags = read()
    for name, cause in (
        ("RESET_WATCHDOG", WDT_RESET),
        ("RESET_LOW_POWER_WAKE", DEEPSLEEP_RESET),
        ("RESET_SOFTWARE", SOFT_RESET),
        ("RESET_PIN", HARD_RESET),
    ):
        if flags & getattr(_vhal, name):
            return cause
    return PWRON_RESET


def reset():
    """Resets the machine.  Does not return."""
    from kernel import power

    power.reboot()


def soft_reset():
    """Ends the session; the interpreter starts anew."""
    raise SystemExit


def freq(hz=None):
    """The frequency in Hz of the counter that time is kept by.  It cannot be set."""
    if hz is not None:
        from kernel.errors import UnsupportedError

        raise UnsupportedError("the clock of this board cannot be set")
    return _vosal.cycles_per_second


def idle():
    """Lets other threads run for a millisecond, and the CPU sleep if there are none."""
    sleep.until(IDLE, 1)


def lightsleep(time_ms=None):
    """Sleeps for so many milliseconds, or until a pin or an alarm wakes it: `wake` of irq().

    Zephyr puts what it can into a low-power state while nothing runs; other threads go on.
    Without time_ms only the wake ends it.
    """
    sleep.until(SLEEP, time_ms)


def deepsleep(time_ms=None):
    """Sleeps as lightsleep() does, then resets the machine: reset_cause() is DEEPSLEEP_RESET."""
    sleep.until(DEEPSLEEP, time_ms)
    from kernel import power

    power.reboot(slept=True)


wake_reason = sleep.reason


def disable_irq():
    """Refused: Python runs in a thread, where no interrupt can disturb it."""
    from kernel.errors import UnsupportedError

    raise UnsupportedError("Python cannot lock interrupts; use a lock between threads")


def enable_irq(state=True):
    """See disable_irq()."""
    disable_irq()


def time_pulse_us(pin, pulse_level, timeout_us=1000000):
    """The length of a pulse in microseconds, from now on when the pin has the level already.

    -2: none began in time; -1: it did not end within as much time again.
    """
    end = time.monotonic_ns() + timeout_us * 1000
    while pin.value() != pulse_level:
        if time.monotonic_ns() > end:
            return -2
    start = time.monotonic_ns()
    end = start + timeout_us * 1000
    while pin.value() == pulse_level:
        if time.monotonic_ns() > end:
            return -1
    return (time.monotonic_ns() - start) // 1000


def bitstream(pin, encoding, timing, data):
    """Refused: Python is too slow for it.  LED strips have a driver: see neopixel_write."""
    from kernel.errors import UnsupportedError

    raise UnsupportedError("bitstream(): too fast for Python; use neopixel_write or SPI")

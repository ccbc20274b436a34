# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sleeping until something wakes the program: the time, a pin, an alarm.

While Python waits the processor does, in the lowest power state that Zephyr knows on the board.
Other threads go on: those that should rest are the program's business.
"""

from _thread import allocate_lock

IDLE, SLEEP, DEEPSLEEP = 1, 2, 4
PIN_WAKE, RTC_WAKE = 1, 2

_lock = allocate_lock()
_sleepers = []  # [lock that is held until it wakes, mode] of each thread that sleeps
_reason = 0


def checked(wake):
    """The argument `wake` of an irq() as a number.  ValueError when it is none of the modes."""
    if wake is None:
        return 0
    if not isinstance(wake, int) or wake & ~(IDLE | SLEEP | DEEPSLEEP) or not wake:
        raise ValueError("wake must be of machine.IDLE, machine.SLEEP and machine.DEEPSLEEP")
    return wake


def woken(wake, reason):
    """Something has happened that ends the sleeps of these modes."""
    global _reason
    if not wake:
        return
    with _lock:
        for sleeper in tuple(_sleepers):
            if sleeper[1] & wake:
                _reason = reason
                _sleepers.remove(sleeper)
                sleeper[0].release()


def until(mode, time_ms):
    """Sleeps in a mode for so many milliseconds, or until it is woken; None: only that."""
    global _reason
    if time_ms is None:
        seconds = -1
    else:
        if not 0 <= time_ms <= 1 << 40:
            raise ValueError(f"time_ms must be in 0..{1 << 40}, not {time_ms}")
        seconds = time_ms / 1000
    sleeper = [allocate_lock(), mode]
    sleeper[0].acquire()
    with _lock:
        _reason = 0
        _sleepers.append(sleeper)
    try:
        sleeper[0].acquire(timeout=seconds)
    finally:
        with _lock:
            if sleeper in _sleepers:
                _sleepers.remove(sleeper)


def reason():
    """What ended the last sleep: PIN_WAKE, RTC_WAKE, or 0: its time, or there was none."""
    return _reason

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's microcontroller: the chip, and waiting in tight places."""

import enum
import threading
import time

import machine
from kernel.devices import Pin  # noqa: F401  the type of board's pins


class ResetReason(enum.Enum):
    POWER_ON = 1
    RESET_PIN = 2
    WATCHDOG = 3
    DEEP_SLEEP_ALARM = 4
    SOFTWARE = 5
    UNKNOWN = 0


class RunMode(enum.Enum):
    NORMAL = 0


class Processor:
    """The CPU."""

    @property
    def frequency(self):
        """Hz, of the counter that time is kept by."""
        return machine.freq()

    @property
    def uid(self):
        """The chip's number as bytes."""
        return machine.unique_id()

    @property
    def reset_reason(self):
        return ResetReason(machine.reset_cause())

    temperature = voltage = None


cpu = Processor()
cpus = (cpu,)
nvm = None
watchdog = None
_locked = threading.RLock()


def delay_us(delay):
    """Waits for microseconds, without letting the CPU go below a millisecond."""
    end = time.monotonic_ns() + int(delay * 1000)
    if delay > 2000:
        time.sleep(delay / 1e6 - 0.001)
    while time.monotonic_ns() < end:
        pass


def disable_interrupts():
    """Keeps other threads that call this out.  Interrupts go on: they do not run Python."""
    _locked.acquire()


def enable_interrupts():
    """Ends disable_interrupts()."""
    _locked.release()


def on_next_reset(run_mode):
    """There is one way to start."""
    if run_mode is not RunMode.NORMAL:
        raise ValueError("only RunMode.NORMAL")


def reset():
    """Resets the machine."""
    machine.reset()

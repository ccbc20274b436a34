# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""MicroPython's micropython: what its drivers import of it."""

from machine import events as _events


def const(value):
    """The value: a hint for MicroPython's compiler."""
    return value


def native(function):
    """The function: a hint for MicroPython's compiler."""
    return function


viper = native


def opt_level(level=None):
    """The optimisation level, which is fixed."""
    return None if level is not None else 0


def alloc_emergency_exception_buf(size):
    """Nothing to do: handlers may use memory."""


def kbd_intr(code):
    """Sets the byte that interrupts, -1 for none."""
    import _vosal

    _vosal.console_interrupt_char(code)


def schedule(function, argument):
    """Has function(argument) called soon, in the thread of interrupt handlers."""
    _events.at(0, lambda: function(argument))


def mem_info(verbose=None):
    """Prints how full the heap is."""
    import _vosal

    total, used, peak = _vosal.heap_info()
    print(f"heap: {total} bytes, {used} in use, at most {peak}")


def heap_lock():
    """Refused: the heap serves all threads."""
    from kernel.errors import UnsupportedError

    raise UnsupportedError("the heap cannot be locked")

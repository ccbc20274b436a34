# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's gpio: pins by functions.  Pins are named as for machine.Pin."""

import time as _time

from machine import Pin as _Pin
from machine import events as _events

INPUT, INPUT_PULLUP, INPUT_PULLDOWN = (_Pin.IN, None), (_Pin.IN, 1), (_Pin.IN, 2)
OUTPUT, OUTPUT_OPENDRAIN = (_Pin.OUT, None), (_Pin.OPEN_DRAIN, None)
LOW, HIGH = 0, 1

_handlers = {}  # pin → {edge: function}


def mode(pin, mode):
    """Sets a pin's mode: INPUT, INPUT_PULLUP, INPUT_PULLDOWN, OUTPUT or OUTPUT_OPENDRAIN."""
    _Pin(pin).init(*mode)


def get(pin):
    """The level."""
    return _Pin(pin).value()


def set(pin, value):
    """Sets the level of an output."""
    _Pin(pin).value(value)


def high(pin):
    """Sets an output high."""
    set(pin, 1)


def low(pin):
    """Sets an output low."""
    set(pin, 0)


def toggle(pin):
    """Sets an output to the other level."""
    _Pin(pin).toggle()


def on_rise(pin, fn, debounce=0, pull=INPUT_PULLDOWN):
    """Has fn(pin, value) called at each rising edge; None: no more.

    debounce: milliseconds for which the level must last.
    """
    _on(pin, 1, fn, debounce, pull)


def on_fall(pin, fn, debounce=0, pull=INPUT_PULLUP):
    """Has fn(pin, value) called at each falling edge; None: no more."""
    _on(pin, 0, fn, debounce, pull)


def on_rise_and_fall(pin, rise_fn, fall_fn, rise_debounce=0, fall_debounce=0, pull=INPUT_PULLUP):
    """Both at once."""
    _on(pin, 1, rise_fn, rise_debounce, pull)
    _on(pin, 0, fall_fn, fall_debounce, pull)


def disable_interrupt(pin):
    """Ends on_rise() and on_fall() of a pin."""
    found = _Pin(pin)
    _handlers.pop(found, None)
    found.irq(None)


def _on(pin, edge, fn, debounce, pull):
    found = _Pin(pin)
    handlers = _handlers.setdefault(found, {})
    if fn is None:
        handlers.pop(edge, None)
    else:
        handlers[edge] = (fn, debounce / 1000)
    if not handlers:
        disable_interrupt(pin)
        return
    found.irq(None)
    found.init(*pull)

    def arrived(irq):
        level = irq._value
        entry = handlers.get(level)
        if entry is None:
            return
        function, wait = entry
        if not wait:
            function(pin, level)
            return

        def later():
            if found.value() == level:
                function(pin, level)

        _events.at(_time.monotonic() + wait, later)

    found._begin_irq(arrived, _Pin.IRQ_RISING | _Pin.IRQ_FALLING)

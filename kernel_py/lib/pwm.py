# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's pwm: pulses by one function.  Outputs are named as for machine.PWM."""

from _thread import allocate_lock as _allocate_lock

from machine import PWM as _PWM

MICROS, MILLIS, NANOS = 1000, 1_000_000, 1

_outputs = {}


def write(pin, period, pulse, time_unit=MILLIS, npulses=0):
    """Sets period and pulse in a unit (MILLIS, MICROS or NANOS); (0, 0) ends the pulses.

    The period is 1 ns to 2**32 - 1 ns (4.29 s).  npulses: returns after so many; 0: they go on.
    InvalidHardwareStatusError: something was set meanwhile.
    """
    key = repr(pin)
    if period == 0:
        output = _outputs.pop(key, None)
        if output is not None:
            output.deinit()
        return
    if not 0 <= pulse <= period:
        raise ValueError(f"pulse must be in 0..{period} (the period), not {pulse}")
    nanoseconds = round(period * time_unit)
    if not 1 <= nanoseconds < 1 << 32:
        raise ValueError(f"period must be in 1..{(1 << 32) - 1} ns, not {nanoseconds}")
    output = _outputs.get(key)
    if output is None:
        output = _outputs[key] = _PWM(pin)
    # Not by freq(), which begins at 1 Hz.
    settings = {"period": nanoseconds, "duty_ns": round(pulse * time_unit)}
    if not npulses:
        output._apply(output._with(**settings))
        return
    waiting = _allocate_lock()
    waiting.acquire()
    complete = False

    def tell(ended):
        nonlocal complete
        complete = ended
        waiting.release()

    output._count(npulses, tell, **settings)
    waiting.acquire()
    if not complete:
        raise output._superseded()

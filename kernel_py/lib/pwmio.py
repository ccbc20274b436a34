# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's pwmio, on machine.PWM."""

from machine import PWM


class PWMOut:
    """PWMOut(pin, *, duty_cycle=0, frequency=500, variable_frequency=False)

    pin: board.PWM0 or what machine.PWM takes.
    """

    def __init__(self, pin, *, duty_cycle=0, frequency=500, variable_frequency=False):
        place = (pin.device, pin.number) if hasattr(pin, "number") else pin
        self._variable = variable_frequency
        self._pwm = PWM(place, freq=frequency, duty_u16=duty_cycle)

    def deinit(self):
        self._pwm.deinit()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    @property
    def duty_cycle(self):
        """0..65535."""
        return self._pwm.duty_u16()

    @duty_cycle.setter
    def duty_cycle(self, duty):
        self._pwm.duty_u16(duty)

    @property
    def frequency(self):
        """Hz."""
        return self._pwm.freq()

    @frequency.setter
    def frequency(self, frequency):
        if not self._variable:
            raise AttributeError("frequency is fixed: variable_frequency=True makes it settable")
        self._pwm.freq(frequency)

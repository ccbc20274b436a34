# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's analogio, on machine.ADC and machine.DAC."""

from kernel.errors import InvalidHardwareStatusError
from machine import ADC, DAC


def _place(pin):
    return (pin.device, pin.number) if hasattr(pin, "number") else pin


class AnalogIn:
    """AnalogIn(pin): pin is board.A0 or what machine.ADC takes."""

    def __init__(self, pin):
        self._adc = ADC(_place(pin))

    def deinit(self):
        self._adc = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    def _open(self):
        if self._adc is None:
            raise InvalidHardwareStatusError("AnalogIn: deinitialised")
        return self._adc

    @property
    def value(self):
        """0..65535."""
        return self._open().read_u16()

    @property
    def reference_voltage(self):
        """The voltage of 65535."""
        return self._open()._full_uv / 1e6


class AnalogOut:
    """AnalogOut(pin): pin is what machine.DAC takes, as ("dac0", 0)."""

    def __init__(self, pin):
        self._dac = DAC(_place(pin))
        self._value = 0

    def deinit(self):
        self._dac = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    @property
    def value(self):
        """0..65535."""
        return self._value

    @value.setter
    def value(self, value):
        if self._dac is None:
            raise InvalidHardwareStatusError("AnalogOut: deinitialised")
        self._dac.write_u16(value)
        self._value = value

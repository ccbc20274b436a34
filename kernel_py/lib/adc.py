# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""zOS's adc: voltages by one function.  Channels are named as for machine.ADC."""

from machine import ADC as _ADC


def read(pin, samples=1, sps=0):
    """One sample, or a list of them.  sps: samples a second, where the driver can keep time."""
    adc = _ADC(pin)
    if samples == 1:
        return adc.read()
    import array

    row = array.array("H", bytes(2 * samples))
    adc.read_into(row, interval_us=round(1e6 / sps) if sps else 0)
    return list(row)

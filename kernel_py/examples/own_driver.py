# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A driver of your own: a thermometer on I2C, from its data sheet.

    >>> run('/examples/own_driver.py')

The chip is an MCP9808.  Its data sheet gives the address 0x18 and two registers of 16 bits: 5, the
temperature, and 6, who made it.  On a machine with emulated buses the lesson puts one on i2c0.
"""

import circuit
from circuit import chips

from machine import I2C

BUS, ADDRESS = "i2c0", 0x18


class Mcp9808:
    """The thermometer at one address of a bus."""

    TEMPERATURE, MANUFACTURER = 5, 6

    def __init__(self, bus, address=ADDRESS):
        self._bus, self._address = bus, address
        if self._register(self.MANUFACTURER) != 0x0054:
            raise OSError(f"what is at {address:#x} is no MCP9808")

    def _register(self, number):
        """What a register holds, high byte first."""
        return int.from_bytes(self._bus.readfrom_mem(self._address, number, 2), "big")

    @property
    def temperature(self):
        """In °C: 13 bits in two's complement, in units of a sixteenth."""
        value = self._register(self.TEMPERATURE) & 0x1FFF
        return (value - 0x2000 if value & 0x1000 else value) / 16


try:
    model = chips.Mcp9808(temperature=21.5)
    circuit.i2c(BUS, ADDRESS, model)
except OSError:
    model = None  # real buses: the chip that is there

bus = I2C(BUS)
try:
    print("on the bus:", [hex(address) for address in bus.scan()])
    thermometer = Mcp9808(bus)
    print("temperature:", thermometer.temperature)
    if model is not None:
        model.temperature = -3.25
        print("later:", thermometer.temperature)
        circuit.i2c(BUS, ADDRESS, None)  # somebody pulls it out
        try:
            print(thermometer.temperature)
        except OSError as error:
            print("without the chip:", error)
finally:
    if model is not None:
        circuit.i2c(BUS, ADDRESS, None)
    bus.deinit()

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Pure-Python drivers for MicroPython, unmodified, reading chips of `circuit`.

Run on the machine by tests/target/test_drivers.py, with the drivers' wheels on sys.path.
"""

import unittest

import circuit
from circuit import chips

from machine import I2C


class Drivers(unittest.TestCase):
    """One driver a test."""

    def i2c(self, address, chip):
        circuit.i2c("i2c0", address, chip)
        self.addCleanup(circuit.i2c, "i2c0", address, None)
        return I2C("i2c0", freq=100000)

    def test_mcp9808(self):
        from micropython_mcp9808 import mcp9808

        chip = chips.Mcp9808(temperature=21.25)
        sensor = mcp9808.MCP9808(self.i2c(0x18, chip))
        for temperature in (21.25, 0.0, 99.5):
            chip.temperature = temperature
            self.assertAlmostEqual(sensor.temperature, temperature, delta=0.07)

    def test_adxl343(self):
        from micropython_adxl343 import adxl343

        wanted = (1.0, -2.0, 9.8)
        sensor = adxl343.ADXL343(self.i2c(0x53, chips.Adxl343(wanted)))
        for got, expected in zip(sensor.acceleration, wanted, strict=True):
            # The driver takes 4 mg a count where the chip has 3.9.
            self.assertAlmostEqual(got, expected * 1.024, delta=0.05)

    def test_lis3mdl(self):
        from micropython_lis3mdl import lis3mdl

        wanted = (20.0, 0.0, -40.0)
        sensor = lis3mdl.LIS3MDL(self.i2c(0x1C, chips.Lis3mdl(wanted)))
        for got, expected in zip(sensor.magnetic, wanted, strict=True):
            self.assertAlmostEqual(got, expected, delta=0.2)

    def test_sht4x(self):
        from micropython_sht4x import sht4x

        sensor = sht4x.SHT4X(self.i2c(0x44, chips.Sht4x(temperature=23.5, humidity=61.0)))
        temperature, humidity = sensor.measurements
        self.assertAlmostEqual(temperature, 23.5, delta=0.02)
        self.assertAlmostEqual(humidity, 61.0, delta=0.02)


if __name__ == "__main__":
    unittest.main()

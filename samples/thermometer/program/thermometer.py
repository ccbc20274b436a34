# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Reads a BME280 on `i2c0` by its registers, and prints the temperature.

Without one at hand: import circuit; from circuit.chips import Bme280;
circuit.i2c("i2c0", 0x76, Bme280(temperature=21.5))
"""

import struct
import time

from machine import I2C

ADDRESS = 0x76
ID, CALIBRATION, CONTROL, DATA = 0xD0, 0x88, 0xF4, 0xFA


class Thermometer:
    """The temperature part of a BME280; the formula is the data sheet's."""

    def __init__(self, bus, address=ADDRESS):
        self.bus, self.address = bus, address
        if bus.readfrom_mem(address, ID, 1) != b"\x60":
            raise OSError(f"no BME280 at 0x{address:02x}")
        self.calibration = struct.unpack("<Hhh", bus.readfrom_mem(address, CALIBRATION, 6))

    def read(self):
        """The temperature in °C."""
        self.bus.writeto_mem(self.address, CONTROL, b"\x21")  # measure once
        time.sleep(0.01)
        raw = int.from_bytes(self.bus.readfrom_mem(self.address, DATA, 3), "big") >> 4
        t1, t2, t3 = self.calibration
        a = (raw / 16384 - t1 / 1024) * t2
        b = (raw / 131072 - t1 / 8192) ** 2 * t3
        return (a + b) / 5120


def main(readings=None):
    """Prints so many readings, a second apart; or goes on for ever."""
    thermometer = Thermometer(I2C("i2c0", freq=100_000))
    count = 0
    while readings is None or count < readings:
        print(f"{thermometer.read():.2f} °C")
        count += 1
        if count != readings:
            time.sleep(1)


if __name__ == "__main__":
    main()

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Drivers of the CircuitPython bundle, unmodified, reading chips of `circuit`.

Run on the machine by tests/target/test_drivers.py, with the drivers' wheels on sys.path.
"""

import time
import unittest

import board
import circuit
from circuit import chips


def until(condition, seconds=10):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Drivers(unittest.TestCase):
    """One driver a test."""

    def i2c(self, address, chip):
        circuit.i2c("i2c0", address, chip)
        self.addCleanup(circuit.i2c, "i2c0", address, None)
        return board.I2C()

    def spi(self, chip):
        import digitalio

        cs = digitalio.DigitalInOut(board.D16)
        circuit.spi("spi0", chip, cs=board.D16)
        self.addCleanup(circuit.spi, "spi0", None, board.D16)
        self.addCleanup(cs.deinit)
        return board.SPI(), cs

    def test_bme280_i2c(self):
        from adafruit_bme280 import basic

        chip = chips.Bme280(temperature=21.5, pressure=1001.25, humidity=44.4)
        sensor = basic.Adafruit_BME280_I2C(self.i2c(0x77, chip))
        for temperature in (21.5, -12.0, 60.0):
            chip.temperature = temperature
            self.assertAlmostEqual(sensor.temperature, temperature, delta=0.02)
            self.assertAlmostEqual(sensor.pressure, 1001.25, delta=0.1)
            self.assertAlmostEqual(sensor.humidity, 44.4, delta=0.1)

    def test_bme280_spi(self):
        from adafruit_bme280 import basic

        spi, cs = self.spi(chips.Bme280(temperature=19.0, pressure=990.0, humidity=30.0))
        sensor = basic.Adafruit_BME280_SPI(spi, cs)
        self.assertAlmostEqual(sensor.temperature, 19.0, delta=0.02)
        self.assertAlmostEqual(sensor.pressure, 990.0, delta=0.1)
        self.assertAlmostEqual(sensor.humidity, 30.0, delta=0.1)

    def test_24lc32(self):
        import adafruit_24lc32

        chip = chips.Eeprom24(size=4096)
        memory = adafruit_24lc32.EEPROM_I2C(self.i2c(0x57, chip), address=0x57)
        self.assertEqual(len(memory), 4096)
        memory[0] = 7
        memory[100:104] = b"abcd"
        self.assertEqual(memory[0], b"\x07")
        self.assertEqual(memory[100:104], b"abcd")
        self.assertEqual(chip.memory[100:104], b"abcd")

    def test_ds3231(self):
        import adafruit_ds3231

        clock = adafruit_ds3231.DS3231(self.i2c(0x68, chips.Ds3231(temperature=-3.25)))
        clock.datetime = time.struct_time((2031, 12, 31, 23, 59, 58, 2, 365, -1))
        self.assertEqual(clock.datetime[:6], (2031, 12, 31, 23, 59, 58))
        self.assertTrue(until(lambda: clock.datetime.tm_year == 2032), clock.datetime)
        self.assertEqual(clock.datetime[:5], (2032, 1, 1, 0, 0))
        self.assertEqual(clock.temperature, -3.25)

    def test_ssd1306(self):
        import adafruit_ssd1306

        chip = chips.Ssd1306()
        display = adafruit_ssd1306.SSD1306_I2C(128, 64, self.i2c(0x3C, chip))
        self.assertTrue(chip.on)
        display.fill(0)
        display.pixel(3, 5, 1)
        display.rect(20, 10, 30, 20, 1)
        display.show()
        self.assertTrue(chip.pixel(3, 5))
        self.assertFalse(chip.pixel(4, 5))
        lit = sum(chip.pixel(x, y) for x in range(128) for y in range(64))
        self.assertEqual(lit, 1 + 2 * 30 + 2 * 18)
        display.contrast(9)
        self.assertEqual(chip.contrast, 9)
        display.invert(True)
        self.assertTrue(chip.inverted)
        display.poweroff()
        self.assertFalse(chip.on)

    def test_mpu6050(self):
        import adafruit_mpu6050

        chip = chips.Mpu6050((1.0, -2.0, 9.8), (10.0, 0.0, -20.0), temperature=30.0)
        sensor = adafruit_mpu6050.MPU6050(self.i2c(0x68, chip))
        for got, wanted in zip(sensor.acceleration, (1.0, -2.0, 9.8), strict=True):
            self.assertAlmostEqual(got, wanted, delta=0.02)
        radians = (0.17453, 0.0, -0.34907)
        for got, wanted in zip(sensor.gyro, radians, strict=True):
            self.assertAlmostEqual(got, wanted, delta=0.01)
        self.assertAlmostEqual(sensor.temperature, 30.0, delta=0.05)

    def test_max31855(self):
        import adafruit_max31855

        chip = chips.Max31855(temperature=-20.25, reference=23.5)
        sensor = adafruit_max31855.MAX31855(*self.spi(chip))
        self.assertEqual(sensor.temperature, -20.25)
        self.assertEqual(sensor.reference_temperature, 23.5)
        chip.open_circuit = True
        with self.assertRaises(RuntimeError):
            sensor.temperature  # noqa: B018

    def test_a_sensor_that_is_not_there(self):
        from adafruit_bme280 import basic

        with self.assertRaises((ValueError, OSError)):
            basic.Adafruit_BME280_I2C(board.I2C(), address=0x76)
        # The bus is free again.
        self.assertTrue(board.I2C().try_lock())
        board.I2C().unlock()


if __name__ == "__main__":
    unittest.main()

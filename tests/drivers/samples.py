# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The samples, played through on emulated hardware.

Run on the machine by tests/target/test_samples.py. The samples' programs are beside it; or the
image is that of one sample (--sample NAME), and its program is in /samples.
"""

import asyncio
import contextlib
import importlib.util
import io
import sys
import time
import unittest

import circuit
from circuit import chips


class Samples(unittest.TestCase):
    """One sample a test."""

    def setUp(self):
        circuit.clear()
        self.addCleanup(circuit.clear)
        self.text = io.StringIO()

    def shown(self, function, *args, **more):
        with contextlib.redirect_stdout(self.text):
            result = function(*args, **more)
            if asyncio.iscoroutine(result):
                result = asyncio.run(result)
        return result

    def test_blinky(self):
        import blinky

        blinky.PERIOD = 0.05
        levels = []
        circuit.watch("led0", levels.append)
        self.shown(blinky.main, 3)
        self.assertEqual(levels[-6:], [1, 0] * 3)

    async def presses(self, count):
        for _ in range(count):
            await asyncio.sleep(0.1)
            circuit.press("sw0")
            await asyncio.sleep(0.1)
            circuit.release("sw0")

    def test_button(self):
        import button

        async def play():
            circuit.release("sw0")
            pressing = asyncio.ensure_future(self.presses(2))
            count = await asyncio.wait_for(button.main(2), 30)
            await pressing
            return count

        self.assertEqual(self.shown(play), 2)
        self.assertIn("pressed, 2\nreleased", self.text.getvalue())
        seen = []
        end = button.watch(seen.append)
        circuit.press("sw0")
        deadline = time.monotonic() + 10
        while not seen and time.monotonic() < deadline:
            time.sleep(0.01)
        end()
        self.assertEqual(len(seen), 1)

    def test_fade(self):
        import fade

        fade.STEPS = 5
        self.shown(fade.main, 1)
        period, pulse, _ = circuit.pulses("pwm-led0")
        self.assertEqual((period, pulse), (1000000, 0))

    def test_thermometer(self):
        import thermometer

        circuit.i2c("i2c0", 0x76, chips.Bme280(temperature=21.5))
        self.addCleanup(circuit.i2c, "i2c0", 0x76, None)
        self.shown(thermometer.main, 1)
        self.assertEqual(self.text.getvalue(), "21.50 °C\n")

    def test_adc_scope(self):
        import adc_scope

        circuit.voltage(("adc0", 0), 3.3)
        self.shown(adc_scope.main, 1, 0)
        rows = self.text.getvalue().splitlines()
        self.assertEqual(len(rows), adc_scope.HEIGHT)
        self.assertIn("3.3 |" + "*" * adc_scope.WIDTH, rows[0])

    def test_spi_flash(self):
        import spi_flash

        circuit.spi("spi0", chips.SpiFlash(), cs=spi_flash.SELECT)
        self.addCleanup(circuit.spi, "spi0", None, spi_flash.SELECT)
        self.shown(spi_flash.main)
        self.assertEqual(self.text.getvalue(), "id ef 40 14\nHello from ZPy\n")

    def test_uart_echo(self):
        import uart_echo

        circuit.unline("uart_emul0")
        circuit.sent("uart_emul0")

        async def play():
            echo = asyncio.ensure_future(uart_echo.main(5))
            await asyncio.sleep(0.1)
            circuit.send("uart_emul0", b"hello")
            await asyncio.wait_for(echo, 30)
            sent = b""
            async with asyncio.timeout(30):
                while len(sent) < 5:
                    await asyncio.sleep(0.01)
                    sent += circuit.sent("uart_emul0")
            self.assertEqual(sent, b"HELLO")

        self.shown(play)

    def test_rtc_clock(self):
        import rtc_clock

        self.shown(rtc_clock.set_clock)
        self.shown(rtc_clock.main, 1)
        self.assertIn(time.strftime("%Y-%m-%d", time.gmtime()), self.text.getvalue())

    def test_led_strip(self):
        import led_strip

        strip = chips.Ws2812()
        circuit.spi("spi0", strip, target=3)
        self.addCleanup(circuit.spi, "spi0", None, None, 3)
        first = led_strip.rainbow(0)
        led_strip.neopixel_write(led_strip.board.led_strip, first)
        self.assertEqual(strip.pixels[0], (first[1], first[0], first[2]))
        self.shown(led_strip.main, 3)
        self.assertEqual(strip.pixels[:8], [(0, 0, 0)] * 8)

    def test_data_logger(self):
        import os
        import tempfile

        import data_logger

        with tempfile.TemporaryDirectory() as home:
            path = self.shown(data_logger.main, 3, 0, os.path.join(home, "log.csv"))
            with open(path) as file:
                lines = file.read().splitlines()
        self.assertEqual(lines[0], "time,accel_x,accel_y,accel_z")
        self.assertEqual(len(lines), 4)
        self.assertEqual([len(line.split(",")) for line in lines], [4] * 4)

    def test_reaction_game(self):
        import reaction_game

        async def play():
            circuit.release("sw0")
            game = asyncio.ensure_future(reaction_game.main(1, (0.1, 0.1)))
            deadline = time.monotonic() + 20
            while not circuit.level("led0") and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            circuit.press("sw0")
            await asyncio.sleep(0.05)
            circuit.release("sw0")
            return await asyncio.wait_for(game, 20)

        best = self.shown(play)
        self.assertGreater(best, 1)
        self.assertIn("best:", self.text.getvalue())

    @unittest.skipUnless(importlib.util.find_spec("c_driver"), "the image has no c_driver")
    def test_c_driver(self):
        import c_driver

        from kernel import vosal
        from kernel.interrupts import interrupt

        go, samples, done = vosal.Semaphore(), vosal.Queue(8, 64), vosal.Semaphore()
        complete = c_driver.start(go, samples, 10)
        try:

            @interrupt(complete)
            def ready(event):
                print(event.value, "samples")
                done.release()

            def series():
                go.release()
                taken = [samples.get(timeout=10) for _ in range(10)]
                self.assertTrue(done.acquire(timeout=10))
                return taken

            taken = self.shown(series)
        finally:
            go.close()
            c_driver.stop()
        self.assertEqual([sample[0] for sample in taken], list(range(10)))

    @unittest.skipUnless(importlib.util.find_spec("zos_native"), "the image has no zos_native")
    def test_zos_native(self):
        import zos_native

        self.assertEqual(zos_native.add(20, 22), 42)
        self.assertEqual(zos_native.squares(4), [0, 1, 4, 9])
        self.assertEqual(zos_native.histogram(b"abba"), {97: 2, 98: 2})


if __name__ == "__main__":
    if sys.argv[2:3] == ["--sample"]:
        name = sys.argv[3]
        sys.argv[2:] = [f"Samples.test_{name}"]
        sys.path.insert(0, "/samples")
    unittest.main()

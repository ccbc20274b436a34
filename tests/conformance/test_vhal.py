# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of _vhal, the same for the C module and for its reference on sim."""

import errno
import os
import select
import sys
import threading
import time
import unittest

try:
    import _vhal
    import _vosal
except ImportError:
    _vhal = None


def setUpModule():
    """Without _vhal there is nothing to test."""
    if _vhal is None:
        raise unittest.SkipTest("not on a ZPy machine")
    if not hasattr(_vhal, "emul_gpio_input"):
        raise unittest.SkipTest("this board has no emulated hardware")
    from kernel.devices import devices

    if "kernel.interrupts" in sys.modules:
        # Who has used interrupts before on this machine: their thread takes all events.
        sys.modules["kernel.interrupts"].stop()
    global GPIO, ADC, DAC, PWM, I2C, SPI, UART, UART1
    GPIO, ADC, DAC, PWM, I2C, SPI, UART, UART1 = (
        devices[name].device
        for name in ("gpio0", "adc0", "dac0", "pwm0", "i2c0", "spi0", "uart_emul0", "uart_emul1")
    )


class Devicetree(unittest.TestCase):
    """devicetree(), driver() and device()."""

    def test_rows(self):
        nodes, aliases, chosen = _vhal.devicetree()
        self.assertEqual(nodes[0][0], "/")
        for index, row in enumerate(nodes):
            self.assertEqual(len(row), 10, row)
            path, labels, compatible, status, kind, parent, registers, interrupts, props, label = (
                row
            )
            self.assertTrue(path.startswith("/"))
            for names in (labels, compatible):
                self.assertIsInstance(names, tuple)
            self.assertIn(kind, (None, *KINDS))
            self.assertIn(_vhal.driver(index), ("none", "failed", "ready", "deferred"))
            if index:
                self.assertTrue(path.startswith(nodes[parent][0]), row)
            if status != "okay":
                self.assertEqual(_vhal.driver(index), "none")
        for index in (*aliases.values(), *chosen.values()):
            self.assertIn(index, range(len(nodes)))

    def test_device(self):
        self.assertEqual(GPIO.kind, "gpio")
        self.assertTrue(GPIO.path.startswith("/"))
        self.assertEqual(repr(GPIO), f"<Device gpio {GPIO.path}>")
        with self.assertRaises(TypeError):
            type(GPIO)()
        for bad in (-1, 1 << 20, 1 << 80):
            with self.assertRaises(ValueError):
                _vhal.device(bad)
        with self.assertRaises(TypeError):
            _vhal.device("gpio0")
        with self.assertRaises(OSError) as caught:
            _vhal.device(0)  # the root has no driver
        self.assertEqual(caught.exception.errno, errno.ENODEV)

    def test_wrong_kind(self):
        from kernel.errors import PeripheralError

        with self.assertRaises(PeripheralError) as caught:
            _vhal.gpio_get(ADC, 0)
        self.assertIn(ADC.path, str(caught.exception))
        with self.assertRaises(TypeError):
            _vhal.gpio_get("gpio0", 0)
        with self.assertRaises(TypeError):
            _vhal.gpio_get(GPIO)

    def test_references(self):
        before = sys.getrefcount(GPIO)
        for _ in range(100):
            _vhal.gpio_get(GPIO, 3)
            _vhal.gpio_pins(GPIO)
        self.assertEqual(sys.getrefcount(GPIO), before)


KINDS = (
    *("adc", "counter", "dac", "eeprom", "flash", "gpio", "i2c", "led", "led_strip", "pwm", "rtc"),
    *("sensor", "spi", "uart", "watchdog"),
)


class Gpio(unittest.TestCase):
    """Pins and their interrupts."""

    def tearDown(self):
        for pin in range(4, 8):
            _vhal.gpio_configure(GPIO, pin, _vhal.GPIO_DISCONNECTED)

    def test_output(self):
        _vhal.gpio_configure(GPIO, 4, _vhal.GPIO_INPUT | _vhal.GPIO_OUTPUT_HIGH)
        self.assertEqual(_vhal.gpio_get(GPIO, 4), 1)
        _vhal.gpio_set(GPIO, 4, 0)
        self.assertEqual(_vhal.gpio_get(GPIO, 4), 0)
        _vhal.gpio_set(GPIO, 4, "true")
        self.assertEqual(_vhal.emul_gpio_state(GPIO, 4)[1], 1)

    def test_input(self):
        _vhal.gpio_configure(GPIO, 5, _vhal.GPIO_INPUT | _vhal.GPIO_PULL_UP)
        self.assertEqual(_vhal.gpio_get(GPIO, 5), 1)
        _vhal.emul_gpio_input(GPIO, 5, 0)
        self.assertEqual(_vhal.gpio_get(GPIO, 5), 0)
        _vhal.gpio_configure(GPIO, 5, _vhal.GPIO_INPUT | _vhal.GPIO_PULL_DOWN)
        self.assertEqual(_vhal.gpio_get(GPIO, 5), 0)

    def test_bad_pins(self):
        from kernel.errors import InvalidPinError

        self.assertEqual(_vhal.gpio_pins(GPIO), 0xFFFFFFFF)
        for pin in (-1, 32, 255, 1 << 40, -(1 << 80)):
            with self.assertRaises(InvalidPinError, msg=str(pin)):
                _vhal.gpio_get(GPIO, pin)
        with self.assertRaises(TypeError):
            _vhal.gpio_set(GPIO, "0", 1)

    def test_bad_flags(self):
        up_and_down = _vhal.GPIO_INPUT | _vhal.GPIO_PULL_UP | _vhal.GPIO_PULL_DOWN
        for flags in (
            up_and_down,
            _vhal.GPIO_OUTPUT_LOW | _vhal.GPIO_OUTPUT_HIGH,
            _vhal.GPIO_INPUT | (_vhal.GPIO_OUTPUT_HIGH & ~_vhal.GPIO_OUTPUT),
            -1,
            1 << 32,
        ):
            with self.assertRaises(ValueError, msg=hex(flags)):
                _vhal.gpio_configure(GPIO, 4, flags)

    def collect(self, source, wait=1.0):
        """The values of the events of a source that have come."""
        values = []
        while True:
            event = _vosal.interrupt_wait(wait if not values else 0.02)
            if event is None:
                return values
            self.assertIs(event[0], source)
            self.assertAlmostEqual(event[1] / 1e9, _vosal.uptime_ns() / 1e9, delta=60)
            values.append(event[2])

    def test_edges(self):
        _vhal.gpio_configure(GPIO, 6, _vhal.GPIO_INPUT)
        _vhal.emul_gpio_input(GPIO, 6, 0)
        for trigger, wanted in (
            (_vhal.GPIO_INT_EDGE_RISING, [1, 1]),
            (_vhal.GPIO_INT_EDGE_FALLING, [0, 0]),
            (_vhal.GPIO_INT_EDGE_BOTH, [1, 0, 1, 0]),
        ):
            source = _vhal.gpio_irq(GPIO, 6, trigger)
            try:
                with self.assertRaises(OSError) as caught:
                    _vhal.gpio_irq(GPIO, 6, trigger)
                self.assertEqual(caught.exception.errno, errno.EBUSY)
                for level in (1, 0, 0, 1, 1, 0):
                    _vhal.emul_gpio_input(GPIO, 6, level)
                self.assertEqual(self.collect(source), wanted)
            finally:
                _vhal.gpio_irq_off(source)
            _vhal.emul_gpio_input(GPIO, 6, 1)
            _vhal.emul_gpio_input(GPIO, 6, 0)
            self.assertIsNone(_vosal.interrupt_wait(0.02))

    def test_level(self):
        _vhal.gpio_configure(GPIO, 6, _vhal.GPIO_INPUT)
        _vhal.emul_gpio_input(GPIO, 6, 0)
        source = _vhal.gpio_irq(GPIO, 6, _vhal.GPIO_INT_LEVEL_HIGH)
        try:
            _vhal.emul_gpio_input(GPIO, 6, 1)
            self.assertEqual(self.collect(source), [1])
            # It lasts: armed again it comes again, at once.
            _vhal.gpio_irq_again(source)
            self.assertEqual(self.collect(source), [1])
            _vhal.emul_gpio_input(GPIO, 6, 0)
            _vhal.gpio_irq_again(source)
            self.assertIsNone(_vosal.interrupt_wait(0.02))
        finally:
            _vhal.gpio_irq_off(source)
        _vhal.gpio_irq_off(source)
        _vhal.gpio_irq_again(source)

    def test_flood(self):
        _vhal.gpio_configure(GPIO, 6, _vhal.GPIO_INPUT)
        source = _vhal.gpio_irq(GPIO, 6, _vhal.GPIO_INT_EDGE_BOTH)
        try:
            for i in range(1000):
                _vhal.emul_gpio_input(GPIO, 6, i & 1)
            kept = len(self.collect(source))
        finally:
            _vhal.gpio_irq_off(source)
        self.assertEqual(kept, source.depth)
        self.assertGreaterEqual(kept + source.dropped, 999)

    def test_source(self):
        """It is one of the machine's, with a name."""
        _vhal.gpio_configure(GPIO, 6, _vhal.GPIO_INPUT)
        source = _vhal.gpio_irq(GPIO, 6, _vhal.GPIO_INT_EDGE_BOTH)
        try:
            self.assertIsInstance(source, _vosal.Interrupt)
            self.assertTrue(source.name.endswith(".6"), source.name)
            self.assertIn(source, _vosal.interrupts())
        finally:
            _vhal.gpio_irq_off(source)
        for bad in (1, None, "x"):
            with self.assertRaises(TypeError):
                _vhal.gpio_irq_off(bad)
            with self.assertRaises(TypeError):
                _vhal.gpio_irq_again(bad)

    def test_bad_triggers(self):
        for trigger in (0, 1, _vhal.GPIO_INT_EDGE_BOTH | 1, 1 << 40, -1):
            with self.assertRaises(ValueError):
                _vhal.gpio_irq(GPIO, 6, trigger)


class I2c(unittest.TestCase):
    """Transfers on an emulated bus."""

    ADDRESS = 0x2A

    def setUp(self):
        self.calls = []
        self.memory = bytearray(range(16))

    def tearDown(self):
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, None)

    def chip(self, messages):
        self.calls.append(list(messages))
        return [bytes(self.memory[:m]) for m in messages if isinstance(m, int)]

    def test_transfers(self):
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, self.chip)
        into = bytearray(4)
        _vhal.i2c_transfer(I2C, self.ADDRESS, b"\x01\x02", None)
        _vhal.i2c_transfer(I2C, self.ADDRESS, None, into)
        self.assertEqual(into, bytes(range(4)))
        _vhal.i2c_transfer(I2C, self.ADDRESS, memoryview(b"xyz")[1:], into)
        _vhal.i2c_transfer(I2C, self.ADDRESS, b"", None)
        self.assertEqual(self.calls, [[b"\x01\x02"], [4], [b"yz", 4], [b""]])

    def test_messages(self):
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, self.chip)
        into = bytearray(2)
        for timeout in (None, 5.0):
            _vhal.i2c_transfer(I2C, self.ADDRESS, (b"a", b"bc"), into, 0, timeout)
            _vhal.i2c_transfer(I2C, self.ADDRESS, (b"d",) * 16, None, 0, timeout)
            self.assertEqual(self.calls, [[b"a", b"bc", 2], [b"d"] * 16])
            self.calls.clear()
        for out, error in (
            ((), ValueError),
            ((b"x",) * 17, ValueError),
            ((b"x", None), TypeError),
            ((bytearray(1),), TypeError),
        ):
            with self.assertRaises(error):
                _vhal.i2c_transfer(I2C, self.ADDRESS, out, None)

    def test_chips_of_the_devicetree(self):
        for address in (0x50, 0x69):
            with self.assertRaises(OSError) as caught:
                _vhal.emul_i2c_attach(I2C, address, self.chip)
            self.assertEqual(caught.exception.errno, errno.EBUSY)
            _vhal.emul_i2c_attach(I2C, address, None)
        into = bytearray(2)
        _vhal.i2c_transfer(I2C, 0x69, b"\0", into)
        self.assertEqual(into[0], 0xD1)
        _vhal.i2c_transfer(I2C, 0x69, (b"\x41", b"\5"), None)
        _vhal.i2c_transfer(I2C, 0x69, b"\x41", memoryview(into)[:1])
        self.assertEqual(into[0], 5)
        _vhal.i2c_transfer(I2C, 0x69, b"", None)
        _vhal.i2c_transfer(I2C, 0x69, b"\0", bytearray())
        refused = [(b"\x41\5", None), (None, into), (b"", into), (b"\0\1", into)]
        refused = [(0x69, *each) for each in refused]
        refused += [(0x50, (b"\0", b"\1"), None), (0x50, (b"\0", b"\1"), into)]
        for address, out, into in refused:
            with self.assertRaises(OSError, msg=(address, out)) as caught:
                _vhal.i2c_transfer(I2C, address, out, into)
            self.assertEqual(caught.exception.errno, errno.EIO)
        # This EEPROM is for a bus at the standard speed.
        self.addCleanup(_vhal.i2c_configure, I2C, 100000)
        _vhal.i2c_configure(I2C, 400000)
        with self.assertRaises(OSError):
            _vhal.i2c_transfer(I2C, 0x50, b"\0", bytearray(1))
        _vhal.i2c_configure(I2C, 100000)
        _vhal.i2c_transfer(I2C, 0x50, b"\0", bytearray(1))

    def test_in_place(self):
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, self.chip)
        whole = bytearray(8)
        _vhal.i2c_transfer(I2C, self.ADDRESS, None, memoryview(whole)[2:5])
        self.assertEqual(whole, b"\0\0\0\1\2\0\0\0")
        _vhal.i2c_transfer(I2C, self.ADDRESS, None, memoryview(whole)[2:5], 0, 5.0)
        whole.extend(b"x")  # no export is left
        with self.assertRaises((BufferError, TypeError)):
            _vhal.i2c_transfer(I2C, self.ADDRESS, None, b"const")
        with self.assertRaises(TypeError):
            _vhal.i2c_transfer(I2C, self.ADDRESS, "text", None)

    def test_nobody(self):
        for args in ((b"x", None), (None, bytearray(1)), (b"x", bytearray(1)), (b"", None)):
            with self.assertRaises(OSError) as caught:
                _vhal.i2c_transfer(I2C, self.ADDRESS, *args)
            self.assertIn(caught.exception.errno, (errno.EIO, errno.ENXIO))
            self.assertIn("0x2a", str(caught.exception))

    def test_bounds(self):
        for address in (-1, 0x80, 1 << 70):
            with self.assertRaises(ValueError):
                _vhal.i2c_transfer(I2C, address, b"x", None)
        with self.assertRaises(ValueError):
            _vhal.i2c_transfer(I2C, 0x400, b"x", None, _vhal.I2C_10BIT)
        with self.assertRaises(ValueError):
            _vhal.i2c_transfer(I2C, 0x20, None, None)
        with self.assertRaises(ValueError):
            _vhal.i2c_transfer(I2C, 0x20, b"x", None, 0, -1)
        for frequency in (0, 99999, 1 << 40):
            with self.assertRaises(ValueError):
                _vhal.i2c_configure(I2C, frequency)
        self.assertEqual(_vhal.i2c_configure(I2C, 399999), 100000)

    def test_errors_of_the_chip(self):
        def fail(messages):
            raise OSError(errno.ETIMEDOUT, "stretched too long")

        _vhal.emul_i2c_attach(I2C, self.ADDRESS, fail)
        with self.assertRaises(TimeoutError):
            _vhal.i2c_transfer(I2C, self.ADDRESS, b"x", None)
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, lambda messages: [])
        _vhal.i2c_transfer(I2C, self.ADDRESS, b"x", None)

    def test_a_bus_that_hangs(self):
        release = threading.Event()

        def hang(messages):
            release.wait(20)
            return [b"late" for m in messages if isinstance(m, int)]

        _vhal.emul_i2c_attach(I2C, self.ADDRESS, hang)
        into = bytearray(4)
        try:
            start = time.monotonic()
            with self.assertRaises(TimeoutError):
                _vhal.i2c_transfer(I2C, self.ADDRESS, None, into, 0, 0.2)
            self.assertGreaterEqual(time.monotonic() - start, 0.15)
            for timeout in (0.2, None):
                with self.assertRaises(OSError) as caught:
                    _vhal.i2c_transfer(I2C, self.ADDRESS, b"x", None, 0, timeout)
                self.assertEqual(caught.exception.errno, errno.EBUSY)
        finally:
            release.set()
        deadline = time.monotonic() + 10
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, self.chip)
        while True:
            try:
                _vhal.i2c_transfer(I2C, self.ADDRESS, b"x", None, 0, 5.0)
                break
            except OSError as error:
                self.assertEqual(error.errno, errno.EBUSY)
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)

    def test_others_run_meanwhile(self):
        seen = []

        def chip(messages):
            time.sleep(0.05)
            seen.append(threading.get_ident())
            return [b"abcd"]

        _vhal.emul_i2c_attach(I2C, self.ADDRESS, chip)
        ran = []
        thread = threading.Thread(target=lambda: ran.append(1))
        thread.start()
        _vhal.i2c_transfer(I2C, self.ADDRESS, None, bytearray(4))
        thread.join(5)
        self.assertEqual(ran, [1])
        self.assertEqual(len(seen), 1)

    def test_many_threads(self):
        _vhal.emul_i2c_attach(I2C, self.ADDRESS, self.chip)
        failures = []

        def work(timeout):
            into = bytearray(8)
            for _ in range(50):
                into[:] = bytes(8)
                _vhal.i2c_transfer(I2C, self.ADDRESS, b"\0", into, 0, timeout)
                if into != bytes(range(8)):
                    failures.append(bytes(into))

        threads = [threading.Thread(target=work, args=(t,)) for t in (None, 30.0, None, 30.0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(failures, [])
        self.assertEqual(len(self.calls), 200)


class Spi(unittest.TestCase):
    """Transfers on an emulated bus."""

    def tearDown(self):
        _vhal.emul_spi_attach(SPI, 0, None)

    def transfer(self, out, into, **settings):
        operation = settings.get("operation", 8 << 5)
        _vhal.spi_transfer(SPI, 1000000, operation, 0, settings.get("cs"), out, into)

    def test_both_ways(self):
        seen = []
        _vhal.emul_spi_attach(SPI, 0, lambda sent: (seen.append(sent), sent[::-1])[1])
        into = bytearray(4)
        self.transfer(b"abcd", into)
        self.assertEqual(into, b"dcba")
        self.transfer(b"abcd", None)
        self.transfer(None, into)
        self.transfer(b"", None)
        self.assertEqual(seen, [b"abcd", b"abcd", b"\0\0\0\0"])
        same = bytearray(b"1234")
        self.transfer(same, same)
        self.assertEqual(same, b"4321")

    def test_large(self):
        _vhal.emul_spi_attach(SPI, 0, lambda sent: sent)
        data = os.urandom(100000)
        into = bytearray(len(data))
        self.transfer(data, into)
        self.assertEqual(into, data)

    def test_nobody(self):
        with self.assertRaises(OSError) as caught:
            self.transfer(b"x", None)
        self.assertEqual(caught.exception.errno, errno.EIO)

    def test_bounds(self):
        _vhal.emul_spi_attach(SPI, 0, lambda sent: sent)
        for args in (
            (0, 8 << 5, 0, None),
            (1 << 32, 8 << 5, 0, None),
            (1000, 1 << 16, 0, None),
            (1000, 8 << 5, -1, None),
        ):
            with self.assertRaises(ValueError):
                _vhal.spi_transfer(SPI, *args, b"x", None)
        for cs in (1, (GPIO,), [GPIO, 1, 0]):
            with self.assertRaises(TypeError):
                self.transfer(b"x", None, cs=cs)
        with self.assertRaises((BufferError, TypeError)):
            self.transfer(b"x", b"y")


class Analog(unittest.TestCase):
    """ADC, DAC and PWM."""

    def setup_channel(self, channel=0, gain="ADC_GAIN_1", reference="ADC_REF_INTERNAL"):
        return _vhal.adc_setup(ADC, channel, gain, reference, 0, -1, -1)

    def test_adc(self):
        self.assertEqual(self.setup_channel(), 3300)
        for millivolts, sample in ((0, 0), (3300, 4095), (1650, 2047), (5000, 4095)):
            _vhal.emul_adc_set(ADC, 0, millivolts)
            self.assertAlmostEqual(_vhal.adc_read(ADC, 0, 12, 0), sample, delta=1)
        _vhal.emul_adc_set(ADC, 0, 3300)
        self.assertEqual(_vhal.adc_read(ADC, 0, 8, 0), 255)
        row = bytearray(20)
        _vhal.adc_read(ADC, 0, 12, 0, row)
        self.assertEqual(list(memoryview(row).cast("H")), [4095] * 10)

    def test_adc_bounds(self):
        self.setup_channel()
        for args in ((32, 12, 0), (0, 0, 0), (0, 17, 0), (0, 12, 16), (-1, 12, 0)):
            with self.assertRaises(ValueError):
                _vhal.adc_read(ADC, *args)
        for buffer in (bytearray(0), bytearray(3)):
            with self.assertRaises(ValueError):
                _vhal.adc_read(ADC, 0, 12, 0, buffer)
        with self.assertRaises(ValueError):
            self.setup_channel(gain="ADC_GAIN_7")
        with self.assertRaises(ValueError):
            self.setup_channel(reference="VDD")
        with self.assertRaises(OSError):
            self.setup_channel(channel=31)

    def test_dac(self):
        _vhal.dac_setup(DAC, 1, 12)
        _vhal.dac_write(DAC, 1, 4095)
        self.assertEqual(_vhal.emul_dac_get(DAC, 1), (4095, 12))
        with self.assertRaises(OSError):
            _vhal.dac_write(DAC, 1, 4096)
        with self.assertRaises(OSError):
            _vhal.dac_write(DAC, 200, 1)
        with self.assertRaises(OSError):
            _vhal.dac_setup(DAC, 9, 12)
        with self.assertRaises(ValueError):
            _vhal.dac_setup(DAC, 0, 0)

    def test_pwm(self):
        _vhal.pwm_set(PWM, 2, 20000000, 1500000)
        self.assertEqual(_vhal.emul_pwm_get(PWM, 2), (20000000, 1500000, False))
        _vhal.pwm_set(PWM, 2, 1000, 1000, True)
        self.assertEqual(_vhal.emul_pwm_get(PWM, 2), (1000, 1000, True))
        for args in ((2, 0, 0), (2, 100, 101), (2, 1 << 32, 0), (2, 100, -1), (256, 1, 1)):
            with self.assertRaises(ValueError):
                _vhal.pwm_set(PWM, *args)
        with self.assertRaises(OSError):
            _vhal.pwm_set(PWM, 200, 100, 50)

    def test_pulses(self):
        period, pulse = 400_000_000, 10_000_000
        _vhal.pwm_set(PWM, 2, period, 0)
        source = _vhal.pwm_pulses(PWM, 2, period, pulse, True, 2)
        self.assertEqual(_vhal.emul_pwm_get(PWM, 2), (period, pulse, True))
        event = _vosal.interrupt_wait(10)
        self.assertEqual((event[0], event[2]), (source, 2))
        self.assertEqual(_vhal.emul_pwm_get(PWM, 2), (period, 0, True))
        self.assertEqual(_vhal.emul_pwm_count(PWM, 2), 2)
        # It begins anew, and what is set instead is not ended.
        _vhal.pwm_pulses(PWM, 2, 1_000_000, 1, False, 50)
        _vhal.pwm_set(PWM, 2, 2_000_000, 1_000_000)
        self.assertIsNone(_vosal.interrupt_wait(0.2))
        self.assertEqual(_vhal.emul_pwm_get(PWM, 2), (2_000_000, 1_000_000, False))
        self.assertGreater(_vhal.emul_pwm_count(PWM, 2), 50)
        _vhal.pwm_set(PWM, 2, period, 0)

    def test_pulses_bounds(self):
        for args in (
            *((2, 0, 1, False, 1), (2, 100, 0, False, 1), (2, 100, 101, False, 1)),
            *((2, 100, 50, False, 0), (2, 100, 50, False, 1 << 31), (256, 100, 50, False, 1)),
        ):
            with self.assertRaises(ValueError, msg=args):
                _vhal.pwm_pulses(PWM, *args)
        with self.assertRaises(OSError):
            _vhal.pwm_pulses(PWM, 200, 100, 50, False, 1)
        # The longest that can be asked for is no overflow: it does not end at once.
        _vhal.pwm_pulses(PWM, 2, (1 << 32) - 1, 1, False, (1 << 31) - 1)
        self.assertIsNone(_vosal.interrupt_wait(0.05))
        _vhal.pwm_set(PWM, 2, 100, 0)


class Uart(unittest.TestCase):
    """Descriptors of UARTs."""

    def setUp(self):
        _vhal.emul_uart_wire(UART, None)
        self.fd = _vhal.uart_open(UART)
        self.addCleanup(self.close)

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def read(self, count, fd=None, timeout=5.0):
        data = b""
        fd = self.fd if fd is None else fd
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        while len(data) < count and poller.poll(timeout * 1000):
            data += os.read(fd, count - len(data))
        return data

    def test_receive(self):
        self.assertEqual(_vhal.emul_uart_put(UART, b"hello"), 5)
        self.assertEqual(self.read(5), b"hello")
        self.assertEqual(_vhal.uart_state(UART)[0], 0)

    def test_send(self):
        self.assertEqual(os.write(self.fd, b"abc" * 100), 300)
        taken = b""
        deadline = time.monotonic() + 5
        while len(taken) < 300 and time.monotonic() < deadline:
            taken += _vhal.emul_uart_take(UART)
            time.sleep(0.01)
        self.assertEqual(taken, b"abc" * 100)

    def test_loop(self):
        _vhal.emul_uart_wire(UART, UART)
        sent = bytes(range(256)) * 3
        os.write(self.fd, sent)
        self.assertEqual(self.read(len(sent)), sent)

    def test_two(self):
        other = _vhal.uart_open(UART1)
        try:
            _vhal.emul_uart_wire(UART, UART1)
            _vhal.emul_uart_wire(UART1, UART)
            os.write(self.fd, b"ping")
            self.assertEqual(self.read(4, other), b"ping")
            os.write(other, b"pong")
            self.assertEqual(self.read(4), b"pong")
        finally:
            os.close(other)
            _vhal.emul_uart_wire(UART1, None)

    def test_open_once(self):
        with self.assertRaises(OSError) as caught:
            _vhal.uart_open(UART)
        self.assertEqual(caught.exception.errno, errno.EBUSY)
        self.close()
        with self.assertRaises(OSError):
            _vhal.uart_state(UART)
        for _ in range(20):
            self.fd = _vhal.uart_open(UART)
            self.close()

    def test_hangup(self):
        """The descriptor stays, at its end; the UART is free."""
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        self.assertEqual(poller.poll(0), [])
        _vhal.uart_hangup(self.fd)
        other = _vhal.uart_open(UART)
        try:
            self.assertTrue(poller.poll(5000)[0][1] & select.POLLHUP)
            self.assertEqual(_vhal.emul_uart_put(UART, b"x"), 1)
            self.assertEqual(os.read(self.fd, 1), b"")
            with self.assertRaises(BrokenPipeError):
                os.write(self.fd, b"y")
            self.assertEqual(self.read(1, other), b"x")
            self.close()  # and that leaves the other alone
            self.assertEqual(_vhal.uart_state(UART)[0], 0)
        finally:
            os.close(other)
        for fd in (0, other, -1, 1 << 30):
            with self.assertRaises(OSError) as caught:
                _vhal.uart_hangup(fd)
            self.assertEqual(caught.exception.errno, errno.EBADF)

    def test_console_is_taken(self):
        from kernel.devices import devices

        console = devices.chosen["zephyr,console"]
        with self.assertRaises(OSError) as caught:
            _vhal.uart_open(console.device)
        self.assertEqual(caught.exception.errno, errno.EBUSY)

    def test_poll(self):
        poller = select.poll()
        poller.register(self.fd, select.POLLIN | select.POLLOUT)
        events = dict(poller.poll(0))
        self.assertEqual(events.get(self.fd), select.POLLOUT)
        _vhal.emul_uart_put(UART, b"x")
        poller.modify(self.fd, select.POLLIN)
        self.assertEqual(poller.poll(5000), [(self.fd, select.POLLIN)])
        self.read(1)
        self.assertEqual(poller.poll(10), [])

    def test_configure(self):
        _vhal.uart_configure(UART, 9600, 8, None, 1, False)
        for args in ((0, 8, None, 1), (9600, 4, None, 1), (9600, 8, 2, 1), (9600, 8, None, 3)):
            with self.assertRaises(ValueError):
                _vhal.uart_configure(UART, *args, False)


class Memories(unittest.TestCase):
    """EEPROMs and flash."""

    def test_eeprom(self):
        from kernel.devices import devices

        chip = devices["eeprom_24c"].device
        self.assertEqual(_vhal.eeprom_size(chip), 256)
        _vhal.eeprom_write(chip, 250, b"abcdef")
        into = bytearray(6)
        _vhal.eeprom_read(chip, 250, into)
        self.assertEqual(into, b"abcdef")
        # The same bytes, seen from the bus.
        _vhal.i2c_transfer(I2C, 0x50, b"\xfa", into)
        self.assertEqual(into, b"abcdef")
        for offset, data in ((251, b"abcdef"), (257, b""), (-1, b"a"), (1 << 70, b"a")):
            with self.assertRaises(ValueError):
                _vhal.eeprom_write(chip, offset, data)

    def test_flash_bounds(self):
        from kernel.devices import devices

        flash = devices.find(kind="flash")
        if not flash:
            self.skipTest("no flash on this board")
        chip = flash[0].device
        size, page, block, erased = _vhal.flash_info(chip)
        self.assertTrue(size >= page >= block >= 1)
        self.assertIn(erased, (0, 255))
        into = bytearray(16)
        _vhal.flash_read(chip, size - 16, into)
        for offset in (size - 15, size + 1, -1):
            with self.assertRaises(ValueError):
                _vhal.flash_read(chip, offset, into)
        with self.assertRaises(ValueError):
            _vhal.flash_erase(chip, 0, size + page)
        with self.assertRaises(ValueError):
            _vhal.flash_write(chip, size, b"abcd")


class Others(unittest.TestCase):
    """Sensors, LEDs, strips, the chip itself, PCI."""

    def test_sensor(self):
        from kernel.devices import devices
        from kernel.errors import UnsupportedError

        sensor = devices["accel0"].device
        _vhal.sensor_fetch(sensor)
        whole, millionths = _vhal.sensor_get(sensor, _vhal.SENSOR_CHAN_ACCEL_X)
        self.assertIsInstance(whole, int)
        self.assertLess(abs(millionths), 1000000)
        with self.assertRaises(UnsupportedError):
            _vhal.sensor_get(sensor, _vhal.SENSOR_CHAN_HUMIDITY)
        for channel in (-1, 1 << 16):
            with self.assertRaises(ValueError):
                _vhal.sensor_get(sensor, channel)

    def test_leds(self):
        from kernel.devices import devices

        leds = devices["led0"].parent.device
        _vhal.led_set(leds, devices["led0"].parent.children.index(devices["led0"]), 100)
        pin = devices.pin("led0").pin
        self.assertEqual(_vhal.emul_gpio_state(GPIO, pin)[1], 1)
        with self.assertRaises(ValueError):
            _vhal.led_set(leds, 0, 101)
        dimmed = devices["pwm_led0"]
        _vhal.led_set(dimmed.parent.device, 0, 25)
        period, pulse, _ = _vhal.emul_pwm_get(PWM, 0)
        self.assertEqual(period, 20000000)
        self.assertAlmostEqual(pulse / period, 0.25, delta=0.01)

    def test_strip(self):
        from kernel.devices import devices

        strip = devices["led_strip"].device
        sent = []
        _vhal.emul_spi_attach(SPI, 3, lambda data: (sent.append(data), b"")[1])
        try:
            self.assertEqual(_vhal.led_strip_length(strip), 8)
            _vhal.led_strip_update(strip, bytes((255, 0, 1)) * 8)
        finally:
            _vhal.emul_spi_attach(SPI, 3, None)
        self.assertGreaterEqual(sum(map(len, sent)), 8 * 24)
        one = b"\x40" * 8 + b"\x70" * 8 + b"\x40" * 7 + b"\x70"
        self.assertTrue(b"".join(sent).startswith(one * 8))
        for pixels in (b"ab", bytes(27)):
            with self.assertRaises(ValueError):
                _vhal.led_strip_update(strip, pixels)

    def test_chip(self):
        self.assertIsInstance(_vhal.hwinfo_id(), bytes)
        self.assertGreaterEqual(len(_vhal.hwinfo_id()), 4)
        self.assertEqual(_vhal.hwinfo_reset_cause(), _vhal.RESET_POR)

    def test_power(self):
        from kernel import errors
        from kernel.devices import devices

        index = devices["pwm0"].index
        _vhal.pwm_set(PWM, 1, 1000, 500)
        self.addCleanup(_vhal.power_set, index, True)
        self.assertEqual(_vhal.power(index), "active")
        for _ in range(2):
            _vhal.power_set(index, False)
            self.assertEqual(_vhal.power(index), "suspended")
        with self.assertRaises(errors.InvalidHardwareStatusError) as caught:
            _vhal.pwm_set(PWM, 1, 1000, 700)
        self.assertIn("suspended", str(caught.exception))
        self.assertEqual(_vhal.emul_pwm_get(PWM, 1)[1], 0)
        for _ in range(2):
            _vhal.power_set(index, True)
            self.assertEqual(_vhal.power(index), "active")
        self.assertEqual(_vhal.emul_pwm_get(PWM, 1), (1000, 500, False))
        bus = devices["i2c0"].index
        self.assertIsNone(_vhal.power(bus))
        with self.assertRaises(errors.UnsupportedError):
            _vhal.power_set(bus, False)
        for bad in (-1, 1 << 20):
            with self.assertRaises(ValueError):
                _vhal.power(bad)
            with self.assertRaises(ValueError):
                _vhal.power_set(bad, True)

    def test_rtc_alarm(self):
        import calendar

        from kernel import errors
        from kernel.devices import devices

        clocks = devices.find(compatible="zephyr,rtc-emul")
        clock = clocks[0].device
        try:
            before = calendar.timegm(_vhal.rtc_get(clock)[:6])
        except OSError as error:
            self.assertEqual(error.errno, errno.ENODATA)
            before = 2_000_000_000
        self.addCleanup(self.set_clock, clock, before)
        # Over the end of a year, which all fields take part in.
        self.set_clock(clock, calendar.timegm((2031, 12, 31, 23, 59, 58)))
        source = _vhal.rtc_alarm(clock, 0, 1, 1, 0, 0, 0)
        self.addCleanup(_vhal.rtc_alarm_off, clock, 0)
        event = _vosal.interrupt_wait(20)
        self.assertEqual((event[0], event[2]), (source, 0))
        self.assertEqual(_vhal.rtc_get(clock)[:5], (2032, 1, 1, 0, 0))
        _vhal.rtc_alarm(clock, 0, 1, 1, 0, 0, 8)
        _vhal.rtc_alarm_off(clock, 0)
        self.set_clock(clock, calendar.timegm((2032, 1, 1, 0, 0, 6)))
        self.assertIsNone(_vosal.interrupt_wait(4))
        with self.assertRaises(errors.UnsupportedError):
            _vhal.rtc_alarm(clock, 200, 1, 1, 0, 0, 0)
        for fields in ((0, 1, 0, 0, 0), (1, 32, 0, 0, 0), (1, 1, 24, 0, 0), (1, 1, 0, 60, 0)):
            with self.assertRaises(ValueError):
                _vhal.rtc_alarm(clock, 0, *fields)

    @staticmethod
    def set_clock(clock, seconds):
        t = time.gmtime(seconds)
        _vhal.rtc_set(clock, *t[:6], (t.tm_wday + 1) % 7, t.tm_yday - 1)

    def test_pci(self):
        if not hasattr(_vhal, "pci"):
            self.skipTest("no PCI on this board")
        rows = _vhal.pci()
        self.assertTrue(rows)
        self.assertIn(0x0600, [row[5] for row in rows])  # the host bridge
        for row in rows:
            self.assertEqual(len(row), 9)

    def test_counter(self):
        from kernel.devices import devices

        counters = devices.find(kind="counter")
        if not counters:
            self.skipTest("no counter on this board")
        counter = counters[0].device
        frequency, top, channels, up = _vhal.counter_info(counter)
        self.assertGreater(frequency, 0)
        _vhal.counter_start(counter)
        self.addCleanup(_vhal.counter_stop, counter)
        first = _vhal.counter_value(counter)
        time.sleep(0.05)
        self.assertNotEqual(_vhal.counter_value(counter), first)
        source = _vhal.counter_alarm(counter, 0, max(1, frequency // 50))
        event = _vosal.interrupt_wait(10)
        self.assertEqual(event[0], source)
        with self.assertRaises(OSError):
            _vhal.counter_alarm(counter, 200, 10)


if __name__ == "__main__":
    unittest.main()

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""machine, devices and circuit: the hardware as programs see it, on emulated devices."""

import array
import asyncio
import contextlib
import errno
import gc
import queue
import re
import sys
import threading
import time
import unittest
import warnings

try:
    import _vhal
except ImportError:
    _vhal = None


def setUpModule():
    """Without emulated hardware there is nothing to test."""
    if _vhal is None or not hasattr(_vhal, "emul_gpio_input"):
        raise unittest.SkipTest("no emulated hardware")
    global circuit, chips, devices, pci, errors, machine, Pin
    import circuit
    from circuit import chips

    import machine
    from kernel import errors
    from kernel.devices import devices, pci
    from machine import Pin


def until(condition, seconds=10):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Devices(unittest.TestCase):
    """The devicetree as objects."""

    def test_all(self):
        nodes = list(devices)
        self.assertEqual(len(devices), len(nodes))
        for node in nodes:
            self.assertEqual(node.status, "okay")
            self.assertIn(node.path, str(node))
            self.assertIs(devices[node.path], node)
            for child in node.children:
                self.assertIs(child.parent, node)
            self.assertIsInstance(node.properties, dict)
            for name, address, size in node.registers:
                self.assertIsInstance(address, (int, type(None)), (name, size))

    def test_names(self):
        self.assertIs(devices["led0"], devices.aliases["led0"])
        self.assertIn("led0", devices["led0"].aliases)
        self.assertEqual(devices["gpio0"].kind, "gpio")
        self.assertTrue(devices["gpio0"].ready)
        self.assertIn("zephyr,console", devices.chosen)
        self.assertEqual(devices.chosen["zephyr,console"].kind, "uart")
        self.assertEqual(devices.find(compatible="atmel,at24"), [devices["eeprom_24c"]])
        self.assertIn("i2c0", devices.names())
        self.assertNotIn("nothing", devices)
        self.assertIsNone(devices.get("nothing"))
        with self.assertRaises(KeyError):
            devices["nothing"]

    def test_properties(self):
        chip = devices["eeprom_24c"]
        self.assertEqual(chip.properties["size"], 256)
        self.assertEqual(chip.registers[0][1], 0x50)
        self.assertIs(chip.parent, devices["i2c0"])
        (cells,) = devices["sw0"].properties["gpios"]
        self.assertIs(cells.controller, devices["gpio0"])
        self.assertEqual(cells.pin, 8)
        with self.assertRaises(AttributeError):
            cells.nothing  # noqa: B018

    def test_not_ready(self):
        with self.assertRaises(errors.HardwareInitializationError) as caught:
            devices.of_kind("nothing", "i2c")
        self.assertIn("i2c0", str(caught.exception))
        with self.assertRaises(errors.HardwareInitializationError) as caught:
            devices["/"].device  # noqa: B018
        self.assertIn("/", str(caught.exception))
        if "broken" in devices:
            with self.assertRaises(errors.HardwareInitializationError) as caught:
                devices.of_kind("broken", "gpio")
            self.assertIn("/broken: okay", str(caught.exception))
            with self.assertRaises(errors.HardwareInitializationError) as caught:
                devices.of_kind("off", "i2c")
            self.assertIn("/off: not okay", str(caught.exception))

    def test_pci(self):
        if not hasattr(_vhal, "pci"):
            self.assertEqual(list(pci), [])
            return
        bridges = pci.find_by_class(0x0600)
        self.assertEqual(len(bridges), 1)
        self.assertEqual(pci.find(bridges[0].vendor_id)[0].address, bridges[0].address)
        self.assertRegex(str(pci[0]), r"^[0-9a-f]{2}:[0-9a-f]{2}\.\d [0-9a-f]{4}:[0-9a-f]{4} ")

    def test_board(self):
        import board

        self.assertIs(board.i2c0, devices["i2c0"])
        self.assertEqual(board.led0, devices.pin("led0"))
        self.assertEqual(board.LED, board.led0)
        self.assertEqual(board.D5, devices.pin(("gpio0", 5)))
        self.assertIn("sw0", dir(board))
        for name in ("nothing", "D99"):
            with self.assertRaises(AttributeError):
                getattr(board, name)

    def test_connector(self):
        import board

        self.assertEqual([node.name for node in devices.connectors()], ["arduino_header"])
        for name in ("D13", ("arduino_header", "D13"), ("arduino_header", 19)):
            pin = devices.pin(name)
            self.assertEqual(pin, devices.pin(("gpio0", 13)), name)
            self.assertEqual(pin.name, "arduino_header.D13")
        self.assertEqual(board.D13, pin)
        self.assertIn("D13", dir(board))
        for contact in ("D16", "13", 0, -6, 99, None, (), []):
            with self.assertRaises(errors.InvalidPinError) as caught:
                devices.pin(("arduino_header", contact))
            self.assertIn("D0, D1, ", str(caught.exception))


class Pins(unittest.TestCase):
    """Pin and Signal."""

    def setUp(self):
        circuit.clear()

    def tearDown(self):
        for name in ("led0", "led1", "sw0", "sw1", ("gpio0", 20), ("gpio0", 21)):
            pin = Pin(name)
            pin.irq(None)
            pin.init(Pin.IN, None)
        circuit.clear()

    def test_output(self):
        led = Pin("led0", Pin.OUT, value=1)
        self.assertEqual(led.value(), 1)
        self.assertEqual(circuit.level("led0"), 1)
        led.off()
        self.assertEqual((led(), circuit.level("led0")), (0, 0))
        led.on()
        led.toggle()
        self.assertEqual(led(), 0)
        led(1)
        self.assertEqual(circuit.level(led), 1)
        self.assertIs(Pin("led0"), led)
        self.assertIs(Pin(("gpio0", 0)), led)
        self.assertEqual(led.mode(), Pin.OUT)

    def test_input(self):
        button = Pin("sw0", Pin.IN, Pin.PULL_UP)
        self.assertEqual(button.value(), 1)
        circuit.press("sw0")
        self.assertEqual(button.value(), 0)
        circuit.release("sw0")
        self.assertEqual(button.value(), 1)
        circuit.drive("sw0", None, "button")
        self.assertEqual(button.value(), 1)
        button.pull(Pin.PULL_DOWN)
        self.assertEqual(button.value(), 0)

    def test_wire(self):
        out, into = Pin(("gpio0", 20), Pin.OUT), Pin(("gpio0", 21), Pin.IN)
        circuit.wire(out, into)
        for level in (1, 0, 1):
            out(level)
            self.assertEqual(into(), level)
        circuit.cut(into)
        out(0)
        self.assertEqual(into(), 1)

    def test_open_drain(self):
        one = Pin(("gpio0", 20), Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        two = Pin(("gpio0", 21), Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        circuit.wire(one, two)
        self.assertEqual((one(), two()), (1, 1))
        one(0)
        self.assertEqual((one(), two()), (0, 0))
        two(0)
        one(1)
        self.assertEqual(one(), 0)
        two(1)
        self.assertEqual((one(), two()), (1, 1))

    def test_stored_level(self):
        pin = Pin(("gpio0", 13), Pin.IN, Pin.PULL_UP)
        self.addCleanup(pin.init, Pin.IN, None)
        for mode in (Pin.OPEN_DRAIN, Pin.OUT):
            for level in (0, 1):
                pin.init(Pin.IN)
                pin.value(level)
                pin.init(mode)
                self.assertEqual((pin(), circuit.level(pin)), (level, level), mode)
        self.assertEqual(Pin(("gpio0", 14), Pin.OPEN_DRAIN, Pin.PULL_UP)(), 1)
        Pin(("gpio0", 14), Pin.IN, None)

    def test_subclass(self):
        class Lamp(Pin):
            def __init__(self, id, name):
                super().__init__(id, Pin.OUT, value=1)
                self.label = name

        plain = Pin("led0", Pin.IN)
        lamp = Lamp("led0", "lamp")
        self.assertIs(type(lamp), Lamp)
        self.assertEqual((lamp.label, lamp.mode(), circuit.level("led0")), ("lamp", Pin.OUT, 1))
        self.assertEqual(plain.mode(), Pin.OUT)
        self.assertIs(Lamp("led0", "again"), lamp)
        self.assertIs(Lamp(plain, "once more"), lamp)
        self.assertIs(Pin("led0"), plain)
        first = Lamp(("gpio0", 15), "known before the plain one")
        self.assertEqual(Pin(("gpio0", 15), Pin.IN).mode(), Pin.IN)
        self.assertEqual(first.mode(), Pin.IN)

    def test_signal(self):
        led = machine.Signal("led1", Pin.OUT, value=1)
        self.assertEqual(circuit.level("led1"), 0)
        self.assertEqual(led.value(), 1)
        led.off()
        self.assertEqual(circuit.level("led1"), 1)
        other = machine.Signal(Pin("led1"), invert=False)
        self.assertEqual(other(), 1)

    def test_time_pulse(self):
        pin = Pin(("gpio0", 20), Pin.IN)
        circuit.drive(pin, 1)
        self.assertEqual(machine.time_pulse_us(pin, 0, 2000), -2)
        self.assertEqual(machine.time_pulse_us(pin, 1, 2000), -1)
        # It has the level already: what is left of the pulse counts.
        machine.Timer(
            mode=machine.Timer.ONE_SHOT, period=50, callback=lambda t: circuit.drive(pin, 0)
        )
        self.assertGreater(machine.time_pulse_us(pin, 1, 10_000_000), 10_000)

    def test_wrong_names(self):
        for name in (
            *("nothing", ("gpio0", 99), ("gpio9", 1), ("gpio0", "1"), 5, None, "i2c0", ()),
            *([], {}, ([], 1), ({}, 1), ("gpio0", [])),
        ):
            with self.assertRaises(errors.InvalidPinError, msg=repr(name)) as caught:
                Pin(name)
            self.assertIn("gpio0 0..31", str(caught.exception))
            self.assertEqual(caught.exception.errno, errno.ENXIO)
        with self.assertRaises(ValueError):
            Pin("led0", 77)
        with self.assertRaises(ValueError):
            Pin("led0", Pin.IN, 9)

    def test_irq(self):
        seen = []
        button = Pin("sw0", Pin.IN, Pin.PULL_UP)
        irq = button.irq(lambda pin: seen.append((pin, irq.flags())), Pin.IRQ_FALLING)
        for _ in range(3):
            circuit.press("sw0")
            circuit.release("sw0")
        self.assertTrue(until(lambda: len(seen) == 3), seen)
        self.assertEqual(seen, [(button, Pin.IRQ_FALLING)] * 3)
        irq.trigger(Pin.IRQ_RISING | Pin.IRQ_FALLING)
        circuit.press("sw0")
        self.assertTrue(until(lambda: len(seen) == 4), seen)
        button.irq(None)
        circuit.release("sw0")
        time.sleep(0.05)
        self.assertEqual(len(seen), 4)

    def test_irq_level(self):
        seen = []

        def handler(pin):
            seen.append(pin())
            if len(seen) == 3:
                circuit.release("sw0")

        circuit.release("sw0")
        Pin("sw0", Pin.IN, Pin.PULL_UP).irq(handler, Pin.IRQ_LOW_LEVEL)
        circuit.press("sw0")
        self.assertTrue(until(lambda: len(seen) >= 3), seen)
        time.sleep(0.05)
        self.assertEqual(seen, [0, 0, 0])

    def test_irq_survives_init_and_errors(self):
        seen = []

        def handler(pin):
            seen.append(1)
            raise RuntimeError("a handler that fails")

        button = Pin("sw0", Pin.IN, Pin.PULL_UP)
        button.irq(handler, Pin.IRQ_FALLING)
        button.init(Pin.IN, Pin.PULL_UP)
        for count in (1, 2):
            circuit.press("sw0")
            self.assertTrue(until(lambda count=count: len(seen) == count), seen)
            circuit.release("sw0")
        for bad in (0, 16, 3 | 4):
            with self.assertRaises(ValueError):
                button.irq(handler, bad)
        with self.assertRaises(TypeError):
            button.irq("handler")

    def test_wait_for(self):
        async def main():
            button = Pin("sw0", Pin.IN, Pin.PULL_UP)
            waiting = asyncio.ensure_future(button.wait_for(Pin.IRQ_FALLING))
            await asyncio.sleep(0.05)
            self.assertFalse(waiting.done())
            circuit.press("sw0")
            self.assertEqual(await asyncio.wait_for(waiting, 10), 0)
            circuit.release("sw0")
            with self.assertRaises(TimeoutError):
                await button.wait_for(Pin.IRQ_FALLING, timeout=0.05)
            button.irq(lambda pin: None, Pin.IRQ_FALLING)
            with self.assertRaises(errors.InvalidHardwareStatusError):
                await button.wait_for(Pin.IRQ_FALLING)

        asyncio.run(main())

    def test_wait_for_what_is_there(self):
        async def main():
            circuit.press("sw0")
            button = Pin("sw0", Pin.IN, Pin.PULL_UP)
            for _ in range(20):
                self.assertEqual(await button.wait_for(Pin.IRQ_LOW_LEVEL, timeout=10), 0)
            with self.assertRaises(ValueError):
                await button.wait_for(99)

        with self.log("gpio_emul.8") as logged:
            asyncio.run(main())
        self.assertEqual(logged, [])

    def test_early_events(self):
        """An interrupt may come before who asked for it goes on."""
        import gpio

        from machine import events

        on = events.on
        seen = []

        def early(begin, call):
            source = on(begin, call)
            circuit.press("sw0")
            circuit.release("sw0")
            time.sleep(0.05)
            return source

        self.addCleanup(gpio.disable_interrupt, "sw0")
        self.addCleanup(setattr, events, "on", on)
        circuit.release("sw0")
        events.on = early
        with self.log("gpio_emul.8") as logged:
            gpio.on_fall("sw0", lambda pin, value: seen.append(value))
        events.on = on
        self.assertEqual((seen, logged), ([0], []))

    @contextlib.contextmanager
    def log(self, about):
        """The list of what is logged meanwhile about something."""
        from kernel import interrupts

        lines = []
        exception = interrupts._log.exception
        interrupts._log.exception = lambda text, error: lines.append(text)
        try:
            yield lines
        finally:
            interrupts._log.exception = exception

    def test_ended_irq(self):
        button = Pin("sw0", Pin.IN, Pin.PULL_UP)
        irq = button.irq(lambda pin: None, Pin.IRQ_FALLING)
        button.irq(None)
        with self.assertRaises(errors.InvalidHardwareStatusError):
            irq.trigger(Pin.IRQ_RISING)
        self.assertEqual(irq.trigger(), Pin.IRQ_FALLING)
        other = button.irq(lambda pin: None, Pin.IRQ_FALLING)
        with self.assertRaises(errors.InvalidHardwareStatusError):
            irq.trigger(Pin.IRQ_RISING)
        other.trigger(Pin.IRQ_RISING)

    def test_irq_while_a_task_waits(self):
        async def main():
            button = Pin("sw0", Pin.IN, Pin.PULL_UP)
            waiting = asyncio.ensure_future(button.wait_for(Pin.IRQ_FALLING, timeout=10))
            await asyncio.sleep(0.02)
            for handler in (lambda pin: None, None):
                with self.assertRaises(errors.InvalidHardwareStatusError):
                    button.irq(handler, Pin.IRQ_FALLING)
            circuit.press("sw0")
            self.assertEqual(await waiting, 0)
            button.irq(lambda pin: None, Pin.IRQ_FALLING)

        circuit.release("sw0")
        asyncio.run(main())

    def test_bounces(self):
        import gpio

        seen = []
        circuit.release("sw0")
        gpio.on_fall("sw0", lambda pin, value: seen.append((pin, value)), debounce=30)
        circuit.bounce("sw0")
        self.assertTrue(until(lambda: seen), seen)
        time.sleep(0.1)
        self.assertEqual(set(seen), {("sw0", 0)})
        gpio.disable_interrupt("sw0")


class Pulses(unittest.TestCase):
    """PWM."""

    def test_all(self):
        pwm = machine.PWM(("pwm0", 1), freq=50, duty_ns=1500000)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (20000000, 1500000, False))
        self.assertEqual((pwm.freq(), pwm.duty_ns()), (50, 1500000))
        pwm.freq(100)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (10000000, 1500000, False))
        pwm.duty_u16(65535)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (10000000, 10000000, False))
        pwm.duty_u16(0)
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], 0)
        pwm.init(freq=1000, duty_u16=32768, invert=True)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (1000000, 500008, True))
        pwm.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            pwm.duty_u16(1)

    def test_named(self):
        pwm = machine.PWM("pwm-led0", duty_u16=65535)
        self.assertEqual(circuit.pulses("pwm-led0"), (20000000, 20000000, False))
        pwm.deinit()

    def test_ranges(self):
        pwm = machine.PWM(("pwm0", 1), freq=1000)
        for call, value in (
            (pwm.freq, 0),
            (pwm.freq, -1),
            (pwm.freq, 2e9),
            (pwm.duty_u16, 65536),
            (pwm.duty_u16, -1),
            (pwm.duty_ns, 1000001),
        ):
            with self.assertRaises(ValueError, msg=str(value)) as caught:
                call(value)
            self.assertIn("must be in", str(caught.exception))
        for name in ("nothing", "led0", 7):
            with self.assertRaises(errors.InvalidPinError) as caught:
                machine.PWM(name)
            self.assertIn("pwm0", str(caught.exception))
        for channel in (4, 99, 300, -1, "1", None):
            with self.assertRaises(errors.InvalidPinError, msg=channel) as caught:
                machine.PWM(("pwm0", channel))
            self.assertIn("0..3", str(caught.exception))

    def test_refused(self):
        """What is refused changes nothing."""
        pwm = machine.PWM(("pwm0", 1), freq=1000, duty_u16=32768)
        self.addCleanup(pwm.deinit)
        shown = circuit.pulses(("pwm0", 1))
        for refused in (
            lambda: pwm.duty_ns(1.5),
            lambda: pwm.duty_ns("1"),
            lambda: pwm.init(freq=5000, duty_u16=70000),
            lambda: pwm.init(freq=5000, duty_ns=300_000),
            lambda: pwm.init(duty_u16=1, freq=0),
            lambda: pwm.pulses(0),
            lambda: pwm.pulses(1.5),
            lambda: pwm.pulses(1 << 31, duty_u16=5),
        ):
            with self.assertRaises((TypeError, ValueError)):
                refused()
            self.assertEqual(circuit.pulses(("pwm0", 1)), shown)
            self.assertEqual((pwm.freq(), pwm.duty_u16()), (1000, 32768))
        pwm.freq(500)
        self.assertEqual(circuit.pulses(("pwm0", 1))[0], 2_000_000)

    def test_count(self):
        pwm = machine.PWM(("pwm0", 1), freq=2)
        self.addCleanup(pwm.deinit)
        seen = []
        pwm.pulses(2, seen.append, duty_u16=6000)
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], pwm.duty_ns())
        self.assertTrue(until(lambda: seen))
        self.assertIs(seen[0], pwm)
        self.assertEqual(circuit.pulse_count(("pwm0", 1)), 2)
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], 0)
        pwm.duty_ns(1000)  # it goes on for ever
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], 1000)
        # What is set ends the pulses: nobody is told.
        pwm.freq(1000)
        pwm.pulses(20, seen.append)
        pwm.duty_ns(2000)
        time.sleep(0.1)
        self.assertEqual(len(seen), 1)
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], 2000)

    def test_count_asyncio(self):
        async def counted():
            pwm = machine.PWM(("pwm0", 1), freq=2)
            await asyncio.wait_for(pwm.apulses(1, duty_ns=1_000_000), 10)
            self.assertEqual(circuit.pulse_count(("pwm0", 1)), 1)
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(pwm.apulses(1000), 0.1)
            self.assertEqual(circuit.pulses(("pwm0", 1))[1], 0)
            waiting = asyncio.ensure_future(pwm.apulses(1000))
            await asyncio.sleep(0.05)
            pwm.freq(50)
            with self.assertRaises(errors.InvalidHardwareStatusError):
                await waiting
            # Another object of the same channel sets it.
            waiting = asyncio.ensure_future(pwm.apulses(1000))
            await asyncio.sleep(0.05)
            machine.PWM(("pwm0", 1), freq=50)
            with self.assertRaises(errors.InvalidHardwareStatusError):
                await asyncio.wait_for(waiting, 10)
            pwm.deinit()

        asyncio.run(counted())

    def test_count_ranges(self):
        pwm = machine.PWM(("pwm0", 1), freq=1000)
        with self.assertRaises(ValueError):
            pwm.pulses(5)  # no duty
        for count in (0, -1, 1 << 31):
            with self.assertRaises(ValueError):
                pwm.pulses(count, duty_u16=1000)
        with self.assertRaises(TypeError):
            pwm.pulses(1, 5, duty_u16=1000)
        pwm.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            pwm.pulses(1)

    def test_suspended(self):
        pwm = machine.PWM(("pwm0", 1), freq=1000, duty_u16=32768)
        node = devices["pwm0"]
        self.assertEqual(node.power, "active")
        node.suspend()
        try:
            self.assertEqual(node.power, "suspended")
            self.assertIn("suspended", str(node))
            with self.assertRaises(errors.InvalidHardwareStatusError):
                pwm.freq(10)
            self.assertEqual(circuit.pulses(("pwm0", 1))[1], 0)
        finally:
            node.resume()
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], pwm.duty_ns())
        pwm.deinit()
        self.assertIsNone(devices["i2c0"].power)
        with self.assertRaises(errors.UnsupportedError):
            devices["i2c0"].suspend()
        console = devices.chosen["zephyr,console"]
        with self.assertRaises(OSError):
            console.suspend()


class Voltages(unittest.TestCase):
    """ADC and DAC."""

    def test_adc(self):
        adc = machine.ADC(("adc0", 0))
        for volts in (0.0, 1.1, 3.3):
            circuit.voltage(("adc0", 0), volts)
            self.assertAlmostEqual(adc.read_uv() / 1e6, volts, delta=0.002)
            self.assertAlmostEqual(adc.read_u16() / 65535 * 3.3, volts, delta=0.002)
        self.assertEqual(adc.read(), 4095)
        samples = array.array("H", bytes(64))
        self.assertEqual(adc.read_into(samples), 32)
        self.assertEqual(set(samples), {4095})
        self.assertEqual(machine.ADC(("adc0", 0), oversampling=4).read(), 4095)
        block = machine.ADCBlock("adc0", bits=8).connect(1)
        circuit.voltage(("adc0", 1), 3.3)
        self.assertEqual(block.read(), 255)

    def test_stream(self):
        adc = machine.ADC(("adc0", 0))
        circuit.voltage(("adc0", 0), 3.3)
        rows = []
        thread = adc.stream(lambda row: rows.append(list(row)) or len(rows) == 3, count=8)
        thread.join(10)
        self.assertEqual(rows, [[4095] * 8] * 3)

    def test_dac(self):
        dac = machine.DAC(("dac0", 0), bits=12)
        dac.write(4095)
        self.assertAlmostEqual(circuit.output(("dac0", 0)), 3.3)
        dac.write_u16(0)
        self.assertEqual(circuit.output(("dac0", 0)), 0)
        for value in (-1, 4096):
            with self.assertRaises(ValueError):
                dac.write(value)

    def test_ranges(self):
        for arguments in (
            *({"resolution": 17}, {"resolution": -1}, {"resolution": 0}),
            *({"oversampling": 16}, {"oversampling": -1}),
        ):
            with self.assertRaises(ValueError) as caught:
                machine.ADC(("adc0", 0), **arguments)
            self.assertIn("must be in", str(caught.exception))
        for bits in (0, 17, 31):
            with self.assertRaises(ValueError) as caught:
                machine.DAC(("dac0", 0), bits=bits)
            self.assertIn("1..16", str(caught.exception))
        with self.assertRaises(errors.HardwareInitializationError):
            machine.ADC(("adc9", 0))
        for make, name, there in ((machine.ADC, "adc0", "0..3"), (machine.DAC, "dac0", "0..1")):
            for channel in (4, 30, 99, 300, -1, "1", None, []):
                with self.assertRaises(errors.InvalidPinError, msg=channel) as caught:
                    make((name, channel))
                self.assertIn(there, str(caught.exception))
        with self.assertRaises(errors.InvalidPinError):
            machine.ADC("led0")


class Buses(unittest.TestCase):
    """I2C and SPI, with chips of circuit."""

    def tearDown(self):
        circuit.i2c("i2c0", 0x21, None)
        circuit.spi("spi0", None, cs=("gpio0", 16))
        circuit.spi("spi0", None)

    def test_i2c(self):
        bus = machine.I2C("i2c0", freq=100000)
        chip = chips.Registers({0x10: b"hello"})
        circuit.i2c("i2c0", 0x21, chip)
        self.assertIn(0x21, bus.scan())
        self.assertIn(0x50, bus.scan())
        self.assertEqual(bus.readfrom_mem(0x21, 0x10, 5), b"hello")
        bus.writeto_mem(0x21, 0x12, b"LL")
        into = bytearray(5)
        bus.readfrom_mem_into(0x21, 0x10, into)
        self.assertEqual(into, b"heLLo")
        self.assertEqual(bus.writeto(0x21, b"\x10"), 1)
        self.assertEqual(bus.readfrom(0x21, 2), b"he")
        self.assertEqual(bus.writeto(0x21, b"\x11", False), 1)
        self.assertEqual(bus.readfrom(0x21, 2), b"eL")
        self.assertEqual(bus.writevto(0x21, (b"\x10", b"ab", b"c")), 4)
        self.assertEqual(bus.readfrom_mem(0x21, 0x10, 5), b"abcLo")

    def kept(self):
        """A bus, and what comes to a chip at 0x21 of it."""
        seen = []

        class Chip(circuit.Chip):
            def i2c(self, messages):
                seen.append(list(messages))
                return [bytes(m) for m in messages if isinstance(m, int)]

        circuit.i2c("i2c0", 0x21, Chip())
        return machine.I2C("i2c0", freq=100000), seen

    def test_i2c_without_stop(self):
        bus, seen = self.kept()
        self.assertEqual(bus.writeto(0x21, b"a", stop=False), 1)
        self.assertEqual(bus.writeto(0x21, bytearray(b"bc"), stop=False), 2)
        self.assertEqual(seen, [])
        self.assertEqual(bus.writeto(0x21, b"def"), 3)
        self.assertEqual(seen, [[b"a", b"bc", b"def"]])
        for call, wanted in (
            (lambda: bus.readfrom(0x21, 2), [[b"x", 2]]),
            (lambda: bus.readfrom_mem(0x21, 5, 1), [[b"x", b"\5", 1]]),
            (lambda: bus.readfrom_mem_into(0x21, 5, bytearray(1)), [[b"x", b"\5", 1]]),
            (lambda: bus.writeto_mem(0x21, 5, b"y"), [[b"x", b"\5y"]]),
            (lambda: bus.writeto_then_readfrom(0x21, b"y", bytearray(1)), [[b"x", b"y", 1]]),
            (lambda: bus.writeto(0x21, b""), [[b"x"]]),
            (lambda: bus.writeto(0x50, b"\0"), [[b"x"]]),
            (lambda: bus.readfrom(0x50, 1), [[b"x"]]),
            (lambda: bus.scan(), [[b"x"], [b""]]),
            (lambda: bus.init(freq=100000), [[b"x"]]),
            (bus.deinit, [[b"x"]]),
        ):
            seen.clear()
            bus.writeto(0x21, b"x", stop=False)
            call()
            self.assertEqual(seen, wanted)
            if call != bus.deinit:
                seen.clear()
                bus.readfrom(0x21, 1)
                self.assertEqual(seen, [[1]])  # it was sent once
        with self.assertRaises(errors.InvalidHardwareStatusError):
            bus.writeto(0x21, b"x", stop=False)

    def test_i2c_without_stop_errors(self):
        bus, seen = self.kept()
        bus.writeto(0x22, b"x", stop=False)
        with self.assertRaises(OSError) as caught:
            bus.writeto(0x21, b"y")
        self.assertIn("0x22", str(caught.exception))
        self.assertEqual(seen, [])
        self.assertEqual(bus.writeto(0x21, b"y"), 1)
        for call in (bus.scan, bus.init, lambda: bus.readfrom(0x22, 1), bus.deinit):
            bus.writeto(0x22, b"x", stop=False)
            with self.assertRaises(OSError):
                call()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            bus.readfrom(0x21, 1)  # it is closed all the same
        bus.init()
        for address in (-1, 0x400):
            with self.assertRaises(ValueError):
                bus.writeto(address, b"x", stop=False)
        seen.clear()
        for buf in (5, "x", [1], (b"x",)):
            for call in (
                lambda buf: bus.writeto(0x21, buf),
                lambda buf: bus.writeto(0x21, buf, stop=False),
                lambda buf: bus.writeto_mem(0x21, 0, buf),
            ):
                with self.assertRaises(TypeError):
                    call(buf)
        self.assertEqual(seen, [])
        for _ in range(15):
            bus.writeto(0x21, b"x", stop=False)
        with self.assertRaises(ValueError):
            bus.writeto(0x21, b"x", stop=False)
        bus.writeto(0x21, b"x")
        self.assertEqual(seen, [[b"x"] * 16])

    def test_i2c_speed(self):
        """The speed is the bus's, and stays."""
        bus = machine.I2C("i2c0", freq=400_000)
        self.addCleanup(bus.init, freq=100_000)
        self.assertNotIn(0x50, machine.I2C("i2c0").scan())  # an EEPROM for the standard speed
        machine.I2C("i2c0", freq=100_000)
        self.assertIn(0x50, bus.scan())

    def test_i2c_taken(self):
        with self.assertRaises(errors.InvalidHardwareStatusError):
            circuit.i2c("i2c0", 0x50, chips.Registers())
        circuit.i2c("i2c0", 0x50, None)

    def test_i2c_memory(self):
        circuit.i2c("i2c0", 0x21, chips.Eeprom24(size=1024, write_time=0))
        bus = machine.I2C("i2c0", freq=100000)
        bus.writeto_mem(0x21, 0x1FE, b"xy", addrsize=16)
        self.assertEqual(bus.readfrom_mem(0x21, 0x1FC, 4, addrsize=16), b"\xff\xffxy")
        for addrsize in (0, 7, 64):
            with self.assertRaises(ValueError):
                bus.readfrom_mem(0x21, 0, 1, addrsize=addrsize)
        with self.assertRaises(ValueError):
            bus.readfrom_mem(0x21, 256, 1)

    def test_i2c_target(self):
        bus = machine.I2C("i2c0", freq=100000)
        memory = bytearray(b"abcdefgh")
        ends = queue.SimpleQueue()
        with machine.I2CTarget("i2c0", 0x42, mem=memory) as target:
            target.irq(lambda chip: ends.put(chip.flags()))
            self.assertEqual(bus.readfrom_mem(0x42, 2, 3), b"cde")
            self.assertEqual(ends.get(timeout=10), target.IRQ_END_READ)
            bus.writeto_mem(0x42, 6, b"XYZ")
            self.assertEqual(ends.get(timeout=10), target.IRQ_END_WRITE)
            self.assertEqual(memory, b"ZbcdefXY")  # it begins again behind the last byte
            bus.writeto(0x42, b"\x01")
            self.assertEqual(bus.readfrom(0x42, 2), b"bc")
            self.assertEqual(bus.readfrom(0x42, 2), b"de")
            with self.assertRaises(BufferError):
                memory.append(1)  # it is in use
            with self.assertRaises(OSError) as caught:
                machine.I2CTarget("i2c0", 0x43, mem=bytearray(1))
            self.assertEqual(caught.exception.errno, errno.EBUSY)
            self.assertEqual(bus.scan(), [0x42])  # a bus that is a target hears nobody else
        target.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            target.irq(print)
        memory.append(1)
        self.assertNotIn(0x42, bus.scan())
        self.assertIn(0x50, bus.scan())

    def test_i2c_target_addresses(self):
        bus = machine.I2C("i2c0", freq=100000)
        memory = bytearray(300)
        with machine.I2CTarget("i2c0", 0x142, addrsize=10, mem=memory, mem_addrsize=16):
            bus.writeto_mem(0x142, 0x102, b"far", addrsize=16)
            self.assertEqual(memory[0x102:0x105], b"far")
            self.assertEqual(bus.readfrom_mem(0x142, 0x103, 2, addrsize=16), b"ar")
        with machine.I2CTarget("i2c0", 0x42, mem=memory, mem_addrsize=0):
            bus.writeto(0x42, b"start")
            self.assertEqual(bus.readfrom(0x42, 5), b"start")
            bus.writeto(0x42, b"S")
        self.assertEqual(memory[:5], b"Start")
        for arguments in (
            {"mem": b"fixed"},
            {"mem": bytearray()},
            {"mem": bytearray(1), "mem_addrsize": 7},
            {"mem": bytearray(1), "addrsize": 8},
            {"mem": None},
        ):
            with self.assertRaises((BufferError, TypeError, ValueError), msg=arguments):
                machine.I2CTarget("i2c0", 0x42, **arguments)
        with self.assertRaises(ValueError):
            machine.I2CTarget("i2c0", 0x80, mem=bytearray(1))
        with self.assertRaises(errors.HardwareInitializationError):
            machine.I2CTarget("i2c9", 0x42, mem=bytearray(1))
        machine.I2CTarget("i2c0", 0x42, mem=memory).deinit()  # none of them has kept the bus

    def test_i2c_errors(self):
        bus = machine.I2C("i2c0", freq=100000, timeout=200000)
        with self.assertRaises(OSError) as caught:
            bus.readfrom(0x21, 1)
        self.assertIn(caught.exception.errno, (errno.EIO, errno.ENXIO))
        chip = chips.Registers()
        circuit.i2c("i2c0", 0x21, chip)
        chip.fault = errno.EIO
        with self.assertRaises(OSError):
            bus.readfrom(0x21, 1)
        chip.fault = None
        chip.noise = lambda data: bytes(b ^ 0xFF for b in data)
        self.assertEqual(bus.readfrom_mem(0x21, 0, 2), b"\xff\xff")
        chip.noise = None
        chip.delay = 1.0
        with self.assertRaises(TimeoutError):
            bus.readfrom(0x21, 1)
        chip.delay = 0
        self.assertTrue(until(lambda: self.answers(bus)))
        self.assertEqual(bus.readfrom_mem(0x21, 0, 2), b"\0\0")

    def test_i2c_interrupted(self):
        """Ctrl-C while a chip in Python answers."""

        class Chip(circuit.Chip):
            def i2c(self, messages):
                raise KeyboardInterrupt

        circuit.i2c("i2c0", 0x21, Chip())
        with self.assertRaises(KeyboardInterrupt) as caught:
            machine.I2C("i2c0", freq=100000).readfrom(0x21, 1)
            time.sleep(0.1)
        self.assertEqual(getattr(caught.exception, "__notes__", []), [])

    def test_i2c_arguments(self):
        bus = machine.I2C("i2c0", freq=100000, timeout=200000)
        for address in (-1, 0x400):
            with self.assertRaises(ValueError):
                bus.readfrom(address, 1)
        for frequency in (0, 1000, 1 << 40):
            with self.assertRaises(ValueError):
                machine.I2C("i2c0", freq=frequency)
        with self.assertRaises(ValueError):
            machine.I2C("i2c0", timeout=-5)
        bus.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            bus.readfrom(0x21, 1)

    @staticmethod
    def answers(bus):
        try:
            bus.readfrom(0x21, 1)
        except OSError:
            return False
        return True

    def test_no_such_bus(self):
        for name in ("nothing", "i2c7", "gpio0", 77, -1, None, [], {}):
            with self.assertRaises(errors.HardwareInitializationError, msg=repr(name)) as caught:
                machine.I2C(name)
            self.assertIn("i2c0", str(caught.exception))
        with self.assertRaises(errors.HardwareInitializationError):
            machine.SPI("spi9")

    def test_spi(self):
        bus = machine.SPI("spi0", 1000000)
        cs = Pin(("gpio0", 16), Pin.OUT, value=1)
        circuit.spi("spi0", chips.Registers({0x10: b"hello"}), cs=cs)
        cs(0)
        bus.write(b"\x90")
        self.assertEqual(bus.read(5), b"hello")
        cs(1)
        cs(0)
        into = bytearray(3)
        bus.write_readinto(b"\x91\0\0", into)
        cs(1)
        self.assertEqual(into[1:], b"el")
        # Nobody is selected: the line stays high.
        self.assertEqual(bus.read(2), b"\xff\xff")
        with self.assertRaises(ValueError):
            bus.write_readinto(b"ab", bytearray(3))
        for arguments in ({"baudrate": 0}, {"bits": 0}, {"polarity": 2}, {"phase": -1}):
            with self.assertRaises(ValueError):
                machine.SPI("spi0", **arguments)
        bus.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            bus.write(b"x")

    def test_spi_flash(self):
        bus = machine.SPI("spi0", 1000000)
        cs = Pin(("gpio0", 16), Pin.OUT, value=1)
        circuit.spi("spi0", chips.SpiFlash(size=65536), cs=cs)

        def command(out, count=0):
            cs(0)
            try:
                bus.write(out)
                return bus.read(count) if count else b""
            finally:
                cs(1)

        self.assertEqual(command(b"\x9f", 3), b"\xef\x40\x14")
        command(b"\x06")
        command(b"\x02\x00\x01\x00data")
        self.assertEqual(command(b"\x03\x00\x01\x00", 6), b"data\xff\xff")
        command(b"\x06")
        command(b"\x20\x00\x00\x00")
        self.assertEqual(command(b"\x03\x00\x01\x00", 4), b"\xff" * 4)

    def test_soft_i2c(self):
        scl, sda = ("gpio0", 17), ("gpio0", 18)
        bus = machine.SoftI2C(scl, sda)
        bits = circuit.SoftI2c(scl, sda, {0x21: chips.Registers({0x10: b"hello"})})
        try:
            self.assertEqual(bus.scan(), [0x21])
            self.assertEqual(bus.readfrom_mem(0x21, 0x10, 5), b"hello")
            bus.writeto_mem(0x21, 0x10, b"J")
            into = bytearray(5)
            bus.readfrom_mem_into(0x21, 0x10, into)
            self.assertEqual(into, b"Jello")
            bus.writeto(0x21, b"\x10M", stop=False)
            bus.writeto(0x21, b"\x14a", stop=False)
            self.assertEqual(bus.writeto(0x21, b"\x10", stop=False), 1)
            self.assertEqual(bus.readfrom(0x21, 5), b"Mella")
            bus.writeto(0x21, b"\x10", stop=False)
            self.assertEqual(bus.scan(), [0x21])
            with self.assertRaises(OSError):
                bus.writeto(0x22, b"x", stop=False)
            with self.assertRaises(OSError):
                bus.readfrom(0x22, 1)
            # A chip that holds the clock.
            circuit.drive(scl, 0, "fault")
            with self.assertRaises(TimeoutError):
                bus.readfrom(0x21, 1)
            circuit.drive(scl, None, "fault")
            bus.deinit()
            with self.assertRaises(errors.InvalidHardwareStatusError):
                bus.readfrom(0x21, 1)
        finally:
            bits.close()
            circuit.cut(scl)
            circuit.cut(sda)

    def test_soft_spi(self):
        mosi, miso = ("gpio0", 22), ("gpio0", 23)
        for polarity, phase in ((0, 0), (0, 1), (1, 0), (1, 1)):
            bus = machine.SoftSPI(
                polarity=polarity, phase=phase, sck=("gpio0", 24), mosi=mosi, miso=miso
            )
            circuit.wire(mosi, miso)
            into = bytearray(4)
            bus.write_readinto(b"\x01\x80\xa5\xff", into)
            self.assertEqual(into, b"\x01\x80\xa5\xff")
            circuit.cut(miso)
            bus.deinit()
        circuit.cut(mosi)
        for call in (lambda: bus.write(b"abc"), lambda: bus.read(1)):
            with self.assertRaises(errors.InvalidHardwareStatusError):
                call()
        bus.init()
        self.assertEqual(len(bus.read(1)), 1)
        bus.deinit()


class Serial(unittest.TestCase):
    """UART."""

    def setUp(self):
        circuit.unline("uart_emul0")
        self.uart = machine.UART("uart_emul0", 115200, timeout=2000, timeout_char=1000)
        self.addCleanup(self.uart.deinit)
        self.addCleanup(circuit.unline, "uart_emul0")

    def test_loop(self):
        circuit.line("uart_emul0")
        self.assertEqual(self.uart.write(b"one\ntwo\n"), 8)
        self.assertEqual(self.uart.readline(), b"one\n")
        self.assertEqual(self.uart.read(2), b"tw")
        into = bytearray(2)
        self.assertEqual(self.uart.readinto(into), 2)
        self.assertEqual(into, b"o\n")
        self.uart.flush()
        self.assertTrue(self.uart.txdone())

    def test_timeouts(self):
        self.uart.init(timeout=0)
        self.assertIsNone(self.uart.read())
        self.assertIsNone(self.uart.readline())
        self.assertIsNone(self.uart.readinto(bytearray(4)))
        self.assertEqual(self.uart.any(), 0)
        circuit.send("uart_emul0", b"abc")
        self.assertTrue(until(lambda: self.uart.any() == 3))
        self.assertEqual(self.uart.read(), b"abc")

    def test_sent(self):
        self.uart.write(b"out")
        sent = []
        self.assertTrue(
            until(lambda: sent.append(circuit.sent("uart_emul0")) or b"".join(sent) == b"out"),
            sent,
        )

    def test_two(self):
        with machine.UART("uart_emul1", timeout=2000) as other:
            circuit.line("uart_emul0", "uart_emul1")
            self.uart.write(b"ping")
            self.assertEqual(other.read(4), b"ping")
            other.write(b"pong")
            self.assertEqual(self.uart.read(4), b"pong")
            circuit.unline("uart_emul1")

    def test_closed(self):
        with self.assertRaises(OSError) as caught:
            machine.UART("uart_emul0")
        self.assertEqual(caught.exception.errno, errno.EBUSY)
        self.uart.deinit()
        for call in (self.uart.any, self.uart.read, self.uart.fileno):
            with self.assertRaises(errors.InvalidHardwareStatusError):
                call()
        self.uart.deinit()
        machine.UART("uart_emul0").deinit()

    def test_asyncio(self):
        async def main():
            circuit.line("uart_emul0")
            reading = asyncio.ensure_future(self.uart.aread())
            await asyncio.sleep(0.02)
            self.assertFalse(reading.done())
            await self.uart.awrite(b"x" * 200)
            data = await asyncio.wait_for(reading, 10)
            while len(data) < 200:
                data += await asyncio.wait_for(self.uart.aread(), 10)
            self.assertEqual(data, b"x" * 200)

        asyncio.run(main())

    def test_read_all(self):
        self.uart.init(timeout=2000, timeout_char=50)
        circuit.send("uart_emul0", b"abc")
        self.assertEqual(self.uart.read(-1), b"abc")
        with self.assertRaises(errors.UnsupportedError):
            self.uart.sendbreak()

    def test_dropped(self):
        def use():
            uart = machine.UART("uart_emul1")
            uart.write(b"x")

        for _ in range(3):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                use()
                gc.collect()
            self.assertEqual([w.category for w in seen], [ResourceWarning])
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            machine.UART("uart_emul1").deinit()
            with self.assertRaises(errors.HardwareInitializationError):
                machine.UART("nothing")
            with self.assertRaises(TypeError):
                machine.UART()
            gc.collect()
        self.assertEqual(seen, [])

    def test_closed_while_in_use(self):
        raised = []
        begun = threading.Event()

        def call(function):
            begun.set()
            try:
                raised.append(function())
            except Exception as error:
                raised.append(error)

        self.uart.init(timeout=60000, timeout_char=60000)
        for function in (
            self.uart.read,
            lambda: self.uart.read(5),
            self.uart.readline,
            lambda: self.uart.readinto(bytearray(4)),
        ):
            raised.clear()
            begun.clear()
            thread = threading.Thread(target=call, args=(function,))
            thread.start()
            begun.wait(10)
            time.sleep(0.05)
            self.uart.deinit()
            # It is free at once.
            with machine.UART("uart_emul0") as other:
                thread.join(10)
                self.assertEqual([type(r) for r in raised], [errors.InvalidHardwareStatusError])
                circuit.send("uart_emul0", b"new")
                self.assertTrue(until(lambda other=other: other.any() == 3))
            self.uart.init(timeout=60000, timeout_char=60000)

    def test_closed_in_a_race(self):
        """Threads read while others close and open: no error but one, and nobody else's bytes."""
        wrong = []
        ended = threading.Event()

        def read():
            while not ended.is_set():
                try:
                    with contextlib.suppress(errors.InvalidHardwareStatusError):
                        self.uart.read(1)
                except Exception as error:
                    wrong.append(error)
                    return

        self.uart.init(timeout=5)
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(50):
                circuit.send("uart_emul0", b"x" * 100)
                time.sleep(0.001)
                self.uart.deinit()
                self.uart.init(timeout=5)
        finally:
            ended.set()
            for thread in threads:
                thread.join(10)
        self.assertEqual(wrong, [])

    def test_closed_in_its_handler(self):
        ended = threading.Event()

        def handler(uart):
            uart.deinit()
            ended.set()

        self.uart.irq(handler)
        circuit.send("uart_emul0", b"abc")
        self.assertTrue(ended.wait(10))
        machine.UART("uart_emul0").deinit()

    def test_asyncio_closed(self):
        async def main():
            reading = asyncio.ensure_future(self.uart.aread())
            await asyncio.sleep(0.02)
            self.uart.deinit()
            with self.assertRaises(errors.InvalidHardwareStatusError):
                await asyncio.wait_for(reading, 10)

        asyncio.run(main())

    def test_asyncio_two_readers(self):
        async def main():
            reading = asyncio.ensure_future(self.uart.aread())
            await asyncio.sleep(0.02)
            with self.assertRaisesRegex(RuntimeError, r"^aread\(\) called while another"):
                await self.uart.aread()
            await self.uart.awrite(b"writing is no reading")
            self.assertTrue(until(lambda: circuit.sent("uart_emul0")))
            circuit.send("uart_emul0", b"abc")
            self.assertEqual(await asyncio.wait_for(reading, 10), b"abc")
            # One that was cancelled is no longer in the way.
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(self.uart.aread(), 0.02)
            circuit.send("uart_emul0", b"d")
            self.assertEqual(await asyncio.wait_for(self.uart.aread(), 10), b"d")

        asyncio.run(main())

    def test_irq(self):
        seen = []
        self.uart.irq(lambda uart: seen.append(uart.read(uart.any())))
        circuit.send("uart_emul0", b"abc")
        self.assertTrue(until(lambda: b"".join(s or b"" for s in seen) == b"abc"), seen)
        self.uart.irq(None)

    def test_ranges(self):
        for arguments in ((115200, 4), (115200, 8, 3), (0,), (115200, 8, None, 7)):
            with self.assertRaises(ValueError):
                self.uart.init(*arguments)
        with self.assertRaises(ValueError):
            self.uart.init(timeout=-1)


class Times(unittest.TestCase):
    """Timer, RTC, WDT, Counter."""

    def test_timer(self):
        ticks = []
        timer = machine.Timer(period=20, callback=lambda t: ticks.append(t))
        self.assertTrue(until(lambda: len(ticks) >= 3))
        timer.deinit()
        time.sleep(0.05)
        count = len(ticks)
        time.sleep(0.1)
        self.assertEqual(len(ticks), count)
        self.assertIs(ticks[0], timer)

    def test_one_shot(self):
        ticks = []
        start = time.monotonic()
        machine.Timer(
            mode=machine.Timer.ONE_SHOT,
            period=50,
            callback=lambda t: ticks.append(time.monotonic()),
        )
        self.assertTrue(until(lambda: ticks))
        self.assertGreaterEqual(ticks[0] - start, 0.049)
        time.sleep(0.12)
        self.assertEqual(len(ticks), 1)

    def test_the_fastest_timer(self):
        """Others run although it is always due."""
        ticks = []
        timer = machine.Timer(freq=100000, callback=lambda t: ticks.append(None))
        try:
            time.sleep(0.1)
            done = sum(range(20000))
        finally:
            timer.deinit()
        self.assertGreater(len(ticks), 3)
        self.assertEqual(done, 199990000)

    def test_timer_ranges(self):
        for arguments in ({"period": 0}, {"period": -5}, {"freq": 0}, {"freq": 1e9}, {"mode": 5}):
            with self.assertRaises(ValueError):
                machine.Timer(**{"callback": print, **arguments})
        with self.assertRaises(TypeError):
            machine.Timer(period=10, callback=5)

    def test_rtc(self):
        rtc = machine.RTC()
        before = time.time()
        try:
            rtc.datetime((2031, 2, 3, 0, 4, 5, 6, 0))
            now = rtc.datetime()
            self.assertEqual(now[:3], (2031, 2, 3))
            self.assertEqual(now[3], 0)  # a Monday
            self.assertEqual(now[4:6], (4, 5))
        finally:
            fields = time.gmtime(before)
            rtc.datetime((*fields[:3], 0, *fields[3:6], 0))
        self.assertAlmostEqual(time.time(), before, delta=120)
        for bad in ((2031, 13, 1, 0, 0, 0, 0, 0), (2031, 2, 30, 0, 0, 0, 0, 0), (1, 2, 3)):
            with self.assertRaises(ValueError):
                rtc.datetime(bad)

    def test_rtc_range(self):
        rtc = machine.RTC()
        before = rtc.datetime(), time.time()
        for year in (1900, 1950, 1969, 2200, 9999):
            with self.assertRaises(ValueError) as caught:
                rtc.datetime((year, 2, 3, 0, 4, 5, 6, 0))
            with self.assertRaises(ValueError):
                rtc.init((year, 2, 3))
        first, last = map(int, re.findall(r"(\d+)\.\.(\d+)", str(caught.exception))[0])
        self.assertAlmostEqual(time.time(), before[1], delta=60)
        self.assertEqual(rtc.datetime()[:3], before[0][:3])
        self.addCleanup(self.set_back, rtc, before[1])
        for year in (first, last):
            rtc.datetime((year, 2, 3, 0, 4, 5, 6, 0))
            self.assertEqual(rtc.datetime()[:3], (year, 2, 3))
            with self.assertRaises(ValueError):
                rtc.datetime((last + 1, 2, 3, 0, 4, 5, 6, 0))
            self.assertEqual(rtc.datetime()[:3], (year, 2, 3))

    def test_alarm(self):
        rtc = machine.RTC()
        seen = []
        self.addCleanup(rtc.cancel)
        self.addCleanup(rtc.irq, handler=None)
        irq = rtc.irq(handler=seen.append)
        self.assertIsNone(irq)
        start = time.monotonic()
        rtc.alarm(0, 100)
        self.assertIn(rtc.alarm_left(), range(1, 101))
        self.assertTrue(until(lambda: seen))
        self.assertGreaterEqual(time.monotonic() - start, 0.099)
        self.assertIs(seen[0], rtc)
        self.assertEqual(rtc.alarm_left(), 0)
        rtc.alarm(time=30, repeat=True)
        self.assertTrue(until(lambda: len(seen) > 3))
        rtc.cancel()
        count = len(seen)
        time.sleep(0.1)
        self.assertEqual(len(seen), count)

    def test_alarm_at(self):
        rtc = machine.RTC()
        before = time.time()
        seen = []
        self.addCleanup(self.set_back, rtc, before)
        self.addCleanup(rtc.cancel, 0)
        self.addCleanup(rtc.cancel, 7)
        self.addCleanup(rtc.irq, handler=None)
        self.addCleanup(rtc.irq, trigger=7, handler=None)
        rtc.irq(handler=lambda rtc: seen.append(0))
        rtc.irq(trigger=7, handler=lambda rtc: seen.append(7))
        # 7 is watched by the kernel alone: no clock here has so many alarms.
        rtc.datetime((2031, 2, 28, 0, 23, 59, 57, 0))
        rtc.alarm(7, (2031, 3, 1, 0, 0, 0, 0))
        self.assertIn(rtc.alarm_left(7), (2000, 3000))
        rtc.alarm(0, (2031, 3, 1))
        self.assertTrue(until(lambda: len(seen) == 2, 20))
        self.assertEqual(sorted(seen), [0, 7])
        self.assertEqual(rtc.datetime()[:3], (2031, 3, 1))
        # A clock that is set to what lies behind an alarm rings at once.
        rtc.alarm(0, (2031, 3, 2))
        rtc.alarm(7, (2031, 3, 3))
        self.assertGreater(rtc.alarm_left(7), rtc.alarm_left(0))
        rtc.datetime((2031, 3, 4, 0, 0, 0, 0, 0))
        self.assertTrue(until(lambda: len(seen) == 4))

    @staticmethod
    def set_back(rtc, before):
        fields = time.gmtime(before)
        rtc.datetime((*fields[:3], 0, *fields[3:6], 0))

    def test_alarm_ranges(self):
        rtc = machine.RTC()
        for arguments in (
            *((8, 10), (-1, 10), ("0", 10), (0, 0), (0, -5), (0, 1 << 50)),
            *((0, (2001, 1, 1)), (0, (2031, 2, 30)), (0, (2031, 2)), (0, (2031, 1, 1, 0, 25))),
        ):
            with self.assertRaises(ValueError, msg=arguments):
                rtc.alarm(*arguments)
        with self.assertRaises(ValueError):
            rtc.alarm(0, (2099, 1, 1), repeat=True)
        for arguments in ({"handler": 5}, {"handler": print, "wake": "no"}):
            with self.assertRaises((TypeError, ValueError)):
                rtc.irq(**arguments)
        for wrong in (0, 8, -1, 1.5):
            with self.assertRaises(ValueError):
                Pin("sw0", Pin.IN).irq(print, Pin.IRQ_FALLING, wake=wrong)

    def test_sleep(self):
        start = time.monotonic()
        machine.lightsleep(50)
        self.assertGreaterEqual(time.monotonic() - start, 0.049)
        self.assertEqual(machine.wake_reason(), 0)
        # An alarm that may, wakes it; one that may not, does not.
        rtc = machine.RTC()
        self.addCleanup(rtc.cancel)
        self.addCleanup(rtc.irq, handler=None)
        rtc.irq(handler=None, wake=machine.SLEEP | machine.DEEPSLEEP)
        rtc.alarm(0, 50)
        machine.lightsleep(60000)
        self.assertEqual(machine.wake_reason(), machine.RTC_WAKE)
        rtc.irq(handler=None)
        rtc.alarm(0, 20)
        machine.lightsleep(100)
        self.assertEqual(machine.wake_reason(), 0)
        # A pin ends a sleep without a time.
        circuit.release("sw0")
        self.addCleanup(circuit.release, "sw0")
        button = Pin("sw0", Pin.IN, Pin.PULL_UP)
        self.addCleanup(button.irq, None)
        button.irq(lambda pin: None, Pin.IRQ_FALLING, wake=machine.SLEEP)
        timer = machine.Timer(
            mode=machine.Timer.ONE_SHOT, period=50, callback=lambda t: circuit.press("sw0")
        )
        self.addCleanup(timer.deinit)
        machine.lightsleep()
        self.assertEqual(machine.wake_reason(), machine.PIN_WAKE)
        for wrong in (-1, 1 << 50):
            with self.assertRaises(ValueError):
                machine.lightsleep(wrong)

    def test_wdt(self):
        with self.assertRaises(ValueError):
            machine.WDT(timeout=0)
        wdt = machine.WDT(timeout=60000)
        try:
            wdt.feed()
            with self.assertRaises(OSError):
                machine.WDT(timeout=60000)
        finally:
            wdt.deinit()
        with self.assertRaises(errors.InvalidHardwareStatusError):
            wdt.feed()
        wdt.deinit()
        machine.WDT(timeout=60000).deinit()

    def test_counter(self):
        counter = machine.Counter()
        counter.start()
        self.addCleanup(counter.stop)
        seen = []
        counter.alarm(counter.frequency // 50, seen.append)
        self.assertTrue(until(lambda: seen))
        self.assertIs(seen[0], counter)
        # The next has a handler of its own, and that of before is not called again.
        others = []
        counter.alarm(counter.frequency // 50, others.append)
        self.assertTrue(until(lambda: others))
        self.assertEqual(len(seen), 1)
        counter.alarm(counter.frequency // 20, others.append)
        counter.cancel()
        time.sleep(0.1)
        self.assertEqual(len(others), 1)
        # An alarm is the channel's: another object takes it back.
        counter.alarm(counter.frequency // 20, others.append)
        with self.assertRaises(OSError):
            machine.Counter().alarm(counter.frequency, print)
        machine.Counter().cancel()
        counter.alarm(counter.frequency // 50, seen.append)
        self.assertTrue(until(lambda: len(seen) == 2))
        self.assertEqual(len(others), 1)
        for handler in (None, 5):
            with self.assertRaises(TypeError):
                counter.alarm(counter.frequency, handler)
        counter.cancel()

    def test_chip(self):
        self.assertIsInstance(machine.unique_id(), bytes)
        self.assertEqual(machine.reset_cause(), machine.PWRON_RESET)
        self.assertGreater(machine.freq(), 0)
        with self.assertRaises(errors.UnsupportedError):
            machine.freq(1)
        with self.assertRaises(errors.UnsupportedError) as caught:
            machine.bitstream(Pin("led0"), 0, (400, 850, 800, 450), b"")
        self.assertIn("neopixel_write", str(caught.exception))
        machine.idle()
        for name in dir(machine):
            self.assertTrue(hasattr(machine, name), name)
        with self.assertRaises(AttributeError):
            machine.nothing  # noqa: B018

    def test_utime(self):
        import utime

        start = utime.ticks_ms(), utime.ticks_us(), utime.ticks_cpu()
        utime.sleep_ms(5)
        utime.sleep_us(5000)
        for before, now, least in zip(
            start,
            (utime.ticks_ms(), utime.ticks_us(), utime.ticks_cpu()),
            (9, 9900, 9900),
            strict=True,
        ):
            self.assertGreaterEqual(utime.ticks_diff(now, before), least)
        late = utime.ticks_add(0, -1)
        self.assertEqual(utime.ticks_diff(utime.ticks_add(late, 5), late), 5)
        self.assertEqual(utime.ticks_diff(late, utime.ticks_add(late, 5)), -5)
        self.assertIs(utime.time, time.time)


class Memories(unittest.TestCase):
    """FlashArea, and the sensors of zsensor."""

    def test_flash(self):
        for name in ("nothing", 0, None, [], "/"):
            with self.assertRaises(errors.HardwareInitializationError):
                machine.FlashArea(name)
        if "scratch_partition" not in devices:
            self.skipTest("no scratch partition on this board")
        area = machine.FlashArea("scratch_partition")
        area.erase(0, area.page)
        area.write(0, b"flashdata" + bytes(3))
        self.assertEqual(area.read(0, 9), b"flashdata")
        self.assertEqual(area.read(area.page - 4, 4), b"\xff" * 4)
        area.erase(0, area.page)
        self.assertEqual(area.read(0, 9), b"\xff" * 9)
        for offset, count in ((-1, 1), (area.size, 1), (0, area.size + 1)):
            with self.assertRaises(ValueError):
                area.read(offset, count)

    def test_pixels(self):
        import neopixel_write

        strip = chips.Ws2812()
        circuit.spi("spi0", strip, target=3)
        self.addCleanup(circuit.spi, "spi0", None, target=3)
        neopixel_write.neopixel_write("led_strip", b"\1\2\3\4\5\6")
        self.assertEqual(strip.pixels[:2], [(2, 1, 3), (5, 4, 6)])
        for pixels, error in ((bytes(7), ValueError), (bytes(27), ValueError), (6, TypeError)):
            with self.assertRaises(error) as caught:
                neopixel_write.neopixel_write("led_strip", pixels)
            self.assertRegex(str(caught.exception), "3 bytes for each|a bytes-like object")

    def test_sensor(self):
        import zsensor

        sensor = zsensor.Sensor("accel0")
        sensor.measure()
        value = sensor.get_float(zsensor.ACCEL_X)
        self.assertEqual(sensor.get_micros(zsensor.ACCEL_X), round(value * 1e6))
        self.assertEqual(sensor.get_int(zsensor.ACCEL_X), int(value))
        with self.assertRaises(errors.UnsupportedError):
            sensor.get_float(zsensor.HUMIDITY)
        with self.assertRaises(errors.HardwareInitializationError):
            zsensor.Sensor("nothing")


class CircuitPython(unittest.TestCase):
    """digitalio, analogio, pwmio, busio, microcontroller."""

    def tearDown(self):
        circuit.i2c("i2c0", 0x21, None)
        circuit.spi("spi0", None, cs=("gpio0", 16))

    def test_digital(self):
        import board
        import digitalio

        with digitalio.DigitalInOut(board.LED) as led:
            led.direction = digitalio.Direction.OUTPUT
            led.value = True
            self.assertEqual(circuit.level("led0"), 1)
            self.assertIs(led.value, True)
            with self.assertRaises(ValueError):
                digitalio.DigitalInOut(board.led0)
            with self.assertRaises(AttributeError):
                led.pull  # noqa: B018
        with self.assertRaises(errors.InvalidHardwareStatusError):
            led.value  # noqa: B018
        with digitalio.DigitalInOut(board.sw0) as button:
            button.switch_to_input(pull=digitalio.Pull.UP)
            self.assertIs(button.value, True)
            circuit.press("sw0")
            self.assertIs(button.value, False)
            circuit.release("sw0")
            with self.assertRaises(AttributeError):
                button.value = True

    def test_analog(self):
        import analogio
        import board

        circuit.voltage(("adc0", 0), 3.3)
        with analogio.AnalogIn(board.A0) as pin:
            self.assertEqual(pin.value, 65535)
            self.assertAlmostEqual(pin.reference_voltage, 3.3)
        with self.assertRaises(errors.InvalidHardwareStatusError):
            pin.value  # noqa: B018
        with analogio.AnalogOut(("dac0", 0)) as pin:
            pin.value = 65535
            self.assertAlmostEqual(circuit.output(("dac0", 0)), 3.3)

    def test_pwm(self):
        import board
        import pwmio

        with pwmio.PWMOut(board.PWM3, frequency=1000, variable_frequency=True) as pwm:
            pwm.duty_cycle = 65535
            self.assertEqual(circuit.pulses(("pwm0", 3)), (1000000, 1000000, False))
            pwm.frequency = 50
            self.assertEqual(circuit.pulses(("pwm0", 3))[0], 20000000)

    def test_buses(self):
        import board
        import digitalio

        circuit.i2c("i2c0", 0x21, chips.Registers({0: b"abcd"}))
        bus = board.I2C()
        self.assertIs(board.I2C(), bus)
        self.assertTrue(bus.try_lock())
        self.assertFalse(bus.try_lock())
        self.assertIn(0x21, bus.scan())
        into = bytearray(6)
        bus.writeto_then_readfrom(0x21, b"x\x01", into, out_start=1, in_start=2, in_end=4)
        self.assertEqual(into, b"\0\0bc\0\0")
        bus.unlock()
        spi = board.SPI()
        with self.assertRaises(RuntimeError):
            spi.configure(baudrate=1000)
        spi.try_lock()
        spi.configure(baudrate=1000000, polarity=1, phase=1)
        spi.unlock()
        with digitalio.DigitalInOut(board.D16) as cs:
            cs.switch_to_output(True)
            circuit.spi("spi0", chips.Max31855(temperature=21.5), cs=board.D16)
            cs.value = False
            spi.readinto(into, end=4)
            cs.value = True
        self.assertEqual(int.from_bytes(into[:2], "big") >> 2, 86)

    def test_drive_mode(self):
        import digitalio

        with digitalio.DigitalInOut(("gpio0", 20)) as pin:
            self.addCleanup(circuit.cut, ("gpio0", 20))
            pin.switch_to_output(True, digitalio.DriveMode.OPEN_DRAIN)
            circuit.drive(("gpio0", 20), 0)
            self.assertIs(pin.value, False)
            pin.drive_mode = digitalio.DriveMode.PUSH_PULL
            circuit.drive(("gpio0", 20), None)
            self.assertIs(pin.value, True)
            pin.value = False
            pin.drive_mode = digitalio.DriveMode.OPEN_DRAIN
            self.assertIs(pin.value, False)

    def test_lines(self):
        import board
        import busio

        for name in ("SCL", "SDA", "SCK", "MOSI", "MISO", "TX", "RX"):
            self.assertIn(name, dir(board))
        circuit.i2c("i2c0", 0x21, chips.Registers())
        with busio.I2C(board.SCL, board.SDA) as bus:
            self.assertIn(0x21, bus.scan())
        circuit.spi("spi0", chips.Registers({0: b"abcd"}))
        self.addCleanup(circuit.spi, "spi0", None)
        into = bytearray(3)
        with busio.SPI(board.SCK, board.MOSI, board.MISO) as bus:
            bus.write_readinto(b"\x80\0\0", into)
        self.assertEqual(into[1:], b"ab")
        circuit.spi("spi0", chips.Registers({0: b"abcd"}))
        with busio.SPI(board.SCK, MOSI=board.MOSI) as bus:
            bus.write_readinto(b"\x81\0\0", into)
        self.assertEqual(into[1:], b"bc")
        circuit.line("uart_emul0")
        self.addCleanup(circuit.unline, "uart_emul0")
        for pins in ((board.TX, board.RX), (None, board.RX), (board.D1, board.D0)):
            with busio.UART(*pins, timeout=2) as uart:
                uart.write(b"abc")
                self.assertEqual(uart.read(3), b"abc", pins)
        with self.assertRaises(errors.HardwareInitializationError):
            busio.I2C(board.SCK, board.MOSI)
        with self.assertRaises(errors.InvalidPinError):
            Pin(board.SCL)

    def test_bus_again(self):
        import board

        for make in (board.I2C, board.SPI, board.UART):
            bus = make()
            bus.deinit()
            with make() as again:
                self.assertIsNot(again, bus)
                self.assertIs(make(), again)
            with make() as bus:
                self.assertTrue(bus.try_lock())

    def test_baudrate(self):
        import busio

        configure, seen = _vhal.uart_configure, []
        self.addCleanup(setattr, _vhal, "uart_configure", configure)
        _vhal.uart_configure = lambda device, *settings: seen.append(settings)
        parity = busio.UART.Parity.ODD
        with busio.UART("uart_emul1", baudrate=9600, bits=7, parity=parity, stop=2) as uart:
            uart.baudrate = 19200
        self.assertEqual(seen, [(9600, 7, 1, 2, 0), (19200, 7, 1, 2, 0)])

    def test_uart(self):
        import busio

        circuit.line("uart_emul1")
        with busio.UART("uart_emul1", None, baudrate=9600, timeout=2) as uart:
            uart.write(b"line\n")
            self.assertEqual(uart.readline(), b"line\n")
            uart.write(b"abc")
            self.assertEqual(uart.read(3), b"abc")
        circuit.unline("uart_emul1")

    def test_chip(self):
        import microcontroller

        self.assertEqual(microcontroller.cpu.uid, machine.unique_id())
        start = time.monotonic()
        microcontroller.delay_us(5000)
        self.assertGreaterEqual(time.monotonic() - start, 0.005)


class Zos(unittest.TestCase):
    """The names of zOS."""

    def test_all(self):
        import adc
        import gpio
        import i2c
        import pwm
        import spi
        import timers

        gpio.mode("led0", gpio.OUTPUT)
        gpio.high("led0")
        self.assertEqual(gpio.get("led0"), 1)
        gpio.toggle("led0")
        self.assertEqual(circuit.level("led0"), 0)
        circuit.voltage(("adc0", 0), 3.3)
        self.assertEqual(adc.read(("adc0", 0)), 4095)
        self.assertEqual(adc.read(("adc0", 0), 3), [4095] * 3)
        pwm.write(("pwm0", 1), 20, 5)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (20000000, 5000000, False))
        pwm.write(("pwm0", 1), 0, 0)
        pwm.write(("pwm0", 1), 2, 1, 1000 * pwm.MILLIS)
        self.assertEqual(circuit.pulses(("pwm0", 1)), (2000000000, 1000000000, False))
        for period in (4.3, 1e-10, -1):
            with self.assertRaises(ValueError):
                pwm.write(("pwm0", 1), period, 0, 1000 * pwm.MILLIS)
        pwm.write(("pwm0", 1), 200, 5, npulses=2)
        self.assertEqual(circuit.pulses(("pwm0", 1))[1], 0)
        self.assertEqual(circuit.pulse_count(("pwm0", 1)), 2)
        pwm.write(("pwm0", 1), 0, 0)
        circuit.i2c("i2c0", 0x21, chips.Registers({0: b"abcd"}))
        self.assertEqual(i2c.I2c(0x21).write_read(b"\1", 2), b"bc")
        circuit.i2c("i2c0", 0x21, None)
        circuit.spi("spi0", chips.Registers({0: b"abcd"}), cs=("gpio0", 16))
        chip = spi.Spi(("gpio0", 16), clock=1000000)
        chip.select()
        self.assertEqual(chip.exchange(b"\x80\0\0")[1:], b"ab")
        chip.unselect()
        circuit.spi("spi0", None, cs=("gpio0", 16))
        seen = []
        timer = timers.timer()
        timer.one_shot(10, seen.append, "done")
        self.assertTrue(until(lambda: seen == ["done"]))

    def test_pwm_superseded(self):
        import pwm

        self.addCleanup(pwm.write, ("pwm0", 1), 0, 0)
        for change in (
            lambda: pwm.write(("pwm0", 1), 20, 5),
            lambda: machine.PWM(("pwm0", 1), freq=50),
            lambda: pwm.write(("pwm0", 1), 0, 0),
        ):
            timer = threading.Timer(0.1, change)
            timer.start()
            with self.assertRaises(errors.InvalidHardwareStatusError):
                pwm.write(("pwm0", 1), 1000, 5, npulses=20)
            timer.join()


class Fuzz(unittest.TestCase):
    """Nothing that can be passed crashes the machine."""

    VALUES = (
        *(None, True, -1, 0, 1, 7, 255, 256, 65536, 1 << 31, 1 << 32, 1 << 63, 1 << 64, 1 << 200),
        *(
            -(1 << 63),
            0.5,
            float("nan"),
            float("inf"),
            -1.0,
            1j,
            "",
            "i2c0",
            "led0",
            "\0",
            "é" * 99,
        ),
        *(b"", b"abc", b"\0" * 5000, (), (1, 2), ("gpio0", 1), [], {}, object(), print, Ellipsis),
    )

    def values(self):
        view = memoryview(bytearray(8))
        released = memoryview(b"x")
        released.release()
        return [
            *self.VALUES,
            *(bytearray(3), array.array("H", [1, 2, 3]), view[::2], released),
            *(d.device for d in devices if d.kind and d.ready),
        ]

    # These end the machine, or the wait for it, when they do what they should.
    EXCEPT = {
        "watchdog_start",
        "emul_gpio_watch",
        "emul_i2c_attach",
        "emul_spi_attach",
        "emul_uart_wire",
        "flash_erase",
        "flash_write",
        "power_set",
        "rtc_set",
    }

    def test_vhal(self):
        import random

        rng = random.Random(20260101)
        values = self.values()
        functions = [
            getattr(_vhal, name)
            for name in sorted(dir(_vhal))
            if callable(getattr(_vhal, name)) and name[0] not in "_D" and name not in self.EXCEPT
        ]
        self.assertGreater(len(functions), 40)
        allowed = (TypeError, ValueError, OSError, OverflowError, BufferError)
        kinds = {}
        for d in devices:
            if d.kind and d.ready:
                kinds.setdefault(d.kind, d.device)
        for function in functions:
            kind = function.__name__.removeprefix("emul_").rpartition("_")[0]
            kind = "led_strip" if "strip" in kind else kind.partition("_")[0]
            for count in range(9):
                for _ in range(40 if count else 1):
                    arguments = [rng.choice(values) for _ in range(count)]
                    if count and kind in kinds and rng.random() < 0.8:
                        # Get past the first check, to the checks behind it.
                        arguments[0] = kinds[kind]
                    try:
                        result = function(*arguments)
                    except allowed:
                        continue
                    if function.__name__ == "uart_open":
                        import os

                        os.close(result)
                    elif function.__name__ == "gpio_irq":
                        _vhal.gpio_irq_off(result)

    def test_machine(self):
        import random

        rng = random.Random(20260102)
        values = [v for v in self.values() if v is not print]
        allowed = (TypeError, ValueError, OSError, OverflowError, BufferError, AttributeError)
        makers = (
            Pin,
            machine.PWM,
            machine.ADC,
            machine.DAC,
            machine.I2C,
            machine.SPI,
            machine.Signal,
            machine.SoftI2C,
            machine.UART,
            machine.Counter,
            machine.RTC,
            machine.Timer,
            machine.FlashArea,
        )
        for maker in makers:
            for _ in range(150):
                arguments = [rng.choice(values) for _ in range(rng.randrange(4))]
                try:
                    made = maker(*arguments)
                except allowed:
                    continue
                if hasattr(made, "deinit"):
                    made.deinit()
        # It still works.
        self.assertEqual(Pin("led0", Pin.OUT, value=1)(), 1)


class Handles(unittest.TestCase):
    """Nothing is kept that should go."""

    def test_memory(self):
        bus = machine.I2C("i2c0", freq=100000)
        chip = chips.Registers()
        circuit.i2c("i2c0", 0x21, chip)
        led = Pin("led0", Pin.OUT)
        into = bytearray(16)

        def work():
            for _ in range(200):
                bus.readfrom_mem_into(0x21, 0, into)
                led.toggle()
                led.irq(lambda pin: None, Pin.IRQ_RISING)
                led.irq(None)
                machine.UART("uart_emul1").deinit()

        work()
        gc.collect()
        if not hasattr(sys, "getallocatedblocks"):
            self.skipTest("this Python does not count")
        before = sys.getallocatedblocks()
        work()
        # Threads of the UARTs that were closed may have something yet.
        grown = None

        def small():
            nonlocal grown
            gc.collect()
            grown = sys.getallocatedblocks() - before
            return grown < 200

        self.assertTrue(until(small), grown)
        self.assertLess(threading.active_count(), 20)
        circuit.i2c("i2c0", 0x21, None)

    def test_taken_back(self):
        """What was taken back is not kept until it would have been due."""
        from machine import events

        timer, rtc = machine.Timer(), machine.RTC()
        before = len(events._timed)
        for _ in range(100):
            timer.init(period=3_600_000, callback=print)
            timer.deinit()
            rtc.alarm(0, 3_600_000)
            rtc.cancel()
        self.assertLess(len(events._timed), before + 5)
        # Those that are left come in their order.
        seen = []
        kept = [
            machine.Timer(
                mode=machine.Timer.ONE_SHOT, period=20 * n, callback=lambda t, n=n: seen.append(n)
            )
            for n in (5, 3, 1, 4, 2)
        ]
        kept[1].deinit()
        kept[2].deinit()
        self.assertTrue(until(lambda: len(seen) == 3), seen)
        self.assertEqual(seen, [2, 4, 5])

    def test_chips(self):
        cs = ("gpio0", 16)
        circuit.clear()
        for _ in range(5):
            circuit.spi("spi0", chips.SpiFlash(size=256), cs=cs)
            circuit.spi("spi0", chips.SpiFlash(size=256), cs=cs)
            self.assertEqual(len(circuit._net(cs).listeners), 1)
            circuit.wire(("gpio0", 19), cs)
            circuit.spi("spi0", None, cs=cs)
            self.assertEqual(len(circuit._net(cs).listeners), 0)
            circuit.cut(cs)
        circuit.clear()


if __name__ == "__main__":
    unittest.main()

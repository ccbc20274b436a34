# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Virtual circuits: what is at the pins and on the buses of emulated hardware.

    import circuit
    from circuit import chips

    circuit.press("sw0")                      # somebody holds the button
    circuit.wire("led0", ("gpio0", 10))       # a pin that follows the LED
    circuit.level("led0")                     # what a meter would show
    circuit.voltage(("adc0", 0), 1.65)
    sensor = chips.Bme280(temperature=21.5)
    circuit.i2c("i2c0", 0x76, sensor)         # a chip on a bus; the program's driver reads it
    sensor.fault = errno.EIO                  # … and the bus fails

It works on `sim` and on machines with Zephyr's emulators (the QEMU boards, native_sim).  Real
pins and buses raise UnsupportedError.
"""

import atexit
import time

import _vhal

from kernel import log
from kernel.devices import devices
from kernel.errors import UnsupportedError

_log = log.get("circuit")
_PATIENCE = 5  # seconds at the interpreter's end for transfers that were given up

_ports = {}  # port Node → _Port


def _need(name):
    function = getattr(_vhal, name, None)
    if function is None:
        raise UnsupportedError(f"this machine has no emulated hardware: no {name}()")
    return function


class _Port:
    """The wires at one port."""

    def __init__(self, node):
        self.device = node.device
        self.pins = {}  # number → _Net
        self.busy = False
        _need("emul_gpio_watch")(self.device, self.changed)

    def changed(self):
        # What a net does can change pins again: once through is enough, nets settle themselves.
        if self.busy:
            return
        self.busy = True
        try:
            for net in tuple(self.pins.values()):
                net.settle()
        finally:
            self.busy = False


class _Net:
    """Pins that are connected, with what drives them from outside."""

    def __init__(self, pin):
        self.pins = [pin]
        self.drives = {}  # who → level
        self.level = None
        self.listeners = []
        self.settle()

    def settle(self):
        """Finds the level, sets the inputs, tells the listeners."""
        states = [(p, *_need("emul_gpio_state")(_port(p).device, p.pin)) for p in self.pins]
        levels = [level for _, flags, level in states if flags & _vhal.GPIO_OUTPUT]
        levels += [level for level in self.drives.values() if level is not None]
        if levels:
            # Who pulls down wins: that is how open-drain lines work.
            level = min(levels)
        elif any(flags & _vhal.GPIO_PULL_UP for _, flags, _ in states):
            level = 1
        elif any(flags & _vhal.GPIO_PULL_DOWN for _, flags, _ in states):
            level = 0
        else:
            level = self.level or 0
        before, self.level = self.level, level
        for pin, flags, _ in states:
            if flags & _vhal.GPIO_INPUT and not flags & _vhal.GPIO_OUTPUT:
                device = _port(pin).device
                if _vhal.gpio_get(device, pin.pin) != level:
                    _vhal.emul_gpio_input(device, pin.pin, level)
        if before != level:
            for listener in tuple(self.listeners):
                listener(level)


def _port(pin):
    port = _ports.get(pin.port)
    if port is None:
        port = _ports[pin.port] = _Port(pin.port)
    return port


def _net(name):
    pin = devices.pin(getattr(name, "_named", name))
    port = _port(pin)
    net = port.pins.get(pin.pin)
    if net is None:
        net = port.pins[pin.pin] = _Net(pin)
    return net


# --- pins ----------------------------------------------------------------------------------


def wire(first, second):
    """Connects two pins, named as for machine.Pin."""
    a, b = _net(first), _net(second)
    if a is b:
        return
    a.pins += b.pins
    a.drives.update(b.drives)
    a.listeners += b.listeners
    for pin in b.pins:
        _port(pin).pins[pin.pin] = a
    a.settle()


def cut(name):
    """Takes a pin off all wires, and what drives it away."""
    net = _net(name)
    pin = devices.pin(getattr(name, "_named", name))
    net.pins.remove(pin)
    del _port(pin).pins[pin.pin]
    if net.pins:
        net.settle()


def clear():
    """Takes all pins off all wires, and what drives them away.  Chips stay on their buses."""
    for port in _ports.values():
        port.pins.clear()


def drive(name, level, who="circuit"):
    """Drives a pin from outside: True or False; None lets go."""
    net = _net(name)
    if level is None:
        net.drives.pop(who, None)
    else:
        net.drives[who] = 1 if level else 0
    net.settle()


def level(name):
    """The level at a pin, 0 or 1."""
    net = _net(name)
    net.settle()
    return net.level


def watch(name, listener):
    """Has listener(level) called when the level at a pin changes; returns a function to end it."""
    pin = devices.pin(getattr(name, "_named", name))
    _net(pin).listeners.append(listener)

    def end():
        # The pin may have come to another net since, or off all.
        net = _port(pin).pins.get(pin.pin)
        if net is not None and listener in net.listeners:
            net.listeners.remove(listener)

    return end


def press(name):
    """Holds a button down: its active level comes to the pin."""
    drive(name, not devices.pin(getattr(name, "_named", name)).active_low, "button")


def release(name):
    """Lets go of a button: its other level comes to the pin."""
    pin = devices.pin(getattr(name, "_named", name))
    drive(name, pin.active_low, "button")


def bounce(name, times=5):
    """Presses a button as a bad one does: with bounces before the contact is made."""
    for _ in range(times):
        press(name)
        release(name)
    press(name)


# --- voltages and pulses -------------------------------------------------------------------


def _channel(name, kind):
    if hasattr(name, "kind") and hasattr(name, "number"):
        return devices.of_kind(name.device, kind), name.number  # of board
    return devices.of_kind(name[0], kind), name[1]


def voltage(name, volts):
    """Sets the voltage at an ADC input, named (device, channel)."""
    device, channel = _channel(name, "adc")
    _need("emul_adc_set")(device, channel, round(volts * 1000))


def output(name, reference=3.3):
    """The voltage at a DAC output, named (device, channel)."""
    value, bits = _need("emul_dac_get")(*_channel(name, "dac"))
    return reference * value / ((1 << bits) - 1) if bits else 0.0


def _pwm(name):
    if isinstance(name, str):
        (cells,) = devices[name].properties["pwms"][:1]
        name = (cells.controller, cells.cells.get("channel", 0))
    return _channel(name, "pwm")


def pulses(name):
    """(period_ns, pulse_ns, inverted) at a PWM output, named (device, channel) or by its node."""
    return _need("emul_pwm_get")(*_pwm(name))


def pulse_count(name):
    """How many pulses of a PWM output have begun since it was inactive; or were, if it is."""
    return _need("emul_pwm_count")(*_pwm(name))


# --- serial lines --------------------------------------------------------------------------


def line(first, second=None):
    """Connects two UARTs, both ways; one alone: what it sends comes back."""
    one = devices.of_kind(first, "uart")
    two = one if second is None else devices.of_kind(second, "uart")
    _need("emul_uart_wire")(one, two)
    _vhal.emul_uart_wire(two, one)


def unline(name):
    """Leaves a UART alone."""
    _need("emul_uart_wire")(devices.of_kind(name, "uart"), None)


def send(name, data):
    """Sends bytes to a UART; returns how many it had room for."""
    return _need("emul_uart_put")(devices.of_kind(name, "uart"), data)


def sent(name):
    """What a UART has sent to nobody."""
    return _need("emul_uart_take")(devices.of_kind(name, "uart"))


# --- chips on buses ------------------------------------------------------------------------


class Chip:
    """What is on a bus.  Subclasses have i2c(messages) or spi(sent).

    fault: an errno that each transfer ends with, or None.  delay: seconds that each takes.
    noise: a function of the bytes that the chip answers, which returns others.  transfers counts.
    """

    fault = None
    delay = 0
    noise = None
    transfers = 0

    def _enter(self):
        self.transfers += 1
        if self.delay:
            time.sleep(self.delay)
        if self.fault:
            raise OSError(self.fault, "injected")

    def _leave(self, data):
        return data if self.noise is None else self.noise(bytes(data))

    def transfer_i2c(self, messages):
        """One transfer: bytes are written, numbers read; returns the bytes for each read."""
        self._enter()
        return [self._leave(data) for data in self.i2c(messages)]

    def transfer_spi(self, sent):
        """One transfer: returns as many bytes as were sent."""
        self._enter()
        return self._leave(self.spi(sent))

    def selected(self):
        """The chip select goes low: a transfer begins."""

    def deselected(self):
        """The chip select goes high."""


def i2c(bus, address, chip):
    """Puts a chip at an address of a bus; None takes it off.

    OSError(EBUSY): the devicetree has a chip there, which Zephyr emulates.
    """
    call = None if chip is None else chip.transfer_i2c
    _need("emul_i2c_attach")(devices.of_kind(bus, "i2c"), address, call)


class _Selects:
    """The chips of an SPI bus whose chip selects are pins."""

    def __init__(self):
        self.chips = {}  # Pin → (chip, function that ends the watch of the pin)

    def transfer(self, data):
        for pin, (chip, _) in self.chips.items():
            if not level(pin):
                return chip.transfer_spi(data)
        return b""  # nobody drives the line


_selects = {}


def spi(bus, chip, cs=None, target=0):
    """Puts a chip on an SPI bus; None takes it off.

    cs: the pin that selects it (low), as the program drives it.  Without one it is at the chip
    select `target` of the controller, and always selected there.
    """
    attach = _need("emul_spi_attach")
    device = devices.of_kind(bus, "spi")
    if cs is None:
        attach(device, target, None if chip is None else chip.transfer_spi)
        return
    selects = _selects.setdefault(device.path, _Selects())
    pin = devices.pin(getattr(cs, "_named", cs))
    _, end = selects.chips.pop(pin, (None, None))
    if end is not None:
        end()
    if chip is not None:
        selects.chips[pin] = (
            chip,
            watch(pin, lambda value: chip.deselected() if value else chip.selected()),
        )
    attach(device, target, selects.transfer if selects.chips else None)


@atexit.register
def _settle():
    """Waits until no transfer that was given up is in a chip.

    Its bus would be lost until the machine is reset: who is in Python code as the interpreter ends
    never comes back.
    """
    hanging = getattr(_vhal, "emul_hanging", None)
    if hanging is None:
        return
    end = time.monotonic() + _PATIENCE
    while hanging() and time.monotonic() < end:
        time.sleep(0.01)
    if hanging():
        _log.warning("a chip does not end its transfer: its bus hangs until the next reboot")


class SoftI2c:
    """Chips on an I2C bus that a program makes of two pins (machine.SoftI2C)."""

    def __init__(self, scl, sda, chips):
        self.scl, self.sda = scl, sda
        self.chips = chips  # address → chip
        self.state = "idle"
        self.bits = []
        self.out = []
        self.messages = []  # before a repeated start
        self.chip = None
        self.reading = False
        self.answer = b""
        self.levels = [1, 1]
        self.ends = [
            watch(scl, lambda value: self.edge(0, value)),
            watch(sda, lambda value: self.edge(1, value)),
        ]
        drive(scl, None, self)
        drive(sda, None, self)

    def close(self):
        """Takes the chips off."""
        for end in self.ends:
            end()
        drive(self.sda, None, self)

    def edge(self, line, value):
        self.levels[line] = value
        if line == 1 and self.levels[0] and self.state != "driving":
            if value:
                self.stop()
            else:
                self.start()
        elif line == 0:
            self.rise() if value else self.fall()

    def start(self):
        # A repeated start: what was written comes before what will be read.
        self.written()
        self.bits = []
        self.state = "address"

    def written(self):
        if self.out:
            self.messages.append(bytes(self.out))
        self.out = []

    def end(self):
        self.written()
        if self.chip is not None and self.messages:
            self.chip.transfer_i2c(self.messages)
        self.messages = []

    def stop(self):
        self.end()
        self.state, self.chip = "idle", None

    def rise(self):
        if self.state in ("address", "write"):
            self.bits.append(self.levels[1])
        elif self.state == "master-ack":
            self.bits = [self.levels[1]]

    def fall(self):
        if self.state in ("address", "write") and len(self.bits) == 8:
            byte = int("".join(map(str, self.bits)), 2)
            self.bits = []
            if self.state == "address":
                chip = self.chips.get(byte >> 1)
                if chip is not self.chip:
                    self.end()
                self.chip = chip
                self.reading = bool(byte & 1)
                if self.chip is None:
                    self.state = "idle"
                    return
                if self.reading:
                    messages, self.messages = self.messages, []
                    self.answer = bytearray(self.chip.transfer_i2c([*messages, 256])[-1])
            else:
                self.out.append(byte)
            self.state = "ack"
            drive(self.sda, 0, self)
        elif self.state == "ack":
            drive(self.sda, None, self)
            self.state = "write"
            if self.reading:
                self.next_byte()
        elif self.state == "read":
            self.shift()
        elif self.state == "master-ack":
            if self.bits and self.bits[0]:
                self.state = "idle"
            else:
                self.next_byte()

    def next_byte(self):
        self.byte = self.answer.pop(0) if self.answer else 0xFF
        self.count = 0
        self.state = "read"
        self.shift()

    def shift(self):
        if self.count == 8:
            self.state = "driving"
            drive(self.sda, None, self)
            self.state, self.bits = "master-ack", []
            return
        bit = self.byte >> 7 - self.count & 1
        self.count += 1
        self.state = "driving"
        drive(self.sda, None if bit else 0, self)
        self.state = "read"

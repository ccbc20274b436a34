# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The hardware of the sim board.

The pure-Python reference (PEP 399) of the C module `_vhal`: same names, arguments and
exceptions.  The board is the one of `tree`; its devices are the emulated ones that the QEMU
boards have.  A device is named by the index of its node and reached through `device()`.
"""

import errno
import operator
import os
import threading
import time

from .. import _vosal
from . import tree

_U32 = (1 << 32) - 1


# --- errors and arguments ------------------------------------------------------------------


def _error(number, text):
    from kernel import errors

    if number in (errno.ETIMEDOUT, errno.EAGAIN):
        return TimeoutError(errno.ETIMEDOUT, text)
    if number in (errno.EBUSY, errno.EALREADY):
        return errors.InvalidHardwareStatusError(number, text)
    if number == errno.ENODEV:
        return errors.HardwareInitializationError(number, text)
    if number in (errno.ENOTSUP, errno.ENOSYS):
        return errors.UnsupportedError(number, text)
    return errors.PeripheralError(number, text)


def _int(value, name, least, most):
    value = operator.index(value)
    if not least <= value <= most:
        raise ValueError(f"{name} must be in {least}..{most}")
    return value


def _timeout(value):
    if value is None:
        return None
    value = float(value)
    if not value >= 0:
        raise ValueError("timeout must not be negative")
    return value


# --- devices -------------------------------------------------------------------------------


class Device:
    """A device that is ready; device() makes them."""

    def __init__(self, token, index):
        if token is not _token:
            raise TypeError("cannot create '_vhal.Device' instances")
        row = tree.NODES[index]
        self._index = index
        self._row = row
        self._state = _states[index]

    @property
    def path(self):
        """Of its node in the devicetree."""
        return self._row[0]

    @property
    def kind(self):
        """The class of its driver: 'gpio', 'i2c' …"""
        return self._row[4]

    def __repr__(self):
        return f"<Device {self.kind} {self.path}>"


_token = object()


def devicetree():
    """(nodes, aliases, chosen): the board's devicetree.

    A node is (path, labels, compatible, status, kind, parent, registers, interrupts,
    properties, label); nodes are named by their index.
    """
    return tuple(tree.NODES), dict(tree.ALIASES), dict(tree.CHOSEN)


def driver(index, /):
    """The state of a node's driver: 'none', 'failed' or 'ready'."""
    index = _int(index, "index", 0, len(tree.NODES) - 1)
    row = tree.NODES[index]
    if row[3] != "okay" or row[4] is None:
        return "none"
    return "failed" if row[0] in tree.FAILED else "ready"


def device(index, /):
    """The Device of a node of devicetree(), for the functions of its kind.

    ValueError: no node has the index.  HardwareInitializationError: the node is not okay, has no
    driver in the image, or the driver did not start.
    """
    index = _int(index, "index", 0, len(tree.NODES) - 1)
    path, _, _, status, kind = tree.NODES[index][:5]
    if status != "okay":
        raise _error(errno.ENODEV, f"{path}: not okay in the devicetree")
    if kind is None:
        raise _error(errno.ENODEV, f"{path}: okay, but no driver in the image")
    if path in tree.FAILED:
        raise _error(errno.ENODEV, f"{path}: okay, but its driver did not start (error 5)")
    if index not in _states:
        _states[index] = _KINDS[kind](tree.NODES[index])
    return Device(_token, index)


def _state(device, kind, awake=True):
    if type(device) is not Device:
        raise TypeError(f"a Device is needed, not {type(device).__name__}")
    if device.kind != kind:
        raise _error(errno.EINVAL, f"{device.path}: no {kind} device")
    if awake and device._index in _suspended:
        raise _error(errno.EBUSY, f"{device.path}: suspended")
    return device._state


# --- power ---------------------------------------------------------------------------------

_suspended = set()  # indices of nodes


def power(index, /):
    """A node's power state: 'active' or 'suspended'; None: its driver knows no others."""
    index = _int(index, "index", 0, len(tree.NODES) - 1)
    if tree.NODES[index][4] != "pwm":
        return None
    return "suspended" if index in _suspended else "active"


def power_set(index, on, /):
    """Suspends a node's device, or wakes it up.  To ask for what it is already is no error.

    UnsupportedError: its driver knows no power states.
    """
    index = _int(index, "index", 0, len(tree.NODES) - 1)
    on = bool(on)
    if tree.NODES[index][4] != "pwm":
        text = f"{tree.NODES[index][0]}: its driver knows no power states"
        raise _error(errno.ENOTSUP, text)
    (_suspended.discard if on else _suspended.add)(index)


# --- interrupts ----------------------------------------------------------------------------


def _interrupt(device, number):
    """The interrupt source of a pin, a channel."""
    return _vosal.Interrupt(f"{device.path.rpartition('/')[2]}.{number}")


# --- GPIO ----------------------------------------------------------------------------------

GPIO_ACTIVE_LOW = 1 << 0
_SINGLE_ENDED, _LINE_OPEN_DRAIN = 1 << 1, 1 << 2
GPIO_OPEN_SOURCE = _SINGLE_ENDED
GPIO_OPEN_DRAIN = _SINGLE_ENDED | _LINE_OPEN_DRAIN
GPIO_PULL_UP = 1 << 4
GPIO_PULL_DOWN = 1 << 5
GPIO_DISCONNECTED = 0
GPIO_INPUT = 1 << 16
GPIO_OUTPUT = 1 << 17
_INIT_LOW, _INIT_HIGH = 1 << 18, 1 << 19
GPIO_OUTPUT_LOW = GPIO_OUTPUT | _INIT_LOW
GPIO_OUTPUT_HIGH = GPIO_OUTPUT | _INIT_HIGH
_INT_ENABLE, _INT_EDGE, _INT_LOW, _INT_HIGH = 1 << 22, 1 << 24, 1 << 25, 1 << 26
GPIO_INT_EDGE_RISING = _INT_ENABLE | _INT_EDGE | _INT_HIGH
GPIO_INT_EDGE_FALLING = _INT_ENABLE | _INT_EDGE | _INT_LOW
GPIO_INT_EDGE_BOTH = _INT_ENABLE | _INT_EDGE | _INT_LOW | _INT_HIGH
GPIO_INT_LEVEL_LOW = _INT_ENABLE | _INT_LOW
GPIO_INT_LEVEL_HIGH = _INT_ENABLE | _INT_HIGH
_TRIGGERS = (
    GPIO_INT_EDGE_RISING,
    GPIO_INT_EDGE_FALLING,
    GPIO_INT_EDGE_BOTH,
    GPIO_INT_LEVEL_LOW,
    GPIO_INT_LEVEL_HIGH,
)


class _Port:
    """A GPIO port: flags, levels and interrupts of its pins."""

    def __init__(self, row):
        self.count = row[8].get("ngpios", 32)
        self.flags = [0] * self.count
        self.outputs = [0] * self.count
        self.inputs = [0] * self.count
        self.irqs = {}  # pin → _Irq
        self.watch = None

    def level(self, pin, level):
        """The level at an input changes."""
        before, self.inputs[pin] = self.inputs[pin], level
        irq = self.irqs.get(pin)
        if irq is not None:
            irq.changed(before, level)

    def changed(self):
        if self.watch is not None:
            self.watch()


class _Irq:
    def __init__(self, port, pin, trigger, source):
        self.port, self.pin, self.trigger = port, pin, trigger
        self.source = source
        self.armed = True

    def changed(self, before, level):
        if self.trigger & _INT_EDGE:
            wanted = _INT_HIGH if level else _INT_LOW
            if before != level and self.trigger & wanted:
                self.source.post(level)
        elif self.armed and level == (self.trigger == GPIO_INT_LEVEL_HIGH):
            # It would come again at once: gpio_irq_again() arms it.
            self.armed = False
            self.source.post(level)


_irqs = {}  # source → _Irq


def _pin(port, pin):
    state = _state(port, "gpio")
    number = operator.index(pin)
    if not 0 <= number < state.count:
        from kernel.errors import InvalidPinError

        raise InvalidPinError(f"{port.path} has no pin {pin}")
    return state, number


def gpio_pins(port, /):
    """The mask of the pins that the port has."""
    return (1 << _state(port, "gpio").count) - 1


def gpio_configure(port, pin, flags, /):
    """Sets direction, pull, drive and the output's first level: GPIO_* flags."""
    state, pin = _pin(port, pin)
    flags = _int(flags, "flags", 0, _U32)
    init = flags & (_INIT_LOW | _INIT_HIGH)
    if (
        flags & GPIO_PULL_UP
        and flags & GPIO_PULL_DOWN
        or init == _INIT_LOW | _INIT_HIGH
        or init
        and not flags & GPIO_OUTPUT
        or flags & _LINE_OPEN_DRAIN
        and not (flags & GPIO_OUTPUT and flags & _SINGLE_ENDED)
    ):
        raise ValueError("flags contradict each other")
    if flags & GPIO_OPEN_DRAIN:
        # As the emulated pins of the QEMU boards.
        raise _error(errno.ENOTSUP, f"{port.path}: {os.strerror(errno.ENOTSUP)}")
    state.flags[pin] = flags
    if flags & GPIO_OUTPUT:
        if init:
            state.outputs[pin] = int(init == _INIT_HIGH)
            if flags & GPIO_INPUT:
                state.inputs[pin] = state.outputs[pin]
    elif flags & GPIO_PULL_UP:
        state.inputs[pin] = 1
    elif flags & GPIO_PULL_DOWN:
        state.inputs[pin] = 0
    state.changed()


def gpio_get(port, pin, /):
    """The level of a pin that is an input, 0 or 1."""
    state, pin = _pin(port, pin)
    return state.inputs[pin] if state.flags[pin] & GPIO_INPUT else 0


def gpio_set(port, pin, level, /):
    """Sets the level of an output: low if false, else high."""
    state, pin = _pin(port, pin)
    level = 1 if level else 0
    if state.flags[pin] & GPIO_OUTPUT:
        state.outputs[pin] = level
        if state.flags[pin] & GPIO_INPUT:
            state.level(pin, level)
    state.changed()


def gpio_irq(port, pin, trigger, /):
    """Makes interrupts of an input events; returns their source, an Interrupt of _vosal.

    trigger: one of GPIO_INT_*.  The events' value is the level.  A level interrupt comes once;
    gpio_irq_again() arms it anew.  OSError(EBUSY): the pin has one.
    """
    state, pin = _pin(port, pin)
    if _int(trigger, "trigger", 0, _U32) not in _TRIGGERS:
        raise ValueError("trigger must be one of GPIO_INT_*")
    if pin in state.irqs:
        raise _error(errno.EBUSY, f"{port.path}: pin {pin} has an interrupt already")
    irq = state.irqs[pin] = _Irq(state, pin, trigger, _interrupt(port, pin))
    _irqs[irq.source] = irq
    return irq.source


def _checked(source):
    if not isinstance(source, _vosal.Interrupt):
        raise TypeError(f"an Interrupt is needed, not {type(source).__name__}")
    return source


def gpio_irq_again(source, /):
    """Arms a level interrupt that has come.  Others are always armed."""
    irq = _irqs.get(_checked(source))
    if irq is not None and not irq.trigger & _INT_EDGE:
        irq.armed = True
        level = irq.port.inputs[irq.pin]
        irq.changed(level, level)


def gpio_irq_off(source, /):
    """Ends the interrupts of a source.  One that is unknown is ignored."""
    irq = _irqs.pop(_checked(source), None)
    if irq is not None:
        del irq.port.irqs[irq.pin]


def emul_gpio_watch(port, call, /):
    """Has call() called after each change of an output or of a pin's mode; None: nobody."""
    _state(port, "gpio").watch = call


def emul_gpio_input(port, pin, level, /):
    """Sets the level at a pin from outside.  OSError(EINVAL): it is no input."""
    state = _state(port, "gpio")
    pin = _int(pin, "pin", 0, 31)
    if pin >= state.count or not state.flags[pin] & GPIO_INPUT:
        raise _error(errno.EINVAL, f"{port.path}: {os.strerror(errno.EINVAL)}")
    state.level(pin, 1 if level else 0)


def emul_gpio_state(port, pin, /):
    """(flags, level that the pin puts out)."""
    state = _state(port, "gpio")
    pin = _int(pin, "pin", 0, 31)
    if pin >= state.count:
        raise _error(errno.EINVAL, f"{port.path}: {os.strerror(errno.EINVAL)}")
    level = state.outputs[pin] if state.flags[pin] & GPIO_OUTPUT else 0
    return state.flags[pin], level


# --- I2C -----------------------------------------------------------------------------------

I2C_10BIT = 1
I2C_NO_STOP = 2
_SPEEDS = (100000, 400000, 1000000, 3400000, 5000000)


class _I2cBus:
    def __init__(self, row):
        self.chips = {}  # address → call
        self.own = {0x50: _At24(256, self).transfer, 0x69: _Bmi160().transfer}
        self.speed = row[8]["clock-frequency"]
        self.hangs = None  # the thread of a transfer that was given up
        self.target = None  # (address, _Memory) while the bus is a target
        self.source = None  # of the target's events


class _Memory:
    """What a controller sees of a bus that is a target: a row of bytes."""

    def __init__(self, view, address_size, source):
        self.view = view
        self.address_size = address_size
        self.source = source
        self.at = 0

    def _next(self):
        at = self.at
        self.at = (at + 1) % len(self.view)
        return at

    def transfer(self, messages):
        answers = []
        written = read = 0
        for message in messages:
            if self.address_size == 0:
                self.at = 0
            if isinstance(message, int):
                answers.append(bytes(self.view[self._next()] for _ in range(message)))
                read += message
                continue
            place, data = message[: self.address_size], message[self.address_size :]
            if len(place) == self.address_size > 0:
                self.at = int.from_bytes(place, "big") % len(self.view)
            for byte in data:
                self.view[self._next()] = byte
            written += len(data)
        if read or written:
            self.source.post(read << 16 | written)
        return answers


class _At24:
    """A 24C EEPROM with addresses of one byte, as Zephyr emulates it: only on a slow bus."""

    def __init__(self, size, bus):
        self.bytes = bytearray(b"\xff" * size)
        self.bus = bus
        self.at = 0

    def transfer(self, messages):
        writes = [message for message in messages if not isinstance(message, int)]
        if self.bus.speed > _SPEEDS[0] or len(messages) > 2 or len(writes) > 1:
            raise OSError(errno.EIO, "too fast, or more messages than it knows")
        answers = []
        for message in messages:
            if isinstance(message, int):
                data = bytes(self.bytes[self.at : self.at + message])
                self.at += len(data)
                answers.append(data)
            elif message:
                self.at = message[0]
                data = message[1 : 1 + len(self.bytes) - self.at]
                self.bytes[self.at : self.at + len(data)] = data
        return answers


class _Bmi160:
    """A BMI160 as Zephyr emulates it: a register, then what is read from it or one byte for it."""

    def __init__(self):
        self.values = {0: 0xD1}

    def transfer(self, messages):
        if messages == [b""]:
            return []  # who asks if somebody is there
        if len(messages) != 2 or isinstance(messages[0], int) or len(messages[0]) != 1:
            raise OSError(errno.EIO, "no register, then data")
        at, data = messages[0][0], messages[1]
        if isinstance(data, int):
            return [bytes(self.values.get(at + i, 0) for i in range(data))]
        self.values[at] = data[0]
        return []


def _fill(view, data):
    """What a chip does not drive is pulled up."""
    data = bytes(data)[: len(view)]
    view[:] = data + b"\xff" * (len(view) - len(data))


def _called(call, *args):
    """A chip's answer; what fails in it is what a driver would say."""
    try:
        return call(*args)
    except OSError as error:
        raise _Failed(error.errno or errno.EIO) from None
    except Exception as error:
        # A mistake in the chip: its author wants to see it.
        import sys
        import traceback

        sys.stderr.write("Exception ignored in a chip:\n")
        traceback.print_exception(error, file=sys.stderr)
        raise _Failed(errno.EIO) from None


class _Failed(Exception):
    def __init__(self, number):
        self.number = number


_given_up = []  # the threads of transfers that were given up


def emul_hanging():
    """How many transfers were given up and have not ended."""
    _given_up[:] = [thread for thread in _given_up if thread.is_alive()]
    return len(_given_up)


def _run(state, job, timeout):
    """Runs a transfer; with a time-out in a thread that can be left behind."""
    if state.hangs is not None:
        if state.hangs.is_alive():
            raise _Failed(errno.EBUSY)
        state.hangs = None
    if timeout is None:
        job()
        return
    result = []

    def work():
        try:
            job()
            result.append(None)
        except _Failed as failed:
            result.append(failed)

    thread = threading.Thread(target=work, name="bus", daemon=True)
    thread.start()
    try:
        thread.join(timeout)
    finally:
        if thread.is_alive():
            state.hangs = thread
            _given_up.append(thread)
    if not result:
        raise _Failed(errno.ETIMEDOUT)
    if result[0] is not None:
        raise result[0]


def i2c_transfer(bus, address, out, into, flags=0, timeout=None, /):
    """Writes out (bytes-like or None), then reads into a writable buffer (or None).

    With both there is a repeated start between them.  out may be a tuple of 1 to 16 bytes
    objects, each a message with a start of its own.  An empty write asks if somebody has the
    address.  flags: I2C_10BIT for an address of ten bits, I2C_NO_STOP to keep the bus.  timeout:
    seconds; None leaves it to the driver.  OSError: EIO or ENXIO if nobody answers,
    TimeoutError, EBUSY while an earlier transfer hangs.
    """
    state = _state(bus, "i2c")
    flags = _int(flags, "flags", 0, 3)
    address = _int(address, "address", 0, 0x3FF if flags & I2C_10BIT else 0x7F)
    timeout = _timeout(timeout)
    messages = []
    view = None
    if type(out) is tuple:
        if not 1 <= len(out) <= 16:
            raise ValueError("1 to 16 messages can be written at once")
        for data in out:
            if not isinstance(data, bytes):
                raise TypeError(f"a message must be bytes, not {type(data).__name__}")
        messages += out
    elif out is not None:
        messages.append(bytes(memoryview(out).cast("B")))
    if into is not None:
        view = memoryview(into).cast("B")
        if view.readonly:
            raise BufferError("Object is not writable.")
        messages.append(len(view))
    if not messages:
        raise ValueError("nothing to write and nothing to read")

    def job():
        call = state.own.get(address) or state.chips.get(address)
        if state.target is not None:
            # As Zephyr's emulated bus does it: a target hears nobody else.
            if address != state.target[0]:
                raise _Failed(errno.EINVAL)
            call = state.target[1].transfer
        if call is None:
            raise _Failed(errno.EIO)
        answers = _called(call, messages)
        if view is not None:
            _fill(view, answers[0])

    try:
        _run(state, job, timeout)
    except _Failed as failed:
        if failed.number == errno.EBUSY:
            raise _error(errno.EBUSY, f"{bus.path}: an earlier transfer hangs") from None
        none = failed.number in (errno.EIO, errno.ENXIO)
        text = "no answer" if none else os.strerror(failed.number)
        raise _error(failed.number, f"{bus.path}: address 0x{address:02x}: {text}") from None


def i2c_configure(bus, frequency, /):
    """Sets the highest frequency in Hz; returns the standard speed at or below it."""
    state = _state(bus, "i2c")
    frequency = _int(frequency, "frequency", _SPEEDS[0], 100000000)
    state.speed = max(speed for speed in _SPEEDS if speed <= frequency)
    return state.speed


def i2c_recover(bus, /):
    """Clocks a target off the bus that holds it."""
    _state(bus, "i2c")
    raise _error(errno.ENOSYS, f"{bus.path}: {os.strerror(errno.ENOSYS)}")


def i2c_target(bus, address, memory, address_size, flags=0, /):
    """Lets the controller read and write a writable buffer at an address; returns the source.

    A write begins with address_size bytes (0 to 4) that say where in the buffer; the place moves
    on with each byte and begins again behind the last.  An event's value is the number of bytes
    written, and << 16 of those read.  flags: I2C_10BIT.  OSError: EBUSY while the bus is a target.
    """
    state = _state(bus, "i2c")
    flags = _int(flags, "flags", 0, 1)
    address = _int(address, "address", 0, 0x3FF if flags else 0x7F)
    address_size = _int(address_size, "address_size", 0, 4)
    if state.target is not None:
        raise _error(errno.EBUSY, f"{bus.path}: is a target at 0x{state.target[0]:02x}")
    view = memoryview(memory).cast("B")
    if view.readonly:
        raise BufferError("Object is not writable.")
    if not len(view):
        raise ValueError("memory is empty")
    state.source = state.source or _interrupt(bus, 0)
    state.target = address, _Memory(view, address_size, state.source)
    return state.source


def i2c_target_off(bus, /):
    """Lets the bus be no target any more, and go of the buffer."""
    state = _state(bus, "i2c")
    if state.target is not None:
        state.target[1].view.release()
        state.target = None


def emul_i2c_attach(bus, address, call, /):
    """Puts a chip at an address; None takes it off.

    call(messages) is called for each transfer: a message is the bytes that the controller
    writes, or the number that it reads.  It returns a list with the bytes for each read, or
    raises OSError.  OSError(EBUSY): the devicetree has a chip there.
    """
    state = _state(bus, "i2c")
    address = _int(address, "address", 0, 0x3FF)
    if call is None:
        state.chips.pop(address, None)
    elif address in state.own:
        text = f"{bus.path}: the devicetree has a chip at 0x{address:02x}"
        raise _error(errno.EBUSY, text)
    else:
        state.chips[address] = call


# --- SPI -----------------------------------------------------------------------------------

SPI_CPOL = 1 << 1
SPI_CPHA = 1 << 2
SPI_LOOPBACK = 1 << 3
SPI_LSB_FIRST = 1 << 4


class _SpiBus:
    def __init__(self, row):
        self.chips = {}
        self.hangs = None


def spi_transfer(bus, frequency, operation, target, cs, out, into, timeout=None, /):
    """Writes out (bytes-like or None) while reading into a writable buffer (or None).

    operation: SPI_* flags and the word's size in bits << 5.  target: the number of the chip
    select of the controller.  cs: (port, pin, flags) of a pin that selects the chip, or None.
    """
    state = _state(bus, "spi")
    _int(frequency, "frequency", 1, _U32)
    _int(operation, "operation", 0, 0xFFFF)
    target = _int(target, "target", 0, 0xFFFF)
    timeout = _timeout(timeout)
    if cs is not None:
        if type(cs) is not tuple or len(cs) != 3:
            raise TypeError("cs must be (port, pin, flags) or None")
        _state(cs[0], "gpio")
        _int(cs[1], "pin", 0, 31)
        _int(cs[2], "flags", 0, 0xFFFF)
    sent = b"" if out is None else bytes(memoryview(out).cast("B"))
    view = None
    if into is not None:
        view = memoryview(into).cast("B")
        if view.readonly:
            raise BufferError("Object is not writable.")
    size = max(len(sent), 0 if view is None else len(view))
    if not size:
        return

    def job():
        call = state.chips.get(target)
        if call is None:
            raise _Failed(errno.EIO)
        answer = _called(call, sent.ljust(size, b"\0"))
        if view is not None:
            _fill(view, answer)

    try:
        _run(state, job, timeout)
    except _Failed as failed:
        raise _error(failed.number, f"{bus.path}: {os.strerror(failed.number)}") from None


def emul_spi_attach(bus, target, call, /):
    """Puts a chip at a chip select of the controller; None takes it off.

    call(sent) is called for each transfer with the bytes that the controller sends (zeros where
    it only reads) and returns what the chip sends meanwhile.
    """
    chips = _state(bus, "spi").chips
    target = _int(target, "target", 0, 0xFFFF)
    if call is None:
        chips.pop(target, None)
    else:
        chips[target] = call


# --- ADC, DAC, PWM -------------------------------------------------------------------------

_GAINS = {
    "ADC_GAIN_1_6": 1 / 6,
    "ADC_GAIN_1_5": 1 / 5,
    "ADC_GAIN_1_4": 1 / 4,
    "ADC_GAIN_1_3": 1 / 3,
    "ADC_GAIN_2_5": 2 / 5,
    "ADC_GAIN_1_2": 1 / 2,
    "ADC_GAIN_2_3": 2 / 3,
    "ADC_GAIN_4_5": 4 / 5,
    **{f"ADC_GAIN_{n}": n for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128)},
}
_REFERENCES = (
    "ADC_REF_VDD_1",
    "ADC_REF_VDD_1_2",
    "ADC_REF_VDD_1_3",
    "ADC_REF_VDD_1_4",
    "ADC_REF_INTERNAL",
    "ADC_REF_EXTERNAL0",
    "ADC_REF_EXTERNAL1",
)


class _Adc:
    def __init__(self, row):
        self.count = row[8]["nchannels"]
        self.reference = row[8]["ref-internal-mv"]
        self.gains = {}
        self.millivolts = [0] * self.count


def adc_setup(device, channel, gain, reference, acquisition, positive, negative, /):
    """Prepares a channel; returns its reference voltage in mV, 0 if the driver cannot tell."""
    state = _state(device, "adc")
    channel = _int(channel, "channel", 0, 31)
    _int(acquisition, "acquisition", 0, 0xFFFF)
    _int(positive, "positive", -1, 255)
    negative = _int(negative, "negative", -1, 255)
    if gain not in _GAINS:
        raise ValueError(f"no such gain: {gain}")
    if reference not in _REFERENCES:
        raise ValueError(f"no such reference: {reference}")
    if channel >= state.count or reference != "ADC_REF_INTERNAL" or negative >= 0:
        text = f"{device.path}: channel {channel}: {os.strerror(errno.ENOTSUP)}"
        raise _error(errno.ENOTSUP, text)
    state.gains[channel] = _GAINS[gain]
    return state.reference


def adc_read(device, channel, resolution, oversampling, into=None, interval=0, /):
    """One sample; or fills a writable buffer of 16-bit words with samples.

    resolution: bits (1..16).  Each sample is the mean of 2**oversampling (0..15) conversions.
    interval: microseconds between the samples of a row.
    """
    state = _state(device, "adc")
    channel = _int(channel, "channel", 0, 31)
    resolution = _int(resolution, "resolution", 1, 16)
    _int(oversampling, "oversampling", 0, 15)  # the mean of what does not change
    interval = _int(interval, "interval", 0, 1000000)
    words = None
    if into is not None:
        view = memoryview(into).cast("B")
        if view.readonly:
            raise BufferError("Object is not writable.")
        if len(view) < 2 or len(view) % 2 or len(view) // 2 > 65536:
            raise ValueError("the buffer must hold 1 to 65536 words of 16 bits")
        words = view.cast("H")
    if channel not in state.gains:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    most = (1 << resolution) - 1
    volts = state.millivolts[channel] * state.gains[channel]
    sample = min(most, int(volts * most / state.reference))
    if words is None:
        return sample
    for i in range(len(words)):
        words[i] = sample


def emul_adc_set(device, channel, millivolts, /):
    """Sets the voltage at an input."""
    state = _state(device, "adc")
    channel = _int(channel, "channel", 0, 31)
    millivolts = _int(millivolts, "millivolts", 0, 100000)
    if channel >= state.count:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    state.millivolts[channel] = millivolts


class _Dac:
    def __init__(self, row):
        self.channels = [[0, 0] for _ in range(row[8]["channels"])]


def dac_setup(device, channel, resolution, buffered=True, /):
    """Prepares a channel.  resolution: bits (1..31)."""
    state = _state(device, "dac")
    channel = _int(channel, "channel", 0, 255)
    resolution = _int(resolution, "resolution", 1, 31)
    if channel >= len(state.channels) or resolution > 16:
        raise _error(errno.ENOTSUP, f"{device.path}: {os.strerror(errno.ENOTSUP)}")
    state.channels[channel] = [0, resolution]


def dac_write(device, channel, value, /):
    """Sets the output of a channel that was set up."""
    state = _state(device, "dac")
    channel = _int(channel, "channel", 0, 255)
    value = _int(value, "value", 0, _U32)
    if channel >= len(state.channels) or not value < 1 << state.channels[channel][1]:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    if not state.channels[channel][1]:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    state.channels[channel][0] = value


def emul_dac_get(device, channel, /):
    """(value, resolution) of an output; resolution 0: not set up."""
    state = _state(device, "dac")
    channel = _int(channel, "channel", 0, 255)
    if channel >= len(state.channels):
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    return tuple(state.channels[channel])


class _Pulses:
    """What a PWM output puts out: period, pulse, polarity; and how many pulses have begun."""

    def __init__(self, period=0, pulse=0, inverted=False, before=0):
        self.shown = period, pulse, inverted
        self.before = before  # until it was set, since the output was inactive
        self.since = time.monotonic_ns()

    @property
    def count(self):
        period, pulse, _ = self.shown
        if not pulse:
            return self.before
        return self.before + (time.monotonic_ns() - self.since) // period + 1


class _Pwm:
    def __init__(self, row):
        self.channels = [_Pulses() for _ in range(row[8]["channels"])]
        self.trains = {}  # channel → (source, timer) that ends the pulses

    def set(self, channel, period, pulse, inverted):
        before = self.channels[channel]
        begin = pulse and not before.shown[1]
        count = 0 if begin else before.count
        self.channels[channel] = _Pulses(period, pulse, bool(inverted), count)


def _pwm(device, channel, period, pulse, least=0):
    state = _state(device, "pwm")
    channel = _int(channel, "channel", 0, 255)
    period = _int(period, "period", 1, _U32)
    pulse = _int(pulse, "pulse", least, period)
    return state, channel, period, pulse


def _pwm_there(device, state, channel):
    if channel >= len(state.channels):
        text = f"{device.path}: channel {channel}: {os.strerror(errno.EINVAL)}"
        raise _error(errno.EINVAL, text)
    source, timer = state.trains.get(channel, (None, None))
    if timer is not None:
        timer.cancel()
        state.trains[channel] = source, None


def pwm_set(device, channel, period_ns, pulse_ns, inverted=False, /):
    """Sets a channel's period and pulse, at most 2**32 - 1 ns.  Ends what it counts.

    ValueError: the pulse is longer than the period.  OSError: the hardware cannot do it.
    """
    state, channel, period, pulse = _pwm(device, channel, period_ns, pulse_ns)
    _pwm_there(device, state, channel)
    state.set(channel, period, pulse, inverted)


def pwm_pulses(device, channel, period_ns, pulse_ns, inverted, count, /):
    """Puts out count pulses, then leaves the output inactive; returns the source of the event.

    count: 1..2**31 - 1, the event's value.  pwm_set() before that forgets it.
    """
    state, channel, period, pulse = _pwm(device, channel, period_ns, pulse_ns, least=1)
    inverted = bool(inverted)
    count = _int(count, "count", 1, (1 << 31) - 1)
    _pwm_there(device, state, channel)
    source, _ = state.trains.get(channel, (None, None))
    source = source or _interrupt(device, channel)

    def end():
        if state.trains[channel][1] is timer:
            state.set(channel, period, 0, inverted)
            source.post(count)

    state.set(channel, period, pulse, inverted)
    seconds = ((count - 1) * period + pulse + (period - pulse) // 2) / 1e9
    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), end)
    timer.daemon = True
    state.trains[channel] = source, timer
    timer.start()
    return source


def _output(device, channel):
    state = _state(device, "pwm", awake=False)
    channel = _int(channel, "channel", 0, 255)
    if channel >= len(state.channels):
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    return state.channels[channel]


def emul_pwm_get(device, channel, /):
    """(period_ns, pulse_ns, inverted) of an output."""
    period, pulse, inverted = _output(device, channel).shown
    return period, 0 if device._index in _suspended else pulse, inverted


def emul_pwm_count(device, channel, /):
    """How many pulses have begun since the output was inactive; of one that is, before that."""
    return _output(device, channel).count


# --- UART ----------------------------------------------------------------------------------


class _Uart:
    """A socket pair: Python has one end, `far` is the wire."""

    def __init__(self, row):
        self.console = row[0] == tree.NODES[tree.CHOSEN["zephyr,console"]][0]
        self.near = None  # a descriptor that Python has
        self.far = None
        self.peer = None
        self.sent = bytearray()

    def is_open(self):
        if self.near is None:
            return False
        try:
            return os.fstat(self.near).st_ino == self.inode
        except OSError:
            return False

    def pump(self):
        """Takes what was sent to its peer, or keeps it for emul_uart_take()."""
        while True:
            try:
                data = self.far.recv(4096)
            except BlockingIOError:
                return
            except ConnectionResetError:
                continue  # closed before it had read all; what it sent comes now
            if not data:
                return
            if self.peer is not None:
                self.peer.receive(data)
            else:
                self.sent += data
                del self.sent[:-1024]

    def receive(self, data):
        room = 1024
        if not self.is_open():
            return len(data)  # nobody listens
        try:
            return self.far.send(data[:room])
        except BlockingIOError:
            return 0
        except (BrokenPipeError, ConnectionResetError):
            return len(data)  # it has just been closed


def uart_open(device, /):
    """A file descriptor for a UART: bytes in and out, to be polled and closed.

    OSError(EBUSY): it is open or is the console.
    """
    import socket

    state = _state(device, "uart")
    if state.console:
        raise _error(errno.EBUSY, f"{device.path}: the console")
    with _wires.lock:
        if state.is_open():
            raise _error(errno.EBUSY, f"{device.path}: open already")
        if state.far is not None:
            state.far.close()
        near, state.far = socket.socketpair()
        state.far.setblocking(False)
        state.near = near.detach()
        state.inode = os.fstat(state.near).st_ino
        _wires.watch(state)
    return state.near


def uart_hangup(fd, /):
    """Closes a UART whose descriptor may be in use.

    Who reads there comes to the end of the file; who writes gets BrokenPipeError.  The descriptor
    is still to be closed.  OSError(EBADF): it is no UART's.
    """
    import socket

    fd = operator.index(fd)
    with _wires.lock:
        for state in _states.values():
            if isinstance(state, _Uart) and state.near == fd and state.is_open():
                break
        else:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        with socket.socket(fileno=os.dup(fd)) as near:
            near.shutdown(socket.SHUT_RDWR)
        state.near = None


class _Wires:
    """A thread that moves bytes along the wires."""

    def __init__(self):
        self.thread = None
        self.states = []
        self.wake = None
        self.lock = threading.RLock()  # who opens, closes, moves

    def watch(self, state):
        if state not in self.states:
            self.states.append(state)
        if self.thread is None:
            self.wake = os.pipe()
            self.thread = threading.Thread(target=self.run, name="wires", daemon=True)
            self.thread.start()
        os.write(self.wake[1], b"x")

    def run(self):
        import select

        while True:
            with self.lock:
                far = {s.far.fileno(): s for s in self.states if s.far}
            try:
                ready, _, _ = select.select([self.wake[0], *far], [], [])
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
                continue  # one was opened anew before the wait: look again
            with self.lock:
                for fd in ready:
                    self.move(far.get(fd), fd)

    def move(self, state, fd):
        if state is None:
            os.read(fd, 64)
        elif state.far is None or state.far.fileno() != fd:
            return  # opened anew since
        else:
            state.pump()
            if not state.is_open():
                state.far.close()
                state.far = None


_wires = _Wires()


def uart_state(device, /):
    """(received, unsent, lost) in bytes, of a UART that is open."""
    import array
    import fcntl
    import termios

    state = _state(device, "uart")
    count = array.array("i", [0])
    with _wires.lock:
        if not state.is_open():
            raise _error(errno.EBUSY, f"{device.path}: not open")
        fcntl.ioctl(state.near, termios.FIONREAD, count)
    return count[0], 0, 0


def uart_configure(device, baudrate, bits, parity, stop, flow, /):
    """Sets the line: bits 5..9, parity None, 0 (even) or 1 (odd), stop 1 or 2, flow control."""
    _state(device, "uart")
    _int(baudrate, "baudrate", 1, 100000000)
    _int(bits, "bits", 5, 9)
    if parity is not None:
        _int(parity, "parity", 0, 1)
    _int(stop, "stop", 1, 2)
    bool(flow)


def emul_uart_wire(device, peer, /):
    """Has peer receive what device sends (itself: a loop), or None."""
    state = _state(device, "uart")
    peer = None if peer is None else _state(peer, "uart")
    with _wires.lock:
        state.peer = peer


def emul_uart_put(device, data, /):
    """Sends bytes to the UART; returns how many it had room for."""
    state = _state(device, "uart")
    data = bytes(memoryview(data).cast("B"))
    with _wires.lock:
        return state.receive(data)


def emul_uart_take(device, /):
    """What the UART has sent to nobody, at most 1024 bytes."""
    state = _state(device, "uart")
    with _wires.lock:
        if state.far is not None:
            state.pump()  # what the thread of the wires has not seen yet
        data = bytes(state.sent)
        state.sent.clear()
    return data


# --- counters, clocks, watchdogs -----------------------------------------------------------


class _Counter:
    FREQUENCY = 1000000

    def __init__(self, row):
        self.started = None
        self.stood = 0
        self.alarms = {}  # channel → (source, timer)

    def value(self):
        if self.started is None:
            return self.stood
        return (self.stood + (time.monotonic_ns() - self.started) // 1000) & _U32


def counter_info(device, /):
    """(frequency in Hz, highest value, alarm channels, counts up)."""
    state = _state(device, "counter")
    return state.FREQUENCY, _U32, 4, True


def counter_start(device, /):
    """Lets it count."""
    state = _state(device, "counter")
    if state.started is None:
        state.started = time.monotonic_ns()


def counter_stop(device, /):
    """Lets it stand."""
    state = _state(device, "counter")
    state.stood, state.started = state.value(), None


def counter_value(device, /):
    """What it has counted."""
    return _state(device, "counter").value()


def counter_alarm(device, channel, ticks, /):
    """Makes an event, once, when so many ticks have passed; returns its Interrupt of _vosal."""
    state = _state(device, "counter")
    channel = _int(channel, "channel", 0, 255)
    ticks = _int(ticks, "ticks", 1, _U32)
    if channel >= 4:
        raise _error(errno.ENOTSUP, f"{device.path} has no alarm channel {channel}")
    source, timer = state.alarms.get(channel, (None, None))
    if timer is not None:
        raise _error(errno.EBUSY, f"{device.path}: {os.strerror(errno.EBUSY)}")
    source = source or _interrupt(device, channel)

    def ring():
        if state.alarms[channel][1] is timer:
            state.alarms[channel] = source, None
            source.post(state.value())

    timer = threading.Timer(ticks / state.FREQUENCY, ring)
    timer.daemon = True
    state.alarms[channel] = source, timer
    timer.start()
    return source


def counter_alarm_off(device, channel, /):
    """Takes an alarm back."""
    state = _state(device, "counter")
    channel = _int(channel, "channel", 0, 255)
    if channel >= 4:
        raise _error(errno.ENOTSUP, f"{device.path}: {os.strerror(errno.ENOTSUP)}")
    source, timer = state.alarms.get(channel, (None, None))
    if timer is not None:
        state.alarms[channel] = source, None
        timer.cancel()


class _Rtc:
    ALARMS = 2

    def __init__(self, row):
        self.offset = 0
        self.alarms = {}  # id → _Alarm

    def now(self):
        return time.time_ns() + self.offset


def rtc_get(device, /):
    """(year, month, day, hour, minute, second, nanosecond)."""
    state = _state(device, "rtc")
    now = state.now()
    return (*time.gmtime(now // 1000000000)[:6], now % 1000000000)


def rtc_set(device, year, month, day, hour, minute, second, weekday, yearday, /):
    """Sets the clock.  weekday: 0..6 from Sunday; yearday: 0..365."""
    import calendar

    state = _state(device, "rtc")
    fields = (
        (year, "year", 1900, 2199),
        (month, "month", 1, 12),
        (day, "day", 1, 31),
        (hour, "hour", 0, 23),
        (minute, "minute", 0, 59),
        (second, "second", 0, 59),
        (weekday, "weekday", 0, 6),
        (yearday, "yearday", 0, 365),
    )
    values = [_int(*field) for field in fields]
    state.offset = calendar.timegm((*values[:6], 0, 0, 0)) * 1000000000 - time.time_ns()


class _Alarm:
    """An alarm of the clock: rings at each second that has its fields."""

    def __init__(self, clock, source, number):
        self.clock, self.source, self.number = clock, source, number
        self.fields = None
        self.changed = threading.Condition()
        threading.Thread(target=self.run, name="rtc", daemon=True).start()

    def set(self, fields):
        with self.changed:
            self.fields = fields
            self.changed.notify()

    def run(self):
        seen = None
        with self.changed:
            while True:
                now = self.clock.now()
                second, rest = divmod(now, 1_000_000_000)
                if second != seen and time.gmtime(second)[1:6] == self.fields:
                    self.source.post(self.number)
                seen = second
                self.changed.wait(None if self.fields is None else 1 - rest / 1e9)


def rtc_alarm(device, id, month, day, hour, minute, second, /):
    """Makes an event each time the clock shows that; returns its source, an Interrupt of _vosal.

    id: which of the clock's alarms, from 0; an earlier time of it is forgotten.  The event's
    value is the id.  UnsupportedError: the clock has no such alarm.
    """
    state = _state(device, "rtc")
    id = _int(id, "id", 0, 0xFFFF)
    fields = (
        _int(month, "month", 1, 12),
        _int(day, "day", 1, 31),
        _int(hour, "hour", 0, 23),
        _int(minute, "minute", 0, 59),
        _int(second, "second", 0, 59),
    )
    if id >= state.ALARMS:
        raise _error(errno.ENOTSUP, f"{device.path} has no alarm {id}")
    alarm = state.alarms.get(id)
    if alarm is None:
        alarm = state.alarms[id] = _Alarm(state, _interrupt(device, id), id)
    alarm.set(fields)
    return alarm.source


def rtc_alarm_off(device, id, /):
    """Takes an alarm back.  One that was never set is ignored."""
    alarm = _state(device, "rtc").alarms.get(_int(id, "id", 0, 0xFFFF))
    if alarm is not None:
        alarm.set(None)


class _Watchdog:
    def __init__(self, row):
        self.timer = None
        self.timeout = 0

    def start(self):
        self.timer = threading.Timer(self.timeout / 1000, self.expired)
        self.timer.daemon = True
        self.timer.start()

    def expired(self):
        import _vosal

        _vosal.console_write(b"[ZPy] FATAL watchdog: not fed for %d ms\r\n" % self.timeout)
        _vosal.reset("watchdog", "machine.WDT")


def watchdog_start(device, timeout_ms, /):
    """Starts it; returns the channel that watchdog_feed() wants."""
    state = _state(device, "watchdog")
    timeout = _int(timeout_ms, "timeout", 1, _U32)
    if state.timer is not None:
        raise _error(errno.EBUSY, f"{device.path}: {os.strerror(errno.EBUSY)}")
    state.timeout = timeout
    state.start()
    return 0


def watchdog_feed(device, channel, /):
    """Begins the time anew."""
    state = _state(device, "watchdog")
    if _int(channel, "channel", 0, 255) != 0 or state.timer is None:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    state.timer.cancel()
    state.start()


def watchdog_stop(device, /):
    """Stops it, where the hardware can be stopped."""
    state = _state(device, "watchdog")
    if state.timer is not None:
        state.timer.cancel()
        state.timer = None


# --- memories ------------------------------------------------------------------------------


class _Flash:
    PAGE, BLOCK = 4096, 4

    def __init__(self, row):
        self.bytes = bytearray(b"\xff" * row[6][0][2])


def _area(size, offset, length):
    offset = _int(offset, "offset", 0, size)
    if length > size - offset:
        raise ValueError(f"{length} bytes at {offset} reach beyond the end at {size}")
    return offset


def flash_info(device, /):
    """(size, largest erase page, write block, byte of what is erased)."""
    state = _state(device, "flash")
    return len(state.bytes), state.PAGE, state.BLOCK, 0xFF


def flash_read(device, offset, into, /):
    """Fills a writable buffer."""
    state = _state(device, "flash")
    view = memoryview(into).cast("B")
    offset = _area(len(state.bytes), offset, len(view))
    view[:] = state.bytes[offset : offset + len(view)]


def flash_write(device, offset, data, /):
    """Writes to what is erased; offset and length in whole write blocks."""
    state = _state(device, "flash")
    data = bytes(memoryview(data).cast("B"))
    offset = _area(len(state.bytes), offset, len(data))
    if offset % state.BLOCK or len(data) % state.BLOCK:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    if any(b != 0xFF for b in state.bytes[offset : offset + len(data)]):
        raise _error(errno.EIO, f"{device.path}: {os.strerror(errno.EIO)}")
    state.bytes[offset : offset + len(data)] = data


def flash_erase(device, offset, size, /):
    """Erases whole pages."""
    state = _state(device, "flash")
    size = _int(size, "size", 0, (1 << 63) - 1)
    offset = _area(len(state.bytes), offset, size)
    if offset % state.PAGE or size % state.PAGE:
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    state.bytes[offset : offset + size] = b"\xff" * size


class _Eeprom:
    def __init__(self, row):
        self.size = row[8]["size"]
        bus = row[5]
        if tree.NODES[bus][4] == "i2c":
            # The bytes of the chip on the bus.
            self.bytes = device(bus)._state.own[row[6][0][1]].__self__.bytes
        else:
            self.bytes = bytearray(b"\xff" * self.size)


def eeprom_size(device, /):
    """Its bytes."""
    return _state(device, "eeprom").size


def eeprom_read(device, offset, into, /):
    """Fills a writable buffer."""
    state = _state(device, "eeprom")
    view = memoryview(into).cast("B")
    offset = _area(state.size, offset, len(view))
    view[:] = state.bytes[offset : offset + len(view)]


def eeprom_write(device, offset, data, /):
    """Writes bytes."""
    state = _state(device, "eeprom")
    data = bytes(memoryview(data).cast("B"))
    offset = _area(state.size, offset, len(data))
    state.bytes[offset : offset + len(data)] = data


# --- sensors, LEDs, the chip itself --------------------------------------------------------

_CHANNELS = (
    "ACCEL_X ACCEL_Y ACCEL_Z ACCEL_XYZ GYRO_X GYRO_Y GYRO_Z GYRO_XYZ MAGN_X MAGN_Y MAGN_Z MAGN_XYZ"
    " DIE_TEMP AMBIENT_TEMP PRESS PROX HUMIDITY LIGHT IR RED GREEN BLUE ALTITUDE PM_1_0 PM_2_5"
    " PM_10 DISTANCE CO2 O2 VOC GAS_RES VOLTAGE VSHUNT CURRENT POWER RESISTANCE ROTATION"
)
for _number, _name in enumerate(_CHANNELS.split()):
    if not _name.endswith("XYZ"):
        globals()["SENSOR_CHAN_" + _name] = _number
_ATTRIBUTES = (
    "SAMPLING_FREQUENCY LOWER_THRESH UPPER_THRESH SLOPE_TH SLOPE_DUR HYSTERESIS OVERSAMPLING"
    " FULL_SCALE OFFSET CALIB_TARGET CONFIGURATION"
)
for _number, _name in enumerate(_ATTRIBUTES.split()):
    globals()["SENSOR_ATTR_" + _name] = _number
del _number, _name


class _Sensor:
    """A BMI160 at rest."""

    def __init__(self, row):
        self.values = dict.fromkeys((0, 1, 2, 4, 5, 6), (0, 0))
        self.values[12] = (23, 0)


def sensor_fetch(device, /):
    """Has the sensor measure; sensor_get() tells what."""
    _state(device, "sensor")


def sensor_get(device, channel, /):
    """(whole, millionths) of one of SENSOR_CHAN_*, as it was last fetched."""
    state = _state(device, "sensor")
    channel = _int(channel, "channel", 0, 0x7FFF)
    if channel not in state.values:
        text = f"{device.path}: channel {channel}: {os.strerror(errno.ENOTSUP)}"
        raise _error(errno.ENOTSUP, text)
    return state.values[channel]


def sensor_set(device, channel, attribute, whole, millionths, /):
    """Sets one of SENSOR_ATTR_* of a channel: the rate, the range."""
    _state(device, "sensor")
    _int(channel, "channel", 0, 0x7FFF)
    _int(attribute, "attribute", 0, 0x7FFF)
    _int(whole, "whole", -(1 << 31), (1 << 31) - 1)
    _int(millionths, "millionths", -999999, 999999)


class _Leds:
    def __init__(self, row):
        self.children = [n for n in tree.NODES if n[5] == tree.NODES.index(row)]


def led_set(device, led, brightness, /):
    """Sets the brightness of an LED in percent: 0 is off, 100 is on."""
    state = _state(device, "led")
    led = _int(led, "led", 0, 0xFFFF)
    brightness = _int(brightness, "brightness", 0, 100)
    if led >= len(state.children):
        raise _error(errno.EINVAL, f"{device.path}: {os.strerror(errno.EINVAL)}")
    properties = state.children[led][8]
    if "pwms" in properties:
        _, ((_, index, cells),) = properties["pwms"]
        period = cells["period"]
        pwm_set(_get(index), cells["channel"], period, period * brightness // 100)
        return
    _, ((_, index, cells),) = properties["gpios"]
    on = bool(brightness) != bool(cells["flags"] & GPIO_ACTIVE_LOW)
    gpio_configure(_get(index), cells["pin"], GPIO_OUTPUT_HIGH if on else GPIO_OUTPUT_LOW)


def _get(index):
    return device(index)


class _LedStrip:
    def __init__(self, row):
        self.length = row[8]["chain-length"]


def led_strip_length(device, /):
    """How many pixels the strip has."""
    return _state(device, "led_strip").length


def led_strip_update(device, pixels, /):
    """Shows pixels, three bytes each: red, green, blue.  Not more than the strip has."""
    state = _state(device, "led_strip")
    data = bytes(memoryview(pixels).cast("B"))
    if len(data) % 3 or len(data) // 3 > state.length:
        raise ValueError(f"3 bytes for each of at most {state.length} pixels")
    # A WS2812 on SPI: eight bits become eight bytes, green first.
    row = device._row
    wire = bytearray()
    for i in range(0, len(data), 3):
        for byte in (data[i + 1], data[i], data[i + 2]):
            wire += bytes(0x70 if byte & 0x80 >> bit else 0x40 for bit in range(8))
    spi_transfer(_get(row[5]), 4000000, 8 << 5, row[6][0][1], None, wire, None)


RESET_PIN, RESET_SOFTWARE, RESET_BROWNOUT, RESET_POR, RESET_WATCHDOG, RESET_DEBUG = (
    1 << n for n in range(6)
)
RESET_LOW_POWER_WAKE, RESET_CPU_LOCKUP = 1 << 7, 1 << 8


def hwinfo_id():
    """The chip's unique number as bytes."""
    return b"ZPy\0\0\0\0\1"


def hwinfo_reset_cause():
    """RESET_* flags: why the machine was last reset, as far as the chip knows."""
    return RESET_POR


def pci():
    """What is on the PCI bus: (bus, device, function, vendor id, device id, class, interface,
    irq, [(bar, 'io' or 'memory', address), …]).  class: base class << 8 | subclass; irq 255: none.
    """
    return list(tree.PCI)


_KINDS = {
    "adc": _Adc,
    "counter": _Counter,
    "dac": _Dac,
    "eeprom": _Eeprom,
    "flash": _Flash,
    "gpio": _Port,
    "i2c": _I2cBus,
    "led": _Leds,
    "led_strip": _LedStrip,
    "pwm": _Pwm,
    "rtc": _Rtc,
    "sensor": _Sensor,
    "spi": _SpiBus,
    "uart": _Uart,
    "watchdog": _Watchdog,
}
_states = {}

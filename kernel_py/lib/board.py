# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The board's own names, from its devicetree: board.led0, board.sw0, board.i2c0 …

A name of a pin is a pin, for machine.Pin and for digitalio; that of a device is its node, for
machine.I2C and the like.  CircuitPython's are here too: board.LED, board.D5 (that contact of the
board's connector; pin 5 of gpio0 where there is none), board.A0 (channel 0 of adc0), board.I2C(),
board.SPI(), board.UART(), board.board_id; and, for busio, board.SCL, SDA, SCK, MOSI, MISO, TX and
RX: lines of the first bus where the connector has no contacts of these names.
"""

import re

import _vosal

from kernel.devices import contacts as devices_contacts
from kernel.devices import devices
from kernel.errors import InvalidPinError

board_id = re.sub(r"\W", "_", _vosal.BOARD)

_buses = {}


class Channel:
    """A channel of a converter or a PWM, as pwmio and analogio take it."""

    def __init__(self, kind, device, number):
        self.kind, self.device, self.number = kind, device, number

    def __repr__(self):
        return f"board.{self.kind} {self.device}.{self.number}"


class Line:
    """A line of a bus, as busio takes it."""

    def __init__(self, name, bus):
        self.name, self.bus = name, bus

    def __repr__(self):
        return f"board.{self.name} of {self.bus.name}"


_LINES = {
    **dict.fromkeys(("SCL", "SDA"), "i2c"),
    **dict.fromkeys(("SCK", "MOSI", "MISO"), "spi"),
    **dict.fromkeys(("TX", "RX"), "uart"),
}


def _first(kind):
    """The Node of the first bus of a kind, or None.  The console is no UART for programs."""
    if kind == "uart":
        console = devices.chosen.get("zephyr,console")
        found = [node for node in devices.find(kind=kind) if node is not console and node.ready]
    else:
        numbered = devices.get(f"{kind}0")
        found = devices.find(kind=kind) if numbered is None else [numbered]
    return found[0] if found else None


def _bus(name, make):
    # One that was ended, by deinit() or `with`, is not given again.
    if name not in _buses or _buses[name]._bus is None:
        _buses[name] = make()
    return _buses[name]


def I2C():
    """The board's first I2C bus, one object for all who ask."""
    import busio

    return _bus("I2C", lambda: busio.I2C(0))


STEMMA_I2C = I2C


def SPI():
    """The board's first SPI bus, one object for all who ask."""
    import busio

    return _bus("SPI", lambda: busio.SPI(0))


def UART():
    """The first UART that is not the console, one object for all who ask."""
    import busio

    node = _first("uart")
    if node is None:
        raise InvalidPinError("no UART but the console")
    return _bus("UART", lambda: busio.UART(node, None))


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'board' has no attribute {name!r}")
    found = re.fullmatch(r"(D|A|PWM)(\d+)", name)
    if found is not None and found.group(1) == "A" and "adc0" in devices:
        return Channel("A", "adc0", int(found.group(2)))
    try:
        return devices.pin(name)
    except InvalidPinError:
        node = devices.get(name)
    if node is not None:
        return node
    if name == "LED" and "led0" in devices:
        return devices.pin("led0")
    if name == "BUTTON" and "sw0" in devices:
        return devices.pin("sw0")
    if found is not None:
        kind, number = found.group(1), int(found.group(2))
        if kind == "D":
            try:
                return devices.pin(("gpio0", number))
            except InvalidPinError as error:
                raise AttributeError(f"board has no {name}: {error.strerror}") from None
        if kind == "PWM" and "pwm0" in devices:
            return Channel("PWM", "pwm0", number)
    if name in _LINES:
        node = _first(_LINES[name])
        if node is not None:
            return Line(name, node)
    raise AttributeError(f"board has no {name!r}; dir(board) has the names", name=name)


def __dir__():
    contacts = {name for node in devices.connectors() for name in devices_contacts(node)}
    lines = {name for name, kind in _LINES.items() if _first(kind) is not None}
    names = {*devices.names(), *contacts, *lines}
    return sorted({*globals(), *(name for name in names if name.isidentifier())})

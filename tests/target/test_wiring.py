# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""What goes out at a pin comes in at another: the loops of tests/wiring.toml."""

import json
import tomllib

import pytest

from zpy.paths import ROOT

WIRING = tomllib.loads((ROOT / "tests" / "wiring.toml").read_text())

PRELUDE = """\
import json
PLACE, EMULATED = json.loads({place!r})
def named(pin):
    return tuple(pin) if isinstance(pin, list) else pin
if EMULATED:
    import circuit
"""

PROGRAMS = {
    "gpio": """\
from machine import Pin
for one, other in PLACE:
    one, other = named(one), named(other)
    for first, second in ((one, other), (other, one)):
        out, into = Pin(first, Pin.OUT), Pin(second, Pin.IN)
        if EMULATED:
            circuit.wire(first, second)
        edges = []
        into.irq(lambda pin: edges.append(pin()), Pin.IRQ_RISING)
        for level in (0, 1, 0, 1, 1, 0):
            out(level)
            assert into() == level, (first, second, level)
        import time
        end = time.monotonic() + 5
        while len(edges) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(edges) == 2, edges
        into.irq(None)
        out.init(Pin.IN)
        if EMULATED:
            circuit.cut(first)
            circuit.cut(second)
""",
    "uart": """\
from machine import UART
if EMULATED:
    circuit.line(PLACE)
with UART(PLACE, 115200, timeout=2000, timeout_char=100) as uart:
    data = bytes(range(256))
    uart.write(data)
    assert uart.read(256) == data
if EMULATED:
    circuit.unline(PLACE)
""",
    "spi": """\
from machine import SPI
if EMULATED:
    class Loop(circuit.Chip):
        def spi(self, sent):
            return sent
    circuit.spi(PLACE, Loop())
for baudrate in (100000, 1000000):
    bus = SPI(PLACE, baudrate)
    for size in (1, 16, 256):
        data = bytes(i * 7 & 255 for i in range(size))
        into = bytearray(size)
        bus.write_readinto(data, into)
        assert into == data, (baudrate, size)
if EMULATED:
    circuit.spi(PLACE, None)
""",
    "i2c": """\
from machine import I2C
name, address = PLACE
assert address in I2C(name, freq=100000).scan()
""",
    "adc": """\
from machine import ADC, DAC
out, into = map(named, PLACE)
dac, adc = DAC(out), ADC(into)
for level in (10000, 30000, 50000):
    dac.write_u16(level)
    assert abs(adc.read_u16() - level) < 2000, level
""",
}


@pytest.mark.parametrize("loop", PROGRAMS)
def test_loop(loop, board, run):
    wiring = WIRING.get(board.name, {})
    if loop not in wiring:
        pytest.skip(f"{loop}: not wired on {board.name}, says tests/wiring.toml")
    place = json.dumps([wiring[loop], wiring.get("emulated", False)])
    code = PRELUDE.format(place=place) + PROGRAMS[loop] + "print('all right')\n"
    status, out, err = run(code)
    assert (status, out) == (0, b"all right\n"), err.decode()

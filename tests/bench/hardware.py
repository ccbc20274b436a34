# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What Python adds to a call of a driver: the same emulated devices from Python and from C.

    ./zpy run --board qemu_x86_64 --cpus 1 --icount tests/bench/hardware.py

A line for each: nanoseconds a call from machine, from _vhal, and in C, and what _vhal and machine
add to it in units of an empty Python call, which is the interpreter's own floor on this machine.

`./zpy bench` runs the same loops on native_sim, whose own clock stands while it computes, and asks
the host what they took.
"""

import time

import _vhal

from kernel.devices import devices
from machine import I2C, SPI, Pin

COUNT = 20000
SIZES = (1, 16, 256)  # bytes of a transfer


def loop(code, **names):
    """A function that runs a statement so many times, without a call of its own around it."""
    source = f"def run(count):\n    for i in range(count):\n        {code}\n"
    exec(source, names)
    return names["run"]


def loops():
    """{name: what runs so many calls from machine, from _vhal, in C}, and two of the interpreter.

    "nothing" is the loop itself, "call" one with an empty function, each once.
    """
    port, i2c, spi = (devices[name].device for name in ("gpio0", "i2c0", "spi0"))
    pin, bus, wire = Pin(("gpio0", 30), Pin.OUT), I2C("i2c0", freq=100000), SPI("spi0", target=7)
    _vhal.bench_spi(spi, 7, 1, 1)  # puts the chip there
    found = {
        "nothing": (loop("pass"),),
        "call": (loop("f(i)", f=lambda i: None),),
        "GPIO set": (
            loop("value(i & 1)", value=pin.value),
            loop("f(port, 30, i & 1)", f=_vhal.gpio_set, port=port),
            lambda count: _vhal.bench_gpio(port, 30, count),
        ),
    }
    for size in SIZES:
        into, out = bytearray(size), bytes(size)
        found[f"I2C read {size}"] = (
            loop("f(0x50, 0, b)", f=bus.readfrom_mem_into, b=into),
            loop("f(d, 0x50, o, b)", f=_vhal.i2c_transfer, d=i2c, o=b"\0", b=into),
            lambda count, size=size: _vhal.bench_i2c(i2c, 0x50, size, count),
        )
        transfer = "f(d, 1000000, 256, 7, None, o, b)"
        found[f"SPI both ways {size}"] = (
            loop("f(o, b)", f=wire.write_readinto, o=out, b=into),
            loop(transfer, f=_vhal.spi_transfer, d=spi, o=out, b=into),
            lambda count, size=size: _vhal.bench_spi(spi, 7, size, count),
        )
    return found


def timed(function, count=COUNT):
    """The best of three: nanoseconds a call, by the machine's clock."""
    best = None
    for _ in range(3):
        start = time.perf_counter_ns()
        function(count)
        passed = (time.perf_counter_ns() - start) / count
        best = passed if best is None else min(best, passed)
    return best


def table(timed):
    """The lines; timed(function) tells the nanoseconds of a call in its loop."""
    found = loops()
    (nothing,), (call,) = found.pop("nothing"), found.pop("call")
    empty = timed(nothing)
    call = timed(call) - empty
    yield f"an empty Python call: {call:.0f} ns"
    yield f"{'':18}{'machine':>9}{'_vhal':>9}{'C':>9}   _vhal-C  machine-C (calls)"
    for name, (machine, vhal, c) in found.items():
        machine_ns, vhal_ns, c_ns = timed(machine) - empty, timed(vhal) - empty, timed(c)
        yield (
            f"{name:18}{machine_ns:9.0f}{vhal_ns:9.0f}{c_ns:9.0f}"
            f"{(vhal_ns - c_ns) / call:10.1f}{(machine_ns - c_ns) / call:11.1f}"
        )


if __name__ == "__main__":
    for line in table(timed):
        print(line)

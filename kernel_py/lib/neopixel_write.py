# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's neopixel_write, on Zephyr's LED strips."""

import _vhal

from kernel.devices import devices


def neopixel_write(strip, buf):
    """Shows pixels, three bytes each in the order of the wire: green, red, blue.

    strip: the label or alias of the LED strip in the devicetree ("led_strip"), or board's name
    of it.  (A pin of its own cannot do it: Python is too slow.)  ValueError: no whole pixels, or
    more than the strip has.
    """
    device = devices.of_kind(strip, "led_strip")
    data = bytearray(memoryview(buf))
    if len(data) % 3:
        raise ValueError(f"3 bytes for each pixel are needed, not {len(data)}")
    data[0::3], data[1::3] = data[1::3], data[0::3]
    _vhal.led_strip_update(device, data)

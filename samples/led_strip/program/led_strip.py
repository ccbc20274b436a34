# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A rainbow that moves along the LED strip of the devicetree (alias `led-strip`).

Without one at hand: import circuit; from circuit.chips import Ws2812; strip = Ws2812();
circuit.spi("spi0", strip, target=3); strip.pixels
"""

import colorsys
import time

import board
from neopixel_write import neopixel_write

PIXELS = 8


def rainbow(shift):
    """The bytes of a rainbow, green first as the wire wants it."""
    data = bytearray()
    for i in range(PIXELS):
        red, green, blue = colorsys.hsv_to_rgb((i / PIXELS + shift) % 1, 1, 0.25)
        data += bytes(round(255 * part) for part in (green, red, blue))
    return data


def main(frames=None):
    """Shows so many frames, or goes on for ever; the strip is dark at the end."""
    count = 0
    try:
        while frames is None or count < frames:
            neopixel_write(board.led_strip, rainbow(count / 50))
            time.sleep(0.02)
            count += 1
    finally:
        neopixel_write(board.led_strip, bytes(3 * PIXELS))


if __name__ == "__main__":
    main()

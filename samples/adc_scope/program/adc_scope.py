# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Plots the voltage at channel 0 of `adc0` in the terminal, a column a sample."""

import time

from machine import ADC

WIDTH, HEIGHT = 64, 12
FULL = 3.3  # volts


def plot(volts):
    """The rows of a picture of these samples, the top row first."""
    rows = []
    for row in range(HEIGHT - 1, -1, -1):
        scale = f"{FULL * row / (HEIGHT - 1):4.1f} |"
        marks = (round(v / FULL * (HEIGHT - 1)) == row for v in volts)
        rows.append(scale + "".join("*" if mark else " " for mark in marks).rstrip())
    return rows


def main(pictures=None, interval=0.02):
    """Draws so many pictures, or goes on for ever."""
    adc = ADC(("adc0", 0))
    count = 0
    while pictures is None or count < pictures:
        volts = []
        for _ in range(WIDTH):
            volts.append(adc.read_uv() / 1e6)
            time.sleep(interval)
        if count:
            print(f"\x1b[{HEIGHT}A", end="")  # over the picture before
        print("\n".join(f"{row}\x1b[K" for row in plot(volts)))
        count += 1


if __name__ == "__main__":
    main()

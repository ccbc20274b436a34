# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Fades the LED `pwm-led0` in and out by PWM."""

import math
import time

from machine import PWM

STEPS = 50


def main(rounds=None):
    """Fades so many times, or for ever."""
    led = PWM("pwm-led0", freq=1000)
    try:
        count = 0
        while rounds is None or count < rounds:
            for step in range(STEPS):
                # An eye sees ratios: the square of a sine looks even.
                level = math.sin(math.pi * step / STEPS) ** 2
                led.duty_u16(round(65535 * level))
                time.sleep(0.02)
            count += 1
    finally:
        led.deinit()


if __name__ == "__main__":
    main()

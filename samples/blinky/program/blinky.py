# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Blinks the LED `led0`.  Ctrl-C ends it.

It is written with asyncio: other tasks of the machine run meanwhile.
"""

import asyncio

from machine import Signal

PERIOD = 0.5  # seconds


async def main(blinks=None):
    """Blinks so many times, or for ever."""
    led = Signal("led0", 1)  # 1: Pin.OUT
    count = 0
    while blinks is None or count < blinks:
        led.on()
        await asyncio.sleep(PERIOD / 2)
        led.off()
        await asyncio.sleep(PERIOD / 2)
        count += 1


if __name__ == "__main__":
    asyncio.run(main())

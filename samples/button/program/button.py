# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The button `sw0` twice: an interrupt counts its presses, a task waits for each release.

Without a button at hand: import circuit; circuit.press("sw0"); circuit.release("sw0")
"""

import asyncio

from machine import Pin


async def main(presses=None):
    """Ends after so many presses, or never."""
    button = Pin("sw0", Pin.IN, Pin.PULL_UP)
    led = Pin("led0", Pin.OUT, value=0)
    count = 0
    while presses is None or count < presses:
        await button.wait_for(Pin.IRQ_FALLING)
        count += 1
        led.on()
        print(f"pressed, {count}")
        if not button.value():
            await button.wait_for(Pin.IRQ_HIGH_LEVEL)
        led.off()
        print("released")
    return count


def watch(handler):
    """The same without asyncio: handler(pin) at each press; returns a function to end it."""
    button = Pin("sw0", Pin.IN, Pin.PULL_UP)
    button.irq(handler, Pin.IRQ_FALLING)
    return lambda: button.irq(None)


if __name__ == "__main__":
    asyncio.run(main())

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A game: the LED `led0` goes on after a while; press the button `sw0` as fast as you can.

Without a button at hand, another task may play: circuit.press("sw0")
"""

import asyncio
import random
import time

from machine import Pin


async def turn(button, led, wait):
    """One turn: the reaction in milliseconds, or None for who pressed too early."""
    try:
        await button.wait_for(Pin.IRQ_FALLING, timeout=wait)
    except TimeoutError:
        led.on()
    else:
        return None
    start = time.monotonic_ns()
    await button.wait_for(Pin.IRQ_FALLING)
    led.off()
    return (time.monotonic_ns() - start) / 1e6


async def main(turns=5, waits=(1.0, 4.0)):
    """Plays; prints each reaction and the best; returns the best in ms, or None."""
    button = Pin("sw0", Pin.IN, Pin.PULL_UP)
    led = Pin("led0", Pin.OUT, value=0)
    times = []
    for number in range(1, turns + 1):
        print(f"{number}: wait for the light …")
        reaction = await turn(button, led, random.uniform(*waits))
        if reaction is None:
            print("   too early!")
        else:
            times.append(reaction)
            print(f"   {reaction:.0f} ms")
        if not button.value():
            await button.wait_for(Pin.IRQ_HIGH_LEVEL)
    if times:
        print(f"best: {min(times):.0f} ms")
        return min(times)
    return None


if __name__ == "__main__":
    asyncio.run(main())

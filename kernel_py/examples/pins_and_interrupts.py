# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Pins and interrupts: an LED, a button, and two ways to wait for a press.

    >>> run('/examples/pins_and_interrupts.py')

The names led0 and sw0 are the board's own: its devicetree says which pins they are.  On a board
press the button when you are asked to; on a machine with emulated pins the lesson does it itself.
"""

import asyncio
import threading

import circuit

from machine import Pin

led = Pin("led0", Pin.OUT, value=0)
led.on()
print("led:", led.value())
led.off()

button = Pin("sw0", Pin.IN, Pin.PULL_UP)
try:
    circuit.release("sw0")
    emulated = True
except OSError:
    emulated = False


def press(after=0.1):
    """Asks for a press, or has one come a little later."""
    if not emulated:
        print("press the button, and let it go")
        return
    threading.Timer(after, circuit.press, ("sw0",)).start()
    threading.Timer(2 * after, circuit.release, ("sw0",)).start()


# An interrupt calls a function: in a thread of its own, so it may do what any Python may.
pressed = threading.Event()
levels = []


def handler(pin):
    """Is called at the moment the level falls: the button connects the pin to ground."""
    levels.append(pin.value())
    pressed.set()


button.irq(handler, Pin.IRQ_FALLING)
press()
print("the interrupt came:", pressed.wait(60), "with the level", levels[0])
button.irq(None)


# A task waits for it instead: no handler, no event, and other tasks go on.
async def blink():
    """Blinks until it is cancelled."""
    while True:
        led.toggle()
        await asyncio.sleep(0.02)


async def wait_for_press():
    """Returns the level after the press."""
    blinking = asyncio.create_task(blink())
    await button.wait_for(Pin.IRQ_HIGH_LEVEL, timeout=60)  # it has been let go
    press()
    level = await button.wait_for(Pin.IRQ_FALLING, timeout=60)
    blinking.cancel()
    return level


print("the task saw the level", await wait_for_press())

# Who waits for what never comes says for how long.
try:
    await button.wait_for(Pin.IRQ_FALLING, timeout=0.05)
except TimeoutError:
    print("nobody pressed in time")
led.off()

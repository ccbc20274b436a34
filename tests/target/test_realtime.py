# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Interrupts of true devices, and the watchdog: what a program alone cannot show."""

import pytest


def test_console_interrupt(console, board):
    """Bytes that the UART's interrupt takes reach a callback with their number."""
    if board.kind == "sim":
        pytest.skip("the host has no UART")
    console.send("from kernel import interrupts; got = []\r")
    console.expect(">>> ")
    console.send("interrupts.attach('console', got.append)\r")
    console.expect(">>> ")
    console.send("'x' * 30\r")
    console.expect("x" * 30)
    console.expect(">>> ")
    console.send("print('bytes', sum(e.value for e in got) > 8, got[0].time_ns > 0)\r")
    console.expect("bytes True True")
    console.expect(">>> ")
    console.send("interrupts.detach('console', got.append)\r")
    console.expect(">>> ")


def test_driver_across_a_restart(boot, board):
    """A C thread that was not stopped ends with the interpreter whose objects it uses."""
    if board.kind == "sim":
        pytest.skip("the driver is in C, and sim is Python alone")
    console = boot()
    console.expect(">>> ", 90)
    for series in (2, 100_000):  # it waits for the semaphore; it samples
        for line in (
            "import c_driver; from kernel import threads, vosal\r",
            f"go, q = vosal.Semaphore(), vosal.Queue(8, 9); c = c_driver.start(go, q, {series})\r",
            "go.release(); print('num' + 'ber', q.get(timeout=9)[0])\r",
        ):
            console.send(line)
            console.expect(">>> ")
        console.send("\x04")
        console.expect("ready after", 90)
        console.expect(">>> ", 60)
        console.send("from kernel import threads\r")
        console.expect(">>> ")
        console.send("print('sam' + 'pler', 'sampler' in [t.name for t in threads.threads()])\r")
        console.expect("sampler False")
        console.expect(">>> ")


def test_watchdog(boot, board):
    """A stuck event loop: tracebacks, a reboot, and the reason after it."""
    if board.kind == "sim":
        pytest.skip("sim's loop is watched as a demonstration only")
    console = boot()
    console.expect(">>> ", 90)
    console.send("import time, kernel.loop, kernel.watchdog as w; w.start(2)\r")
    console.expect("2.0")
    console.expect(">>> ")
    console.send("def stuck(): time.sleep(1000)\r\r")
    console.expect(">>> ")
    console.send("kernel.loop.get().call_soon_threadsafe(stuck) and None\r")
    console.expect("kernel.watchdog: not fed for 2000 ms", 60)
    console.expect("in stuck", 30)
    console.expect("kernel.watchdog: rebooting", 30)
    if board.name != "qemu_x86_64":
        return  # QEMU and the host clear what the note is kept in
    console.expect("the machine was reset: watchdog", 90)
    console.expect(">>> ", 90)
    console.send("import kernel.watchdog as w; print('why', *w.reason())\r")
    console.expect("why watchdog event loop stuck 1")


def test_watchdog_restarts_the_interpreter(boot, board):
    """The other policy: SystemExit at the prompt, and the machine stays up."""
    if board.kind == "sim":
        pytest.skip("sim's loop is watched as a demonstration only")
    console = boot()
    console.expect(">>> ", 90)
    console.send("import time, kernel.loop, kernel.watchdog as w; w.start(2, restart=True)\r")
    console.expect("2.0")
    console.expect(">>> ")
    console.send("open('/tmp/kept', 'w').write('x')\r")
    console.expect(">>> ")
    console.send("kernel.loop.get().call_soon_threadsafe(time.sleep, 8) and None\r")
    console.expect("restarting the interpreter", 60)
    console.send("\r")
    console.expect("ready after", 90)
    console.expect(">>> ", 90)
    console.send("import os; print('kept', os.path.exists('/tmp/kept'))\r")
    console.expect("kept True")

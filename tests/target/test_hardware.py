# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Hardware at the prompt, across resets, and under load for a while."""

import pytest

from zpy.paths import ROOT

USE = (
    "from machine import Pin, UART, I2C; import circuit, time; from circuit import chips\r",
    "n = []; circuit.release('sw0')\r",
    "i = Pin('sw0', Pin.IN, Pin.PULL_UP).irq(lambda p: n.append(1), Pin.IRQ_FALLING)\r",
    "u = UART('uart_emul0'); u.irq(print)\r",
    "circuit.i2c('i2c0', 0x21, chips.Registers({0: b'ok'}))\r",
    "circuit.press('sw0'); time.sleep(0.3)\r",
    "print('seen', len(n), I2C('i2c0', freq=100000).readfrom_mem(0x21, 0, 2), 'en' + 'd')\r",
)

# Boards whose memory a reset leaves alone.
REMEMBERS = ("sim", "qemu_x86_64")


def use(console):
    for line in USE:
        console.send(line)
    console.expect("seen 1 b'ok' end", 60)
    console.expect(">>> ")


def test_names_at_the_prompt(console):
    console.send("print(board.led0, len(list(devices)) > 10, pci, 'en' + 'd')\r")
    shown = console.expect("end\r\n")
    assert b"gpio0 0" in shown and b"True" in shown


def test_soft_restart(boot):
    console = boot()
    console.expect(">>> ", 240)
    use(console)
    console.send("\x04")
    console.expect("ready after", 60)
    console.expect(">>> ", 60)
    # The pin's interrupt, the line and the chip of before are gone, and can be had again.
    use(console)
    console.check_alive()


def test_soft_restart_during_a_transfer(boot):
    """Who gave up a transfer in a chip has the bus again after a restart."""
    console = boot()
    console.expect(">>> ", 240)
    for line in (
        "from machine import I2C; import circuit; from circuit import chips\r",
        "chip = chips.Registers({0: b'ok'}); chip.delay = 3\r",
        "circuit.i2c('i2c0', 0x21, chip); bus = I2C('i2c0', timeout=50_000)\r",
    ):
        console.send(line)
        console.expect(">>> ")
    console.send("bus.readfrom(0x21, 1)\r")
    console.expect("TimeoutError", 60)
    console.expect(">>> ")
    console.send("\x04")
    console.expect("ready after", 60)
    console.expect(">>> ", 60)
    console.send("from machine import I2C; print('found', I2C('i2c0').scan(), 'en' + 'd')\r")
    found = console.expect("end\r\n", 60)
    assert b"found [" in found, found
    console.check_alive()


def test_deep_sleep(board, boot):
    if board.kind == "native":
        pytest.skip("deep sleep ends with a reset, which ends native_sim's process")
    console = boot()
    console.expect(">>> ", 240)
    console.send("import machine\r")
    console.send("devices['pwm0'].suspend(); print('po' + 'wer', devices['pwm0'].power)\r")
    console.expect("power suspended", 60)
    console.send("machine.deepsleep(100)\r")
    console.expect("ready after", 240)
    console.expect(">>> ", 60)
    console.send("import machine; print('po' + 'wer', devices['pwm0'].power)\r")
    console.expect("power active", 60)
    if board.name in REMEMBERS:
        console.send("print('cau' + 'se', machine.reset_cause() == machine.DEEPSLEEP_RESET)\r")
        console.expect("cause True", 60)


def test_watchdog_resets(board, boot):
    console = boot()
    console.expect(">>> ", 240)
    console.send("import machine; wdt = machine.WDT(timeout=300)\r")
    console.expect("FATAL watchdog: not fed for 300 ms", 60)
    if board.kind == "native":
        assert console.machine.wait_end(30)  # a reset ends the process
        return
    console.expect("ready after", 240)
    console.expect(">>> ", 60)
    if board.name in REMEMBERS:
        console.send("import machine\r")
        console.send("print('cau' + 'se', machine.reset_cause() == machine.WDT_RESET)\r")
        console.expect("cause True", 60)


def test_soak(run):
    code = (ROOT / "tests" / "soak" / "hardware.py").read_text()
    status, out, err = run(code, argv=("soak.py", "10"), filename="soak.py", timeout=300)
    assert status == 0 and b"no growth" in out, (out + err).decode("utf-8", "replace")

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Hardware at the prompt, and across a soft restart."""

USE = (
    "from machine import Pin, UART, I2C; import circuit, time; from circuit import chips\r",
    "n = []; circuit.release('sw0')\r",
    "i = Pin('sw0', Pin.IN, Pin.PULL_UP).irq(lambda p: n.append(1), Pin.IRQ_FALLING)\r",
    "u = UART('uart_emul0'); circuit.i2c('i2c0', 0x21, chips.Registers({0: b'ok'}))\r",
    "circuit.press('sw0'); time.sleep(0.3)\r",
    "print('seen', len(n), I2C('i2c0', freq=100000).readfrom_mem(0x21, 0, 2), 'en' + 'd')\r",
)


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

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The prompt under all that a keyboard, a paste or line noise can send."""

import random


def test_expression(console):
    console.send("6 * 7\r")
    console.expect("42\r\n")
    console.expect(">>> ")


def test_block(console):
    console.send("for i in range(3):\r")
    console.expect("... ")
    console.send("print('row', i * i)\r\r")
    for square in (0, 1, 4):
        console.expect(f"row {square}\r\n")
    console.expect(">>> ")


def test_exception(console):
    console.send("1 / 0\r")
    console.expect("Traceback")
    console.expect("ZeroDivisionError: division by zero")
    console.check_alive()


def test_utf8(console):
    console.send("print('gr' + 'öße' + '-✓')\r")
    console.expect("größe-✓")
    console.expect(">>> ")


def test_top_level_await(console):
    console.send("import asyncio\r")
    console.expect(">>> ")
    console.send("await asyncio.sleep(0.1, 'wo' + 'ken')\r")
    console.expect("'woken'", 60)
    console.expect(">>> ")


def test_backspace_and_home(console):
    console.send("print('ax\x7fb' + '-edit')")
    console.send("\x01\x05\r")
    console.expect("ab-edit")
    console.expect(">>> ")


def test_history(console):
    console.send("print('hist' + 'ory-1')\r")
    console.expect("history-1")
    console.expect(">>> ")
    console.send("\x1b[A\r")
    console.expect("history-1")
    console.expect(">>> ")


def test_paste_of_many_lines(console):
    lines = [f"x{i} = {i}" for i in range(100)]
    console.send("\r".join(lines) + "\r")
    console.send("print('sum', sum(eval(f'x{i}') for i in range(100)))\r")
    console.expect("sum 4950", 120)
    console.check_alive()


def test_interrupt_of_a_busy_loop(console):
    console.send("while True: pass\r\r")
    console.settle()
    console.send(b"\x03")
    console.expect("KeyboardInterrupt")
    console.check_alive()


def test_interrupt_of_sleep(console):
    console.send("import time; time.sleep(1000)\r")
    console.settle()
    console.send(b"\x03")
    console.expect("KeyboardInterrupt")
    console.check_alive()


def test_nul_bytes(console):
    console.send(b"\x00" * 500 + b"\r")
    console.fresh_prompt()


def test_invalid_utf8(console):
    console.send(b"'\xff\xfe\xc3\x28\xe2\x82'\r")
    console.fresh_prompt()


def test_noise(console):
    # Without the bytes that restart the interpreter or enter the raw REPL on purpose.
    noise = bytes(b for b in random.Random(7).randbytes(20_000) if b not in (0x01, 0x04))
    console.send(noise)
    console.settle(2.0, 120)
    console.fresh_prompt()


def test_100_kilobytes_in_a_line(console):
    console.send("len('" + "x" * 100_000 + "')")
    console.settle(2.0, 300)
    console.send("\r")
    console.settle(2.0, 120)
    console.fresh_prompt()

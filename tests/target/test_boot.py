# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""From reset to the prompt."""

import re

import pytest

BOOT_TIMEOUT = 240.0


def test_boot_log_and_prompt(boot):
    console = boot()
    before = console.expect(">>> ", BOOT_TIMEOUT)
    assert re.search(rb"\[ZPy\] INFO +kernel\.boot: ", before)
    assert b"Traceback" not in before
    console.check_alive()


def test_platform_tells_the_truth(board, run):
    status, out, err = run("import sys; print(sys.platform, sys.version_info[:2])")
    assert (status, err) == (0, b"")
    if board.kind != "sim":
        assert out == b"zephyr (3, 14)\n"


def test_random_numbers_are_others_at_each_start(boot):
    """Nobody may guess them: secrets, keys and the seed of hashes are made of them."""
    found = []
    for _ in range(2):
        console = boot()
        console.expect(">>> ", BOOT_TIMEOUT)
        console.send("import os; d = os.urandom(4096); print('ran' + 'dom', d.hex(), 'end')\r")
        console.expect("random ")
        found.append(bytes.fromhex(console.expect(" end").decode()))
    assert found[0] != found[1]
    # Each value of a byte is expected 16 times; more than 64 times comes about in no human time.
    assert all(numbers.count(value) < 64 for numbers in found for value in range(256))


def test_the_prompt_imports_frozen_modules(board, boot, request):
    """No module of the kernel is read from a file; kernel_py/CMakeLists.txt names the frozen."""
    if board.kind == "sim":
        pytest.skip("nothing is frozen on sim")
    if request.config.getoption("--small"):
        pytest.skip("in the small profile they are files")
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send(
        "import sys; print('not ' + 'frozen:', *(n for n, m in list(sys.modules.items())"
        " if n.split('.')[0] == 'kernel' and m.__spec__.origin != 'frozen'), 'end')\r"
    )
    console.expect("not frozen: end")


def test_soft_restart(boot):
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("left_over = 1\r")
    console.expect(">>> ")
    console.send(b"\x04")
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("print('left_over' in globals(), 'mark' + '-restart')\r")
    console.expect("False mark-restart")


def test_restarts_leave_no_memory_behind(board, boot, request, record_property):
    """A loop and a thread each time: after a few rounds the heap is what it was."""
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    # What a network takes when it comes up, some seconds after the machine, is taken once.
    console.send("import sys; net = '_net' in sys.builtin_module_names\r")
    console.expect(">>> ")
    console.send("net and __import__('kernel.net').net.network.wait(60) and 0\r")
    console.expect(">>> ", 90)
    used = []
    for _ in range(max(9, request.config.getoption("--restarts"))):
        console.send("import _vosal, asyncio, gc, sys, threading\r")
        console.expect(">>> ", 60)
        # The thread that brings the network up imports it some time after the prompt.
        console.send(
            "'_net' in sys.builtin_module_names and __import__('kernel.net.sntp') and 0\r"
        )
        console.expect(">>> ", 60)
        console.send("t = threading.Thread(target=sum, args=[range(9)]); t.start(); t.join()\r")
        console.expect(">>> ")
        console.send("await asyncio.sleep(0.01, 'sle' + 'pt')\r")
        console.expect("'slept'", 60)
        console.send("gc.collect() * 0, 'he' + 'ap', _vosal.heap_info()[1]\r")
        console.expect("'heap', ")
        used.append(int(console.expect(")")))
        console.expect(">>> ")
        console.send(b"\x04")
        console.expect(">>> ", BOOT_TIMEOUT)
    console.check_alive()
    print("heap in use before each restart:", *used)
    record_property("heap", " ".join(map(str, used)))
    if board.kind != "sim":  # there the process is a new one
        # The least of three: the thread that brings the network up may still run, or not.
        assert min(used[-3:]) - min(used[3:6]) < 16384, used


def test_power_off(boot):
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("import _vosal; _vosal.poweroff(0)\r")
    assert console.machine.wait_end(20)

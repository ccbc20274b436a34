# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A crash in C ends with a dump that tells where, not in silence."""

import re
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

BOOT_TIMEOUT = 240.0


@pytest.fixture
def on_zephyr(board):
    if board.kind != "qemu":
        pytest.skip("a crash here is a crash of this machine's own process")


def test_dump(on_zephyr, boot):
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("import faulthandler, threading, time\r")
    console.expect(">>> ")
    console.send("threading.Thread(target=time.sleep, args=[1000], daemon=True).start()\r")
    console.expect(">>> ")
    console.send("faulthandler._read_null()\r")
    dump = console.expect("FATAL", 60) + b"FATAL" + console.settle(3.0, 30)
    assert b"ZEPHYR FATAL ERROR" in dump
    # Registers, and the Python traceback of every thread.
    assert b"RIP" in dump or b"elr" in dump or b"ELR" in dump
    assert len(re.findall(rb"hread 0x[0-9a-f]+.*\(most recent call first\)", dump)) >= 2
    assert b'File "<python-input-' in dump and b"threading.py" in dump


def test_zpy_notices(on_zephyr, board, build_dir):
    from zpy.errors import MachineError
    from zpy.session import Session

    with pytest.raises(MachineError) as caught:
        with Session(board, build_dir, boot_timeout=BOOT_TIMEOUT) as session:
            session.run("import faulthandler; faulthandler._read_null()", timeout=60)
    assert "FATAL" in str(caught.value)
    assert caught.value.status == 70


def with_policy(build_dir, directory, reboots):
    """A function that gives a command the same image with the other policy in its data."""
    with open(build_dir / "zephyr" / "zephyr.elf", "rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        (symbol,) = table.get_symbol_by_name("port_fatal_reboots")
    address = symbol["st_value"]

    def changed(match):
        image = Path(match[0])
        data = bytearray(image.read_bytes())
        with open(image, "rb") as file:
            for segment in ELFFile(file).iter_segments("PT_LOAD"):
                offset = address - segment["p_vaddr"]
                if 0 <= offset < segment["p_filesz"]:
                    at = segment["p_offset"] + offset
                    assert int.from_bytes(data[at : at + 4], "little") in (0, 1)
                    data[at : at + 4] = reboots.to_bytes(4, "little")
        copy = directory / image.name
        copy.write_bytes(data)
        return str(copy)

    def change(command):
        words = [re.sub(r"/[^=,]*\.elf$", changed, word) for word in command]
        assert words != command
        return words

    return change


def crash(console):
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("import faulthandler; faulthandler._read_null()\r")
    console.expect("ZEPHYR FATAL ERROR", 60)
    console.expect("[ZPy] FATAL reason", 60)


def test_halts(on_zephyr, build_dir, boot, tmp_path):
    """CONFIG_CPYTHON_ON_FATAL_HALT, the default: the dump stays on the screen."""
    console = boot(change=with_policy(build_dir, tmp_path, 0))
    crash(console)
    console.expect("[ZPy] FATAL halted", 60)
    console.send("print('not' + ' dead')\r")
    rest = console.settle(5.0, 30)
    assert b"not dead" not in rest
    assert b"kernel.boot" not in rest


def test_reboots(on_zephyr, build_dir, boot, tmp_path):
    """CONFIG_CPYTHON_ON_FATAL_REBOOT: the machine comes back, with a prompt that works."""
    console = boot(change=with_policy(build_dir, tmp_path, 1))
    crash(console)
    console.expect("[ZPy] FATAL rebooting", 60)
    console.expect("kernel.boot", BOOT_TIMEOUT)
    console.expect(">>> ", BOOT_TIMEOUT)
    console.check_alive()
    # And again: what a reboot leaves is a machine like the first.
    console.send("\r")
    crash(console)
    console.expect("[ZPy] FATAL rebooting", 60)
    console.expect(">>> ", BOOT_TIMEOUT)

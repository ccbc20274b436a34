# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A crash in C ends with a dump that tells where, not in silence."""

import re

import pytest

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

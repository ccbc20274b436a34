# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A crash in C ends with a dump that tells where, not in silence."""

import pytest

BOOT_TIMEOUT = 240.0


@pytest.fixture
def on_zephyr(board):
    if board.kind != "qemu":
        pytest.skip("a crash here is a crash of this machine's own process")


def test_dump(on_zephyr, boot):
    console = boot()
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("import faulthandler; faulthandler._read_null()\r")
    dump = console.expect("FATAL", 60) + b"FATAL" + console.settle(3.0, 30)
    assert b"ZEPHYR FATAL ERROR" in dump
    assert b"most recent call first" in dump


def test_zpy_notices(on_zephyr, board, build_dir):
    from zpy.errors import MachineError
    from zpy.session import Session

    with pytest.raises(MachineError) as caught:
        with Session(board, build_dir, boot_timeout=BOOT_TIMEOUT) as session:
            session.run("import faulthandler; faulthandler._read_null()", timeout=60)
    assert "FATAL" in str(caught.value)
    assert caught.value.status == 70

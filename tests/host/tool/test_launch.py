# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The commands that start machines."""

import socket

import pytest

from zpy import boards, launch
from zpy.errors import UsageError

X86 = (
    "cd /b && /usr/bin/qemu-system-x86_64 -m 32 -cpu qemu64,+x2apic -machine q35 -nographic "
    "-net none -pidfile qemu.pid -chardev stdio,id=con,mux=on -serial chardev:con "
    "-mon chardev=con,mode=readline -device loader,file=/b/main.elf -smp cpus=2 "
    "-kernel /b/locore.elf"
)
ARM = (
    "cd /b && cmake -E touch /b/fifo && qemu-system-aarch64 -cpu cortex-a53 -nographic "
    "-machine virt -pidfile qemu.pid -chardev pipe,id=con,mux=on,path=/b/fifo "
    "-serial chardev:con -mon chardev=con,mode=readline "
    "-icount shift=4,align=off,sleep=on -rtc clock=vm -kernel /b/zephyr.elf"
)


@pytest.mark.parametrize("line", [X86, ARM])
def test_console_is_clean_and_alone(line):
    words = launch.qemu_command(line)
    assert words[0].rpartition("/")[2].startswith("qemu-system-")
    assert words[words.index("-chardev") + 1] == "stdio,id=con,signal=off"
    assert words[words.index("-serial") + 1] == "chardev:con"
    assert words[words.index("-monitor") + 1] == "none"
    for gone in ("-mon", "-pidfile", "-icount", "cd", "&&"):
        assert gone not in words


def test_the_rest_stays():
    words = launch.qemu_command(X86)
    for pair in (("-m", "32"), ("-smp", "cpus=2"), ("-kernel", "/b/locore.elf")):
        assert words[words.index(pair[0]) + 1] == pair[1]


def test_other_character_devices_stay():
    words = launch.qemu_command(X86 + " -chardev socket,id=net0,path=/tmp/x")
    assert "socket,id=net0,path=/tmp/x" in words


def test_icount():
    words = launch.qemu_command(ARM, icount=0)
    assert words[words.index("-icount") + 1].startswith("shift=0,")
    assert words.count("-icount") == 1


@pytest.mark.parametrize("name", ["sim", "native_sim"])
def test_qemu_options_on_other_boards(name):
    with pytest.raises(UsageError, match="QEMU"):
        launch.command(boards.get(name), kvm=True)


def test_sim():
    words = launch.command(boards.get("sim"))
    assert words[1:] == ["-m", "sim"]


def test_icount_is_for_one_cpu():
    with pytest.raises(UsageError, match="--cpus 1"):
        launch.command(boards.get("qemu_x86_64"), icount=0)


def test_ways_in():
    arm, pc = boards.get("qemu_cortex_a53"), boards.get("qemu_x86_64")
    assert launch.ways_in(pc, launch.FORWARDS["qemu_x86_64"]).endswith(
        "./zpy repl, or nc 127.0.0.1 5555"
    )
    assert "--board qemu_cortex_a53, " in launch.ways_in(arm, launch.FORWARDS["qemu_cortex_a53"])
    assert "--port 2323, or nc 127.0.0.1 2323" in launch.ways_in(pc, ((2323, 5000), (8080, 80)))
    assert launch.ways_in(pc, ()) == ""
    assert launch.ways_in(pc, ((5555, 5000),), icount=0) == ""


def test_the_way_into_native_sim(monkeypatch):
    """Its port is one of this machine's: it may be taken, or named by the environment."""
    board = boards.get("native_sim")
    for name in ("ZPY_REPL", "ZPY_REPL_PORT"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(launch, "NATIVE_PROMPT_PORT", taken.getsockname()[1])
        assert launch.ways_in(board, ()) == ""
    monkeypatch.setattr(launch, "NATIVE_PROMPT_PORT", launch.free_port())
    assert launch.ways_in(board, ()).endswith("./zpy repl --board native_sim")
    port = launch.free_port()
    monkeypatch.setenv("ZPY_REPL_PORT", str(port))
    assert launch.ways_in(board, ()).endswith(f"--board native_sim --port {port}")
    monkeypatch.setenv("ZPY_REPL", "off")
    assert launch.ways_in(board, ()) == ""


def test_programs_leave_the_port_alone(monkeypatch):
    board = boards.get("native_sim")
    monkeypatch.delenv("ZPY_REPL", raising=False)
    assert launch.environment(board)["ZPY_REPL"] == "off"
    assert launch.environment(boards.get("qemu_x86_64")) is None
    monkeypatch.setenv("ZPY_REPL", "plain")
    assert launch.environment(board) is None


def test_network_card():
    line = X86.replace("-net none", "-nic user,model=e1000,hostfwd=tcp::1-:2")
    words = launch.qemu_command(line, forwards=((2323, 23),))
    assert words[words.index("-nic") + 1] == "user,model=e1000,hostfwd=tcp:127.0.0.1:2323-:23"
    words = launch.qemu_command(line, nic="socket,udp=127.0.0.1:7,localaddr=127.0.0.1:8")
    nic = words[words.index("-nic") + 1]
    assert nic == "socket,udp=127.0.0.1:7,localaddr=127.0.0.1:8,model=e1000"
    words = launch.qemu_command(line, icount=0)
    assert words[words.index("-nic") + 1] == "none"

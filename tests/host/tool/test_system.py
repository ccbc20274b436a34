# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Which programs and packages a board needs, and getting them."""

import pytest

from zpy import boards, system
from zpy.errors import Missing


def commands(name, own_toolchain=False):
    return {tool.command for tool in system.needed(boards.get(name), own_toolchain)}


def test_sim_needs_nothing():
    assert commands("sim") == set()


def test_each_board_needs_its_emulator():
    assert "qemu-system-x86_64" in commands("qemu_x86_64")
    assert "qemu-system-aarch64" in commands("qemu_cortex_a53")
    assert "qemu-system-arm" in commands("mps2/an385")
    for name in ("native_sim", "mimxrt1060_evk"):
        assert not any("qemu" in command for command in commands(name))


def test_boards_need_their_compilers():
    assert "aarch64-linux-gnu-gcc" in commands("rpi_4b")
    assert "arm-none-eabi-gcc" in commands("stm32h7b3i_dk")
    assert "arm-none-eabi-gcc" not in commands("stm32h7b3i_dk", own_toolchain=True)


def test_cross_compiler_unless_there_is_an_sdk():
    assert "aarch64-linux-gnu-gcc" in commands("qemu_cortex_a53")
    assert "aarch64-linux-gnu-gcc" not in commands("qemu_cortex_a53", own_toolchain=True)


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """A machine whose apt-get writes down what it is asked and fails `failures` times."""

    def make(failures=0, root=True):
        place = tmp_path / "bin"
        place.mkdir()
        calls = tmp_path / "calls"
        script = place / "apt-get"
        script.write_text(
            "#!/bin/sh\n"
            f'echo "$*" >>{calls}\n'
            f'case "$*" in *update*) exit 0;; esac\n'
            f"[ $(grep -c install {calls}) -gt {failures} ]\n"
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
        monkeypatch.setattr(system, "LOG", tmp_path / "log")
        monkeypatch.setattr(system.os, "geteuid", lambda: 0 if root else 1000)
        return lambda: calls.read_text().splitlines() if calls.exists() else []

    return make


def test_install(apt):
    calls = apt()
    system.install(["cmake", "ninja-build"])
    (line,) = calls()
    assert line.endswith("install --no-install-recommends cmake ninja-build")


def test_install_with_old_package_lists(apt):
    calls = apt(failures=1)
    system.install(["cmake"])
    assert [("update" in line) for line in calls()] == [False, True, False]


def test_install_that_cannot(apt):
    apt(failures=9)
    with pytest.raises(Missing) as caught:
        system.install(["cmake"])
    assert "sudo apt-get install --no-install-recommends cmake" in str(caught.value)


def test_install_without_root(apt, monkeypatch):
    calls = apt(root=False)
    monkeypatch.setattr(system, "_as_root", lambda: None)
    with pytest.raises(Missing, match="sudo apt-get install"):
        system.install(["cmake"])
    assert calls() == []

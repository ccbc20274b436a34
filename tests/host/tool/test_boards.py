# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The table of boards."""

import pytest

from zpy import boards
from zpy.errors import UsageError
from zpy.paths import ROOT


def test_names():
    assert boards.names() == ["sim", "qemu_x86_64", "qemu_cortex_a53", "native_sim/native/64"]


@pytest.mark.parametrize("name", ["native_sim", "native_sim/native/64"])
def test_alias(name):
    assert boards.get(name).name == "native_sim/native/64"


def test_target_as_name():
    assert boards.get("qemu_x86_64/atom").name == "qemu_x86_64"


def test_unknown_board_lists_those_that_work():
    with pytest.raises(UsageError) as caught:
        boards.get("toaster")
    text = str(caught.value)
    assert "'toaster'" in text
    assert all(name in text for name in boards.names())
    assert caught.value.status == 2


def test_default_number_of_cpus_is_the_plain_build():
    assert boards.get("qemu_x86_64", 2) == boards.get("qemu_x86_64")


def test_other_number_of_cpus_is_a_build_of_its_own():
    board = boards.get("qemu_x86_64", 4)
    assert board.label == "qemu_x86_64-4"
    assert "-DCONFIG_MP_MAX_NUM_CPUS=4" in board.cmake_args
    assert board.build_home != boards.get("qemu_x86_64").build_home


def test_cpus_with_a_target_of_zephyrs_own():
    board = boards.get("qemu_cortex_a53", 2)
    assert board.target == "qemu_cortex_a53/qemu_cortex_a53/smp"
    assert board.cmake_args == ()


@pytest.mark.parametrize(("name", "cpus"), [("sim", 2), ("qemu_x86_64", 9)])
def test_impossible_number_of_cpus(name, cpus):
    with pytest.raises(UsageError, match="can have"):
        boards.get(name, cpus)


def test_small_profile_is_a_build_of_its_own():
    board = boards.get("qemu_x86_64", small=True)
    assert board.label == "qemu_x86_64-small"
    assert "-DSNIPPET=small" in board.cmake_args
    assert (boards.APP / "snippets" / "small" / "snippet.yml").is_file()
    both = boards.get("qemu_x86_64", 4, small=True)
    assert both.label == "qemu_x86_64-4-small"
    assert {"-DSNIPPET=small", "-DCONFIG_MP_MAX_NUM_CPUS=4"} <= set(both.cmake_args)


def test_free_threading_is_a_build_of_its_own():
    board = boards.get("qemu_x86_64", 4, free_threading=True)
    assert board.label == "qemu_x86_64-4-ft"
    wanted = {"-DCONFIG_CPYTHON_FREE_THREADING=y", "-DCONFIG_MP_MAX_NUM_CPUS=4"}
    assert wanted <= set(board.cmake_args)


def test_sim_has_no_variants():
    with pytest.raises(UsageError, match="--small"):
        boards.get("sim", small=True)
    with pytest.raises(UsageError, match="--free-threading"):
        boards.get("sim", free_threading=True)


def test_boards_that_are_not_built_by_default():
    names = [board.name for board in boards.MORE]
    assert names == ["rpi_4b", "up_squared", "mimxrt1060_evk", "stm32h7b3i_dk", "mps2/an385"]
    assert not set(names) & set(boards.names())
    for board in boards.MORE:
        assert boards.get(board.name) is board
        page = ROOT / "docs" / "boards" / f"{board.label}.md"
        assert board.name in page.read_text(), page
        for suffix in ("conf", "overlay"):
            assert (boards.APP / "boards" / f"{board.label}.{suffix}").is_file()


def test_name_of_a_hardware_map_finds_the_board():
    board = boards.on_line("mimxrt1060_evk", "/dev/ttyACM0", 9600)
    assert (board.target, board.baud) == ("mimxrt1060_evk@qspi/mimxrt1062", 9600)

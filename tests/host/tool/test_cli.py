# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The command line: help, errors, and what belongs to the program that is run."""

import pytest

from zpy import cli


def test_without_a_command_there_is_help(zpy):
    done = zpy()
    assert done.returncode == 0
    assert b"./zpy run" in done.stdout


@pytest.mark.parametrize("command", ["run", "build", "test", "bench", "stop", "doctor", "clean"])
def test_help(zpy, command):
    done = zpy(command, "--help")
    assert done.returncode == 0
    assert b"usage: ./zpy " + command.encode() in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["explode"],
        ["run", "--no-such-option"],
        ["run", "--cpus", "many"],
        ["run", "--cpus", "0"],
        ["run", "--timeout", "-1"],
        ["run", "--attach", "-c", "1"],
        ["run", "--board", "toaster"],
        ["build", "--board", "toaster"],
        ["test", "--board", "toaster"],
        ["run", "--board", "sim", "--cpus", "4"],
        ["run", "--board", "sim", "--kvm", "-c", "1"],
        ["run", "--board", "sim", "--small", "-c", "1"],
    ],
)
def test_wrong_command_lines(zpy, arguments):
    done = zpy(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"zpy: ")
    assert b"Traceback" not in done.stderr


def test_unknown_board_lists_boards(zpy):
    done = zpy("run", "--board", "toaster")
    assert b"qemu_x86_64" in done.stderr
    assert b"sim" in done.stderr


def test_missing_script(zpy):
    done = zpy("run", "--board", "sim", "no-such-file.py")
    assert done.returncode == 2
    assert b"can't open file 'no-such-file.py'" in done.stderr


@pytest.mark.parametrize(
    ("words", "own", "rest"),
    [
        ([], [], []),
        (["a.py", "--board", "x"], [], ["a.py", "--board", "x"]),
        (["--board", "x", "a.py", "-c"], ["--board", "x"], ["a.py", "-c"]),
        (["-c", "code", "--cpus", "2"], ["-c", "code"], ["--cpus", "2"]),
        (["--cpus=2", "-", "y"], ["--cpus=2"], ["-", "y"]),
        (["--icount", "a.py"], ["--icount"], ["a.py"]),
        (["--icount", "3", "a.py"], ["--icount", "3"], ["a.py"]),
        (["--", "-odd-name.py"], [], ["-odd-name.py"]),
        (["--with", "lib", "a.py"], ["--with", "lib"], ["a.py"]),
    ],
)
def test_split(words, own, rest):
    assert cli.split(words, cli.RUN_VALUES) == (own, rest)


def test_options_with_a_value_are_known_to_split():
    run = next(
        action.choices["run"]
        for action in cli.parser()._actions
        if hasattr(action, "choices") and isinstance(action.choices, dict)
    )
    with_value = {
        option
        for action in run._actions
        if action.nargs is None and action.option_strings
        for option in action.option_strings
    }
    assert with_value == set(cli.RUN_VALUES)


def test_build_passes_on_what_follows_two_dashes():
    args = cli.parse(["build", "--board", "sim", "--", "-DX=1", "--y"])
    assert args.rest == ["-DX=1", "--y"]

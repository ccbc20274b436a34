# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy hil`: the target tests on boards that are connected to this machine.

The hardware map is Twister's (twister --generate-hardware-map map.yml): of each entry that is
connected, platform, serial, baud, id and runner are used. Each board is built, flashed with
west, and tested over its serial line.
"""

import subprocess

import yaml

from zpy import boards, build, tally, test, toolchain, venv, workspace
from zpy.errors import UsageError, ZpyError
from zpy.paths import ROOT, TARGET_TESTS
from zpy.progress import say


def entries(path, only=()):
    """The entries of a hardware map that are connected; UsageError for a map that is none."""
    try:
        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file) or []
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is no YAML: {error}") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise UsageError(f"{path} is no hardware map: a list of boards is wanted")
    chosen = []
    for entry in found:
        if not entry.get("connected") or (only and entry.get("platform") not in only):
            continue
        for key in ("platform", "serial"):
            if not entry.get(key):
                raise UsageError(f"{path}: an entry that is connected has no {key}")
        chosen.append(entry)
    if not chosen:
        raise UsageError(
            f"{path}: no board is connected" + (f" of {', '.join(only)}" * bool(only))
        )
    return chosen


def flash_command(entry, build_dir):
    """The west command that puts what was built onto a board."""
    command = ["west", "flash", "--no-rebuild", "-d", str(build_dir)]
    if entry.get("runner"):
        command += ["--runner", str(entry["runner"])]
    if entry.get("id"):
        command += ["--dev-id", str(entry["id"])]
    return command


def main(path, only=(), flash=True):
    """Test the boards of a hardware map; return the exit status."""
    venv.ensure()
    total = tally.Tally()
    for entry in entries(path, only):
        board = boards.on_line(entry["platform"], entry["serial"], int(entry.get("baud", 115200)))
        test.heading(f"{board.name} at {board.serial}")
        try:
            tree = workspace.obtain()
            build_dir = build.build(board, tree)
        except ZpyError as error:
            print(error, flush=True)
            total += tally.failed(f"{board.name}: build")
            continue
        if flash:
            env = toolchain.environment(board, tree)
            if subprocess.run(flash_command(entry, build_dir), cwd=tree.base, env=env).returncode:
                total += tally.failed(f"{board.name}: west flash")
                continue
        else:
            say(f"{board.name}: tested as it is, not flashed")
        result, text = test.pytest(
            board.label,
            TARGET_TESTS,
            f"--board={board.name}",
            f"--serial={board.serial}",
            f"--baud={board.baud}",
            f"--rootdir={ROOT}",
        )
        print(text, flush=True)
        total += result
    return test.close(total)

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy doctor`: what is here, what is missing, and the command that gets it."""

import os
import platform
import sys

from zpy import boards, launch, system, venv, workspace
from zpy.errors import Missing

WIDTH = 26


def main():
    """Print the report; the status is 0 when some board can boot."""
    lines, ready = report()
    print("\n".join(lines))
    return 0 if ready else 1


def report():
    """Return (the report as lines, whether some board can boot)."""
    lines = ["This machine"]
    lines.append(_row("system", f"{platform.system()} {platform.machine()}"))
    lines.append(_row("python", f"{platform.python_version()}  {sys.executable}"))
    lines.append(_row("zpy's environment", _environment()))
    for tool in system.ALL_TOOLS:
        version = tool.version()
        found = f"{version}  {tool.path()}" if version else f"missing: {tool.why}"
        lines.append(_row(tool.command, found))
    if system.GCC.path() and not system.has_c_headers():
        lines.append(_row("C headers", "missing (package libc6-dev)"))
    usable = os.access("/dev/kvm", os.R_OK | os.W_OK)
    lines.append(_row("/dev/kvm", "usable (only with run --kvm)" if usable else "not usable"))

    lines += ["", "Sources"]
    tree, trouble = _tree()
    lines += _sources(tree, trouble)

    lines += ["", "Boards"]
    advice = []
    some_ready = False
    for board in boards.BOARDS:
        lacking, ways = _lacking(board, tree, trouble)
        some_ready = some_ready or not lacking
        state = "ready" if not lacking else "not ready: " + ", ".join(lacking)
        lines.append(_row(board.name, state))
        advice += [way for way in ways if way not in advice]
    if advice:
        lines += ["", "What is missing can be had with"]
        lines += [f"  {way}" for way in advice]
    return lines, some_ready


def _row(name, text):
    return f"  {name:<{WIDTH}}{text}"


def _environment():
    if venv.ready():
        return f"ready  {venv.VENV}"
    return "not made yet (run, build or test make it)"


def _tree():
    try:
        return workspace.find(), None
    except Missing as reason:
        return None, str(reason)


def _sources(tree, trouble):
    if not tree:
        return [_row("Zephyr", trouble or "no tree found")]
    version = ".".join(map(str, tree.version))
    lines = [_row("Zephyr", f"{version}  {tree.base} (found by {tree.found_by})")]
    if tree.cpython:
        text = f"{workspace.cpython_version(tree.cpython)}  {tree.cpython}"
    else:
        text = f"missing: expected in {tree.topdir / 'cpython'} or CPYTHON_SRC"
    lines.append(_row("CPython", text))
    own = workspace.toolchain_registered()
    text = "a Zephyr toolchain of yours" if own else "the compilers of this system"
    lines.append(_row("toolchain", text))
    return lines


def _lacking(board, tree, trouble):
    """Return (what the board lacks, the commands that get it)."""
    if board.kind == "sim":
        try:
            launch.sim_python()
        except Missing:
            return ["Python 3.11 or newer"], ["sudo apt-get install python3.11"]
        return [], []
    lacking, ways = [], []
    tools = system.missing(system.needed(board, workspace.toolchain_registered()))
    if tools:
        lacking += [tool.command for tool in tools]
        ways.append(system.install_command(system.packages(tools)))
    if trouble:
        lacking.append("a Zephyr tree")
        ways.append("unset ZEPHYR_BASE    (or set it to a Zephyr tree)")
    elif not tree or tree.lacks():
        lacking.append("a Zephyr tree" if not tree else tree.lacks())
        ways.append("./zpy build    fetches Zephyr and CPython when the network is there")
    return lacking, ways

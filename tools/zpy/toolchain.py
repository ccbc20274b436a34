# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Which compiler Zephyr is told to use, as environment variables."""

import os
import shutil
import subprocess
from pathlib import Path

from zpy import workspace
from zpy.paths import ROOT, TOOLCHAIN

PREFIX = "aarch64-linux-gnu-"
PREFIX_ARM = "arm-none-eabi-"

WRAPPER = """\
#!/bin/sh
# Made by zpy for {version}
#
# Debian's cross compiler lacks two things that Zephyr takes for granted: a path for
# include-fixed/limits.h (its plain limits.h will do), and libgcc's outline atomics that work
# without a libc.
for arg in "$@"; do
	case "$arg" in
	*print-file-name=include-fixed/limits.h)
		exec {gcc} -print-file-name=include/limits.h
		;;
	esac
done
exec {gcc} -mno-outline-atomics "$@"
"""


def environment(board, tree):
    """Return the environment for building a board with a Zephyr tree."""
    env = dict(os.environ)
    env["ZEPHYR_BASE"] = str(tree.base)
    # What one board's build directory has compiled, ccache finds again from another one.
    env.setdefault("CCACHE_BASEDIR", str(ROOT))
    env.setdefault("CCACHE_NOHASHDIR", "1")
    if not workspace.toolchain_registered():
        if board.arch == "aarch64":
            env["ZEPHYR_TOOLCHAIN_VARIANT"] = "cross-compile"
            env["CROSS_COMPILE"] = cross_prefix()
        elif board.arch == "arm":
            # Arm's compiler for machines without a system, which Zephyr knows.
            env["ZEPHYR_TOOLCHAIN_VARIANT"] = "gnuarmemb"
            env["GNUARMEMB_TOOLCHAIN_PATH"] = arm_home()
        else:
            env["ZEPHYR_TOOLCHAIN_VARIANT"] = "host"
    if env.get("ZEPHYR_TOOLCHAIN_VARIANT") in ("host", "cross-compile", "gnuarmemb"):
        # All have thread-local storage; Zephyr cannot know that of a compiler it does not know.
        env.setdefault("ZEPHYR_TOOLCHAIN_SUPPORTS_THREAD_LOCAL_STORAGE", "y")
    return env


def arm_home():
    """Return the directory above the bin/ that holds the 32-bit Arm compiler."""
    gcc = shutil.which(PREFIX_ARM + "gcc")
    return str(Path(gcc).parent.parent) if gcc else "/usr"


def cross_prefix():
    """Return the CROSS_COMPILE prefix of the host's aarch64 compiler, wrapped."""
    gcc = shutil.which(PREFIX + "gcc")
    if not gcc:
        return PREFIX
    TOOLCHAIN.mkdir(parents=True, exist_ok=True)
    for tool in Path(gcc).parent.glob(PREFIX + "*"):
        link = TOOLCHAIN / tool.name
        if tool.name != PREFIX + "gcc" and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(tool)
    done = subprocess.run([gcc, "--version"], capture_output=True, text=True)
    text = WRAPPER.format(gcc=gcc, version=done.stdout.partition("\n")[0])
    wrapper = TOOLCHAIN / (PREFIX + "gcc")
    # Written only when it changes: ccache knows a compiler by the time of its file.
    if not wrapper.exists() or wrapper.read_text() != text:
        wrapper.write_text(text)
        wrapper.chmod(0o755)
    return str(TOOLCHAIN / PREFIX)

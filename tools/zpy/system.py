# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The host's own programs: which a board needs, which are missing, and getting them with apt."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from zpy.errors import Missing
from zpy.paths import LOG
from zpy.process import run_logged
from zpy.progress import Step, say


@dataclass(frozen=True)
class Tool:
    """A program of the host, and the Debian packages that bring it."""

    command: str
    packages: tuple
    why: str

    def path(self):
        return shutil.which(self.command)

    def version(self):
        """The first version number that the program prints, or None when it is not here."""
        if not self.path():
            return None
        try:
            done = subprocess.run(
                [self.path(), "--version"], capture_output=True, text=True, timeout=10
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        found = re.search(r"\d+\.\d[\w.+-]*", done.stdout + done.stderr)
        return found.group() if found else "unknown version"


GIT = Tool("git", ("git",), "fetches Zephyr and CPython")
CMAKE = Tool("cmake", ("cmake",), "configures the build")
NINJA = Tool("ninja", ("ninja-build",), "runs the build")
MAKE = Tool("make", ("make",), "builds CPython for this machine, which compiles the library")
GCC = Tool("gcc", ("gcc", "libc6-dev"), "compiles for x86 and for this machine")
GCC_AARCH64 = Tool(
    "aarch64-linux-gnu-gcc",
    ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"),
    "compiles for 64-bit Arm",
)
GCC_ARM = Tool("arm-none-eabi-gcc", ("gcc-arm-none-eabi",), "compiles for 32-bit Arm")
QEMU_X86 = Tool("qemu-system-x86_64", ("qemu-system-x86",), "the PC")
QEMU_AARCH64 = Tool("qemu-system-aarch64", ("qemu-system-arm",), "the 64-bit Arm machine")
QEMU_ARM = Tool("qemu-system-arm", ("qemu-system-arm",), "the 32-bit Arm machine")
CCACHE = Tool("ccache", ("ccache",), "makes second builds quick (not required)")

ALL_TOOLS = (GIT, CMAKE, NINJA, MAKE, GCC, GCC_AARCH64, QEMU_X86, QEMU_AARCH64, CCACHE)

CROSS = {"aarch64": GCC_AARCH64, "arm": GCC_ARM}
EMULATORS = {"x86": QEMU_X86, "aarch64": QEMU_AARCH64, "arm": QEMU_ARM}


def needed(board, own_toolchain=False):
    """The tools that building and booting a board takes.

    own_toolchain: the user has a Zephyr toolchain (an SDK), so that no cross compiler of the
    host is needed.
    """
    if board.kind == "sim":
        return []
    tools = [CMAKE, NINJA, MAKE, GCC]
    if board.arch in CROSS and not own_toolchain:
        tools.append(CROSS[board.arch])
    if board.kind == "qemu":
        tools.append(EMULATORS[board.arch])
    return tools


def has_c_headers():
    """Whether gcc finds the C library's headers, which Debian keeps in a package of their own."""
    try:
        done = subprocess.run(
            ["gcc", "-E", "-x", "c", "-"],
            input=b"#include <stdio.h>\n",
            capture_output=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def missing(tools):
    """Those of the tools that are not here."""
    return [t for t in tools if not t.path() or (t is GCC and not has_c_headers())]


def packages(tools):
    """The packages of these tools, each once."""
    return list(dict.fromkeys(name for tool in tools for name in tool.packages))


def install_command(names):
    """The command that a person types to get these packages."""
    if shutil.which("apt-get") or not shutil.which("dnf"):
        return "sudo apt-get install --no-install-recommends " + " ".join(names)
    return "sudo dnf install " + " ".join(names)  # names differ there; the nearest hint there is


def _as_root():
    """The prefix that makes a command run as root without a question, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        done = subprocess.run(["sudo", "-n", "true"], capture_output=True)
        if done.returncode == 0:
            return ["sudo", "-n"]
    return None


def install(names):
    """Install Debian packages; Missing, with the command to type, when that cannot be done."""
    advice = f"this gets what is missing:\n  {install_command(names)}"
    prefix = _as_root() if shutil.which("apt-get") else None
    if prefix is None:
        raise Missing(f"not installed: {' '.join(names)}; {advice}")
    say(f"installing {' '.join(names)}")
    LOG.mkdir(parents=True, exist_ok=True)
    log_path = LOG / "apt.log"
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"]
    apt += ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
    want = [*apt, "install", "--no-install-recommends", *names]
    with open(log_path, "w") as log, Step("apt-get") as step:
        # The package lists of a fresh machine are empty or old, so a first failure means little.
        for command in (want, [*apt, "update"], want):
            status = run_logged(command, log, step.update)
            if status == 0 and command is want:
                return
    raise Missing(f"apt-get could not install {' '.join(names)} (see {log_path}); {advice}")


def provide(tools):
    """Make sure that these tools are here, installing what is missing."""
    lacking = missing(tools)
    if not lacking:
        return
    # ccache is worth having, but no reason to start apt.
    extra = [] if CCACHE.path() else [CCACHE]
    install(packages(lacking + extra))
    still = missing(lacking)
    if still:
        raise Missing(f"still not found after installing: {' '.join(t.command for t in still)}")

# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The checks of form: ruff for Python, clang-format for C."""

import subprocess
import sys
from pathlib import Path

from zpy import tally
from zpy.paths import ROOT

C_TREES = ("app", "modules", "samples")


def c_files():
    """The C sources and headers of the project that git tracks or does not ignore."""
    patterns = [f"{tree}/**/*.{ext}" for tree in C_TREES for ext in ("c", "h")]
    try:
        done = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "--", *C_TREES],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):  # no git here, or no clone
        return sorted(str(path.relative_to(ROOT)) for p in patterns for path in ROOT.glob(p))
    names = done.stdout.splitlines()
    return [n for n in names if n.endswith((".c", ".h")) and (ROOT / n).exists()]


def main():
    """Run all checks; return a Tally with one count for each."""
    python = [sys.executable, "-m"]
    result = _check("ruff check", [*python, "ruff", "check", "--quiet", "."])
    result += _check(
        "ruff format", [*python, "ruff", "format", "--quiet", "--check", "--diff", "."]
    )
    sources = c_files()
    if sources:
        clang_format = str(Path(sys.executable).with_name("clang-format"))
        result += _check("clang-format", [clang_format, "--dry-run", "-Werror", *sources])
    else:
        result += tally.skipped("clang-format", "there is no C file")
    return result


def _check(name, command):
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        print(f"{name}: ok", flush=True)
        return tally.passed(name)
    lines = done.stdout.splitlines()
    print("\n".join(lines[:200]), flush=True)
    print(f"{name}: FAILED", flush=True)
    return tally.failed(name)

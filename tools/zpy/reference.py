# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The same CPython on Linux: same sources, same compiler flags; what `zpy bench` compares with.

Its instructions are counted by Valgrind's callgrind, which needs no hardware counters and gives
the same number every time.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from zpy import lock, workspace
from zpy.build import BuildError
from zpy.errors import MachineError, Missing
from zpy.paths import CACHE, LOG
from zpy.process import run_logged
from zpy.progress import Step

# The runner calls it right before and right after what is to be counted.
MARK = "sys_getswitchinterval"
# Modules that need libraries which the image does not have; _hashlib would put OpenSSL's hashes in
# the place of CPython's own.
_LEFT_OUT = (
    *("_bz2", "_ctypes", "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_lzma"),
    *("_sqlite3", "_ssl", "_tkinter", "_uuid", "_zstd", "readline"),
)
# Flags that say something about the build's paths or output, not about the code.
_NOT_CODE = re.compile(r"-f(macro|file|debug)-prefix-map=|-fdiagnostics|-f?freestanding|-g")


def flags(build_dir):
    """The flags that decide about the code of CPython in a board's build.

    The last -O counts, as for the compiler.
    """
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        if entry["file"].endswith("/Python/ceval.c"):
            return code_flags(shlex.split(entry["command"]))
    raise MachineError(f"{build_dir} does not say how it compiles Python/ceval.c")


def code_flags(words):
    """Keep of a compiler command what decides about the code.

    >>> code_flags("gcc -O2 -DX=1 -fwrapv -g -m64 -fmacro-prefix-map=/a=B -O3 -c x.c".split())
    ['-fwrapv', '-m64', '-O3']
    """
    kept = [word for word in words if word[:2] in ("-f", "-m") and not _NOT_CODE.match(word)]
    levels = [word for word in words if word.startswith("-O")]
    return kept + levels[-1:]


def python(tree, build_dir):
    """Build the reference once, and return its executable."""
    wanted = flags(build_dir)
    source = tree.cpython
    mark = hashlib.sha256(f"{source} {wanted} {_LEFT_OUT}".encode()).hexdigest()[:8]
    name = f"cpython-{workspace.cpython_version(source)}-linux-{mark}"
    home = CACHE / name
    executable = home / "python"
    with lock.held(name):
        if not (home / "done").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            _build(source, home, wanted)
            (home / "done").touch()
    return executable


def _build(source, home, wanted):
    # Modules inside the executable, as in the image; position independence would cost both.
    env = {key: value for key, value in os.environ.items() if key not in ("CC", "CFLAGS")}
    env |= {"MODULE_BUILDTYPE": "static"}
    env |= {"OPT": shlex.join(["-DNDEBUG", "-g", *wanted]), "LDFLAGS": "-no-pie"}
    configure = [str(source / "configure"), "--without-ensurepip", "--disable-test-modules"]
    configure += [f"py_cv_module_{module}=n/a" for module in _LEFT_OUT]
    LOG.mkdir(parents=True, exist_ok=True)
    log_path = LOG / "build-reference.log"
    make = ["make", f"-j{os.cpu_count() or 1}", "python"]
    title = "building the same CPython for Linux"
    with open(log_path, "w") as log, Step(title) as step:
        for command in (configure, make):
            log.write(f"$ {shlex.join(command)}\n")
            log.flush()
            if run_logged(command, log, lambda line: step.update(_short(line)), home, env):
                raise BuildError(f"the build of the reference failed; its log: {log_path}")


def _short(line):
    # A compiler's command is longer than any line; what it compiles stands last.
    return Path(line.split()[-1]).name if line and line.startswith("gcc") else line


def _command(executable, runner, kernels, names):
    return [str(executable), "-B", "-S", str(runner), str(kernels), *names]


def seconds(executable, runner, kernels, names):
    """Run the kernels; return {name: nanoseconds of this computer}."""
    done = _run(_command(executable, runner, kernels, names))
    return {name: int(value) for name, value in map(str.split, done.splitlines())}


def instructions(executable, runner, kernels, names):
    """Run the kernels under callgrind; return {name: instructions}."""
    if not shutil.which("valgrind"):
        raise Missing(
            "counting instructions on Linux needs Valgrind; on Debian and Ubuntu:\n"
            "  sudo apt-get install valgrind"
        )
    with tempfile.TemporaryDirectory(prefix="zpy-") as directory:
        out = Path(directory) / "out"
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        valgrind.append(f"--dump-before={MARK}")
        with Step("counting the instructions on Linux"):
            _run(valgrind + _command(executable, runner, kernels, names))
        # Each call of the mark ends a part: 1 start, 2 the first kernel, 3 between, 4 …
        parts = [out.with_name(f"out.{2 * i + 2}") for i in range(len(names))]
        return {name: total(part.read_text()) for name, part in zip(names, parts, strict=True)}


def total(part):
    """The instructions in a part of callgrind's output.

    >>> total("events: Ir\\nsummary: 1234\\n")
    1234
    """
    found = re.search(r"^(?:summary|totals): (\d+)", part, re.MULTILINE)
    if not found:
        raise MachineError("callgrind's output has no total")
    return int(found.group(1))


def _run(command):
    # The same hashes in every run; on the machine they are random.
    env = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        raise MachineError(f"{shlex.join(command[:4])} … failed with {done.returncode}")
    return done.stdout
